"""Fallback throttle: a quick throttle that may fail, and a sure one that then counts in its stead."""

from __future__ import annotations

import logging
import threading
import time
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from offbrand.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from offbrand.domain.policy import Allowance
    from offbrand.domain.ports import Throttle

_Answer = TypeVar("_Answer")
_PAUSE = 10.0  # seconds until what has failed is asked again
_log = logging.getLogger(__name__)


class FallbackThrottle:
    """
    A `Throttle` over two: keys that *stays* names are always counted by *sure*, all others by *quick* while it answers.

    When *quick* fails, *sure* takes over, and neither knows the other's counts: a window with an outage allows twice as
    much, and once more if *quick* comes back empty. *quick* must drop by itself what is over.
    """

    def __init__(
        self,
        quick: Throttle,
        sure: Throttle,
        stays: Callable[[str], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quick = quick
        self._sure = sure
        self._stays = stays
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._rests_until: float | None = None
        self._owed: set[str] = set()

    def count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        """Count under each allowance in turn, up to the first that is spent, each where it belongs."""
        for stays, run in groupby(allowances, lambda allowance: self._stays(allowance.key)):
            together = list(run)
            spent = self._sure.count(together, at) if stays else self._count(together, at)
            if spent is not None:
                return spent
        return None

    def forget(self, key: str) -> None:
        """Start the count of *key* afresh, wherever it may have been counted."""
        self._sure.forget(key)
        if not self._stays(key):
            # What rests is told when it is back: a mailbox whose links are void must be able to get another one. Owed
            # before anybody is asked, so that whoever finds it back in between tells it, or we do.
            with self._lock:
                self._owed.add(key)
            self._ask(lambda throttle: None if throttle is self._sure else self._pay(key))

    def sweep(self, at: datetime) -> int:
        """Drop the sure counts whose window is over."""
        return self._sure.sweep(at)

    def _count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        return self._ask(lambda throttle: throttle.count(allowances, at))

    def _ask(self, question: Callable[[Throttle], _Answer]) -> _Answer:
        """Ask the quick one, or the sure one if that does not answer or did not answer a moment ago."""
        resting = self._rests_until
        if resting is not None and not self._is_rested():
            return question(self._sure)
        try:
            if resting is not None:
                self._settle()
            answer = question(self._quick)
        except Unavailable as refusal:
            self._rest(refusal)
            return question(self._sure)
        if resting is not None:
            self._resume()
        return answer

    def _is_rested(self) -> bool:
        """Return whether to try again; only one caller is told so, and meanwhile nobody else waits for the answer."""
        with self._lock:
            now = self._monotonic()
            if self._rests_until is None or now < self._rests_until:
                return False
            self._rests_until = now + _PAUSE
            return True

    def _rest(self, refusal: Unavailable) -> None:
        with self._lock:
            is_new = self._rests_until is None
            self._rests_until = self._monotonic() + _PAUSE
        if is_new:
            # Once and not for each request, or a flood would fill the log as well.
            reason = type(refusal.__cause__ or refusal).__name__
            quick, sure = type(self._quick).__name__, type(self._sure).__name__
            _log.warning("%s does not do its part (%s); %s counts in its stead.", quick, reason, sure)

    def _pay(self, key: str) -> None:
        with self._lock:
            self._owed.discard(key)  # first, as it may be owed anew meanwhile
        try:
            self._quick.forget(key)
        except Unavailable:
            with self._lock:
                self._owed.add(key)
            raise

    def _settle(self) -> None:
        with self._lock:
            owed = list(self._owed)
        for key in owed:
            self._pay(key)

    def _resume(self) -> None:
        try:
            while not self._is_even():
                self._settle()
        except Unavailable as refusal:
            self._rest(refusal)
        else:
            _log.warning("%s counts again.", type(self._quick).__name__)

    def _is_even(self) -> bool:
        """Return whether nothing is owed, and then let everybody ask the quick one again."""
        with self._lock:
            if not self._owed:
                self._rests_until = None
            return not self._owed
