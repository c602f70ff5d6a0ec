"""Mail: the commands that let letters leave, and tell how they fare."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from offbrand.domain.letters import LetterState
from offbrand.entrypoints.cli import printing, records
from offbrand.entrypoints.cli.announcing import announce
from offbrand.entrypoints.cli.core import core
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.delivering import delivering
from offbrand.entrypoints.failures import EX_TEMPFAIL
from offbrand.entrypoints.logs import log_to_stderr
from offbrand.entrypoints.stopping import stop_on_signals, until_told_to_stop
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from offbrand.domain.auth import Auth

_COLUMNS = ["id", "kind", "state", "attempts", "due_at", "last_error"]
_ENDED_BY = 128  # what a shell adds to the number of the signal that ended a program


@click.group()
def mail() -> None:
    """Look after letters."""


@mail.command()
@printing.json_option
def status(*, as_json: bool) -> None:
    """
    Show how letters fare, and why some could not leave.

    The last of these are listed: first those that were given up, then those that will be tried again. The id of a
    letter is what its Message-ID begins with.
    """
    with core() as auth:
        found = auth.delivery.status()
    counts, troubled = _in_full(found.counts), [records.letter(letter) for letter in found.troubled]
    if as_json:
        printing.document({**counts, "troubled": troubled})
        return
    printing.record(counts, as_json=False)
    if troubled:
        printing.say("")
        printing.listing("letters", troubled, _COLUMNS, as_json=False)


@mail.command()
@click.option("--watch", is_flag=True, help="Go on until stopped, instead of ending when nothing is due.")
@printing.json_option
def deliver(*, watch: bool, as_json: bool) -> None:
    """
    Send the letters that are due.

    Where `offbrand serve` does not do it, something must run this with --watch. Ctrl-C lets the letter that is on its
    way end first.
    """
    if watch:
        _watch()
        return
    sent: Counter[LetterState] = Counter()
    with core() as auth, stop_on_signals() as wish, printing.counting() as show:

        def progress(state: LetterState) -> None:
            sent[state] += 1
            show(sent.total())

        while auth.delivery.deliver(progress=progress, until=lambda: wish.is_stop):
            pass
    printing.record(_in_full(sent), as_json=as_json)
    if wish.signal is not None:
        click.get_current_context().exit(_ENDED_BY + wish.signal)
    if stuck := sent[LetterState.WAITING] + sent[LetterState.DEAD]:
        raise Stop(f"{stuck} could not leave; offbrand mail status says why.", EX_TEMPFAIL, "letters_stuck")


@mail.command()
@click.argument("letter_ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@printing.json_option
def retry(letter_ids: tuple[UUID, ...], *, as_json: bool) -> None:
    """
    Try letters again that were given up.

    All of them, or those of the given ids, which `offbrand mail status` tells. Letters whose links mean nothing any
    more are not sent.
    """
    with core() as auth:
        count = auth.delivery.retry(letter_ids or None)
    printing.record({"waiting_again": count}, as_json=as_json)


def _watch() -> None:
    settings = Settings.from_env()
    log_to_stderr(settings.log_format)
    with core(settings) as auth, until_told_to_stop() as wait:
        _check(auth)
        with delivering(auth):
            announce("Delivering letters; Ctrl-C ends it.", settings.log_format)
            wait()


def _check(auth: Auth) -> None:
    """Fail now rather than in the thread, which would try for ever."""
    auth.delivery.status()


def _in_full(counts: Mapping[LetterState, int]) -> Mapping[str, int]:
    return {state.value: counts.get(state, 0) for state in LetterState}
