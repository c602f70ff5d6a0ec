"""Stopping: Ctrl-C and SIGTERM ask a server to end; asked again, they end it at once."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Wish:
    """Whether the program has been asked to end, and by which signal."""

    def __init__(self) -> None:
        self.signal: int | None = None

    @property
    def is_stop(self) -> bool:
        """Whether it has."""
        return self.signal is not None


@contextmanager
def stop_on_signals() -> Iterator[Wish]:
    """Turn the first signal in the block into a wish, and let the second one act as usual."""
    wish = Wish()
    usual = {number: signal.getsignal(number) for number in _SIGNALS}

    def note(number: int, _frame: FrameType | None) -> None:
        wish.signal = number
        for each in _SIGNALS:
            signal.signal(each, usual[each])

    for number in _SIGNALS:
        signal.signal(number, note)
    try:
        yield wish
    finally:
        for number in _SIGNALS:
            signal.signal(number, usual[number])


@contextmanager
def until_told_to_stop() -> Iterator[Callable[[], object]]:
    """Lend a function that returns when the program is asked to end; threads begun in the block are left alone."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield lambda: signal.sigwait(_SIGNALS)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
