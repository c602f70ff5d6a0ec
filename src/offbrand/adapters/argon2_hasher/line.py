"""Line: threads that want to hash, kept in their lanes until it is their turn."""

from __future__ import annotations

import os
import threading
import weakref
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.domain.errors import Busy
from offbrand.domain.lanes import WAITING_PER_SLOT, Lanes

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 0.6  # seconds of waiting, after which the answer is Busy; what is left of a second is for telling that


class Line:
    """Who may hash, who waits for it and who is turned away: ``slots`` at work, four times as many behind them."""

    def __init__(self, slots: int, patience: float = PATIENCE) -> None:
        self._slots = slots
        self._patience = patience
        self.start_afresh()
        _LINES.add(self)

    def start_afresh(self) -> None:
        """Forget everybody; a forked process inherits those who hash in its parent, and perhaps a closed lock."""
        self._lock = threading.Lock()
        self._lanes = Lanes[Future[bool]](self._slots, self._slots * WAITING_PER_SLOT)

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        with self._lock:
            return self._lanes.waiting

    @contextmanager
    def slot(self, network: str | None) -> Iterator[None]:
        """
        Wait for a turn of *network*, and work while the block lasts.

        Raises:
            Busy: If there are too many others, or it takes longer than anybody should wait.
        """
        turn = Future[bool]()
        try:
            self._join(network, turn)
            if not self._is_granted(turn):
                raise Busy
            yield
        finally:
            self._leave(network, turn)

    def _join(self, network: str | None, turn: Future[bool]) -> None:
        with self._lock:
            turned_away = self._lanes.join(network, turn)
            if turned_away:
                turned_away.set_result(False)
            self._serve()

    def _is_granted(self, turn: Future[bool]) -> bool:
        try:
            return turn.result(self._patience)
        except TimeoutError:
            return False

    def _leave(self, network: str | None, turn: Future[bool]) -> None:
        with self._lock:
            self._lanes.leave(network, turn)
            self._serve()

    def _serve(self) -> None:
        turn = self._lanes.serve()
        if turn:
            turn.set_result(True)


_LINES: weakref.WeakSet[Line] = weakref.WeakSet()


def _start_lines_afresh() -> None:
    for line in list(_LINES):
        line.start_afresh()


if hasattr(os, "register_at_fork"):  # Windows knows no fork
    os.register_at_fork(after_in_child=_start_lines_afresh)
