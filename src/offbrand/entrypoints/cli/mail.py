"""Mail: the commands that let letters leave, and tell how they fare."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from offbrand.domain.letters import LetterState
from offbrand.entrypoints.cli import printing
from offbrand.entrypoints.cli.core import core
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.delivering import delivering
from offbrand.entrypoints.failures import EX_TEMPFAIL
from offbrand.entrypoints.stopping import until_told_to_stop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offbrand.domain.auth import Auth


@click.group()
def mail() -> None:
    """Look after letters."""


@mail.command()
@printing.json_option
def status(*, as_json: bool) -> None:
    """Show how many letters are in each state."""
    with core() as auth:
        counts = auth.delivery.status()
    printing.record(_in_full(counts), as_json=as_json)


@mail.command()
@click.option("--watch", is_flag=True, help="Go on until stopped, instead of ending when nothing is due.")
@printing.json_option
def deliver(*, watch: bool, as_json: bool) -> None:
    """
    Send the letters that are due.

    Where `offbrand serve` does not do it, something must run this with --watch.
    """
    if watch:
        _watch()
        return
    sent: Counter[LetterState] = Counter()
    with core() as auth:
        while batch := auth.delivery.deliver():
            sent.update(batch)
    printing.record(_in_full(sent), as_json=as_json)
    if stuck := sent[LetterState.WAITING] + sent[LetterState.DEAD]:
        raise Stop(f"{stuck} could not leave; offbrand -v mail deliver says why.", EX_TEMPFAIL, "letters_stuck")


@mail.command()
@printing.json_option
def retry(*, as_json: bool) -> None:
    """Try letters again that were given up."""
    with core() as auth:
        count = auth.delivery.retry()
    printing.record({"waiting_again": count}, as_json=as_json)


def _watch() -> None:
    printing.log_to_stderr()
    with core() as auth, until_told_to_stop() as wait:
        _check(auth)
        with delivering(auth):
            printing.remark("Delivering letters; Ctrl-C ends it.")
            wait()


def _check(auth: Auth) -> None:
    """Fail now rather than in the thread, which would try for ever."""
    auth.delivery.status()


def _in_full(counts: Mapping[LetterState, int]) -> Mapping[str, int]:
    return {state.value: counts.get(state, 0) for state in LetterState}
