"""Doctor: the command that tells whether a deployment is well."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import click

from offbrand.entrypoints.cli import printing
from offbrand.entrypoints.cli.checks import examine
from offbrand.entrypoints.cli.checks.finding import State
from offbrand.entrypoints.escaping import shown
from offbrand.entrypoints.failures import EX_CONFIG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offbrand.entrypoints.cli.checks.finding import Finding

_WIDEST = 100
_INDENT = 22  # of sentences, behind a state and a name
_SHOWN = {State.OK: "ok", State.WARNING: "warning", State.BAD: "BAD", State.SKIPPED: "skipped"}


def _duration(_context: click.Context, _parameter: click.Parameter, text: str) -> timedelta:
    match = re.fullmatch(r"([1-9]\d{0,4})(ms|s)", text)
    found = timedelta(milliseconds=int(match[1]) * (1 if match[2] == "ms" else 1000)) if match else timedelta()
    if not timedelta() < found <= timedelta(seconds=10):
        raise click.BadParameter("a time such as 250ms or 1s, at most 10s.")
    return found


@click.command()
@click.option(
    "--target-time",
    metavar="TIME",
    default="250ms",
    show_default=True,
    callback=_duration,
    help="How long hashing a password should take.",
)
@printing.json_option
@click.pass_context
def doctor(context: click.Context, *, target_time: timedelta, as_json: bool) -> None:
    """
    Check settings, keys, mail, database and what else may ail.

    Ends with 0 if nothing is bad, warnings or not, and with 78 if something is. Greets the mail server, but sends
    nothing; counts one made-up guess; changes nothing else.
    """
    states: Counter[State] = Counter()
    found = []
    for name, finding in examine(target_time):
        states[finding.state] += 1
        found.append({"check": name, **attrs.asdict(finding)})
        if not as_json:
            _tell(name, finding)
    is_healthy = not states[State.BAD]
    if as_json:
        printing.document({"healthy": is_healthy, "findings": found})
    else:
        printing.say("")
        printing.say(_summary(states))
    context.exit(0 if is_healthy else EX_CONFIG)


def _tell(name: str, finding: Finding) -> None:
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    head = f"{_SHOWN[finding.state]:8}{name.replace('_', ' '):{_INDENT - 8}}"
    for first, text in ((head, finding.finding), (f"{'':{_INDENT}}-> ", finding.advice)):
        if not text:
            continue
        # Neither a command nor a path becomes two.
        wrapped = textwrap.wrap(
            shown(text),
            max(width, 2 * _INDENT),
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in wrapped:
            printing.say(line)


def _summary(states: Mapping[State, int]) -> str:
    bad, warnings, skipped = states[State.BAD], states[State.WARNING], states[State.SKIPPED]
    if not bad and not warnings:
        return "All is well."
    counts = [f"{bad} bad", _many(warnings, "warning")] + ([f"{skipped} skipped"] if skipped else [])
    return f"{', '.join(counts)}. {'Something has to be mended.' if bad else 'Nothing has to be mended.'}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
