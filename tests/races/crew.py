"""Crew: processes that act on one database at the same moment, each with a core of its own."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
import traceback
from contextlib import contextmanager
from multiprocessing.reduction import ForkingPickler
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from offbrand.bootstrap import connected
from offbrand.domain.errors import AuthError
from offbrand.domain.values import Client, Password, PasswordHash, Secret, Token
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from multiprocessing.synchronize import Barrier

    from offbrand.domain.auth import Auth

WORKERS = 5
PATIENCE = 120  # seconds until a crew that has lost somebody gives up
_networks = itertools.count(1)


@attrs.frozen
class Call:
    """One call to a flow, such as ``login.log_in``."""

    flow: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]

    def on(self, auth: Auth) -> Outcome:
        """Make the call on *auth*."""
        try:
            value = attrgetter(self.flow)(auth)(*self.arguments, **self.keywords)
        except AuthError as refusal:
            return Outcome(code=refusal.code)
        except Exception:  # noqa: BLE001 - what is no refusal is what the race looks for
            return Outcome(code="defect", defect=f"{self.flow}: {traceback.format_exc()}")
        return Outcome(value=value)


@attrs.frozen(kw_only=True)
class Outcome:
    """How a call ended: ``ok`` with a value, the code of a refusal, or a defect with its traceback."""

    code: str = "ok"
    value: Any = None
    defect: str | None = None

    @property
    def is_ok(self) -> bool:
        return self.code == "ok"


# Who acts alone makes one call after the other; the lanes of one round begin together.
Lane = list[Call]
Round = list[Lane]


def call(flow: str, *arguments: object, **keywords: object) -> Call:
    """Return a call by a client with a network of its own, or by an operator where *keywords* name an actor."""
    if "actor" not in keywords:
        number = next(_networks)
        keywords.setdefault("client", Client(network=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
    return Call(flow, arguments, keywords)


class Crew:
    """The processes, from the first race to the last."""

    def __init__(self, processes: Sequence[SpawnProcess], pipes: Sequence[Connection], start: Barrier) -> None:
        self._processes = processes
        self._pipes = pipes
        self._start = start

    def race(self, environ: Mapping[str, str], rounds: Sequence[Round]) -> list[list[list[Outcome]]]:
        """Run each round on the database that *environ* names, its lanes at once; return how every call ended."""
        for place, pipe in enumerate(self._pipes):
            pipe.send((dict(environ), [_share(lanes, place) for lanes in rounds]))
        answers = [pipe.recv() for pipe in self._pipes]
        if failures := [answer for answer in answers if isinstance(answer, str)]:
            self._start.reset()
            raise RuntimeError("\n".join(failures))
        return [
            [answers[lane % WORKERS][number][lane // WORKERS] for lane in range(len(lanes))]
            for number, lanes in enumerate(rounds)
        ]

    def dismiss(self) -> None:
        """Let everybody go."""
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join(PATIENCE)


@contextmanager
def hired() -> Iterator[Crew]:
    """Start the processes, afresh and not as copies of this one; end them afterwards."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(WORKERS)
    pairs = [context.Pipe() for _ in range(WORKERS)]
    processes = [context.Process(target=_work, args=(theirs, start), daemon=True) for _, theirs in pairs]
    for process in processes:
        process.start()
    crew = Crew(processes, [ours for ours, _ in pairs], start)
    try:
        yield crew
    finally:
        crew.dismiss()


def _share(lanes: Round, place: int) -> Round:
    return lanes[place::WORKERS]


def _work(pipe: Connection, start: Barrier) -> None:
    while (errand := pipe.recv()) is not None:
        environ, rounds = errand
        try:
            with connected(Settings.from_env(environ)) as auth:
                auth.delivery.status()  # connects before the clock runs
                pipe.send([_run(auth, lanes, start) for lanes in rounds])
        except Exception:  # noqa: BLE001 - told to whoever asked
            start.abort()
            pipe.send(traceback.format_exc())


def _run(auth: Auth, lanes: Round, start: Barrier) -> list[list[Outcome]]:
    """Run every lane in a thread of its own, once the lanes of all processes are ready."""
    outcomes: list[list[Outcome]] = [[] for _ in lanes]
    ready = threading.Barrier(len(lanes) + 1, timeout=PATIENCE)

    def run(place: int) -> None:
        ready.wait()
        outcomes[place] = [each.on(auth) for each in lanes[place]]

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(lanes))]
    for thread in threads:
        thread.start()
    start.wait(PATIENCE)
    ready.wait()
    for thread in threads:
        thread.join()
    return outcomes


def _carried(kind: type[Secret]) -> Callable[[Secret], tuple[type[Secret], tuple[str]]]:
    return lambda secret: (kind, (secret.reveal(),))


# Secrets refuse to be pickled; from one process of a test to another, and nowhere else, they may go.
for _kind in (Password, PasswordHash, Token):
    ForkingPickler.register(_kind, _carried(_kind))
