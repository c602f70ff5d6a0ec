"""Throttle contract: counts that no crowd can slip past."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest

from offbrand.contracts.crowd import at_once
from offbrand.contracts.samples import AT, after
from offbrand.domain.policy import Allowance
from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from datetime import datetime

    from offbrand.domain.ports import Throttle

_WINDOW = timedelta(minutes=15)
_INSTANT = timedelta(microseconds=1)


def _allowance(key: str = "account:ann", limit: int = 3, window: timedelta | None = _WINDOW) -> Allowance:
    return Allowance(key, limit, window)


def _free(throttle: Throttle, *allowances: Allowance, at: datetime = AT, tries: int = 1) -> list[str | None]:
    """Return which key was spent at each of several tries, None where none was."""
    answers = [throttle.count(allowances, at) for _ in range(tries)]
    return [answer[0] if answer else None for answer in answers]


class ThrottleContract:
    """Override ``throttle``: each test wants one without counts."""

    # Whether counts vanish from the store on their own, so that there is nothing to sweep.
    forgets_by_itself: ClassVar[bool] = False

    @pytest.fixture
    def throttle(self) -> Throttle:
        raise NotImplementedError

    def test_as_many_attempts_are_free_as_allowed(self, throttle: Throttle) -> None:
        """The limit itself is free, and nothing beyond it, however often it is tried (L8)."""
        tries = _free(throttle, _allowance("a", 3), tries=6)
        assert tries == [None] * 3 + ["a"] * 3, f"L8 broke: with an allowance of 3, six tries gave {tries}"
        assert _free(throttle, _allowance("nothing", 0)) == ["nothing"], "L8 broke: an allowance of 0 gave one"

    def test_a_spent_key_tells_how_long_to_wait(self, throttle: Throttle) -> None:
        """The wait is what is left of the window, which tries beyond the limit do not prolong (L8)."""
        _free(throttle, _allowance("a", 1))
        waits = [throttle.count([_allowance("a", 1)], after(minutes=minute)) for minute in (0, 5, 14)]
        assert all(waits), "L8 broke: an attempt beyond the limit was free"
        for minute, answer in zip((0, 5, 14), waits, strict=True):
            assert answer is not None
            wait, left = answer[1], _WINDOW - timedelta(minutes=minute)
            assert wait is not None, "L8 broke: a window has no end"
            assert timedelta(0) < wait <= left, f"L8 broke: {wait} to wait where {left} of the window are left"
            assert wait > left - timedelta(seconds=2), f"L8 broke: {wait} to wait where {left} of the window are left"

    def test_a_window_ends_and_begins_anew(self, throttle: Throttle) -> None:
        """The count starts again a window after it began, at that moment and not before (L8)."""
        allowance = _allowance("a", 2)
        _free(throttle, allowance, tries=3)
        assert _free(throttle, allowance, at=AT + _WINDOW - _INSTANT) == ["a"], "L8 broke: a window was too short"
        tries = _free(throttle, allowance, at=AT + _WINDOW, tries=3)
        assert tries == [None, None, "a"], f"L8 broke: in a new window three tries gave {tries}"
        tries = _free(throttle, allowance, at=AT + 2 * _WINDOW - _INSTANT)
        assert tries == ["a"], "L8 broke: the second window did not begin with its first attempt"

    def test_a_clock_that_is_behind_frees_nothing(self, throttle: Throttle) -> None:
        """Machines' clocks differ a little; an earlier moment is still of the same window (L8)."""
        _free(throttle, _allowance("a", 1))
        assert _free(throttle, _allowance("a", 1), at=after(seconds=-2)) == ["a"], "L8 broke: going back freed a key"

    def test_without_a_window_only_forgetting_frees(self, throttle: Throttle) -> None:
        """Some counts end with another password and not with time, and say so (L8)."""
        allowance = _allowance("a", 1, None)
        _free(throttle, allowance)
        answer = throttle.count([allowance], after(days=3650))
        assert answer == ("a", None), f"L8 broke: a count without a window answered {answer} after ten years"
        throttle.forget("a")
        assert _free(throttle, allowance) == [None], "L8 broke: forgetting did not free a key"

    def test_counting_stops_at_the_first_spent_key(self, throttle: Throttle) -> None:
        """Keys before it are counted and keys behind it are not, so that a flood costs an account nothing (L8)."""
        network, identifier, account = (_allowance(key, limit) for key, limit in (("n", 3), ("i", 1), ("a", 2)))
        tries = _free(throttle, network, identifier, account, tries=4)
        assert tries == [None, "i", "i", "n"], f"L8 broke: the keys were spent in the order {tries}"
        tries = _free(throttle, account, tries=2)
        assert tries == [None, "a"], "L8 broke: a key behind a spent one was counted"

    def test_nothing_to_count_is_nothing_spent(self, throttle: Throttle) -> None:
        """An attempt under no allowance is free (L8)."""
        assert throttle.count([], AT) is None

    def test_forgetting_one_key_leaves_the_others(self, throttle: Throttle) -> None:
        """A success clears its own count only, and a key that nobody counted is forgotten as easily (L8)."""
        _free(throttle, _allowance("a", 1), _allowance("b", 1))
        throttle.forget("a")
        throttle.forget("nobody")
        assert _free(throttle, _allowance("a", 1)) == [None], "L8 broke: a forgotten key is still spent"
        assert _free(throttle, _allowance("b", 1)) == ["b"], "L8 broke: another key was forgotten"

    @pytest.mark.parametrize(
        ("key", "other"),
        [
            ("mail:ann", "mail:Ann"),
            ("mail:ann", "mail:ann "),
            ("network:192.0.2.1", "network:192.0.2.10"),
            ("network:2001:db8::/48", "network:2001:db8::/64"),
            ("identifier:" + "0" * 64, "identifier:" + "0" * 63 + "1"),
            ("network:?", "network:*"),
            ("network:é", "network:e"),
        ],
    )
    def test_keys_are_told_apart_to_the_letter(self, throttle: Throttle, key: str, other: str) -> None:
        """No collation, pattern or prefix lets two keys share a count (L8)."""
        _free(throttle, _allowance(key, 1))
        assert _free(throttle, _allowance(other, 1)) == [None], f"L8 broke: {other!r} was counted as {key!r}"
        throttle.forget(other)
        assert _free(throttle, _allowance(key, 1)) == [key], f"L8 broke: forgetting {other!r} freed {key!r}"

    def test_only_what_is_over_is_swept(self, throttle: Throttle) -> None:
        """Sweeping frees nobody; it tells how many counts it dropped (L8)."""
        _free(throttle, _allowance("over", 1), _allowance("over, too", 1, timedelta(minutes=5)))
        _free(throttle, _allowance("live", 1, timedelta(hours=1)), _allowance("endless", 1, None))
        assert throttle.sweep(AT + timedelta(minutes=5) - _INSTANT) == 0, "L8 broke: a sweep came too early"
        swept = throttle.sweep(AT + _WINDOW)
        assert swept == (0 if self.forgets_by_itself else 2), (
            f"L8 broke: of two counts that are over {swept} were swept"
        )
        assert throttle.sweep(AT + _WINDOW) == 0
        live = _free(throttle, _allowance("live", 1, timedelta(hours=1)), at=AT + _WINDOW)
        endless = _free(throttle, _allowance("endless", 1, None), at=AT + _WINDOW)
        assert (live, endless) == (["live"], ["endless"]), "L8 broke: a sweep freed a key"

    def test_what_a_clock_that_was_ahead_has_begun_is_swept_and_not_freed_before(self, throttle: Throttle) -> None:
        """Two machines whose clocks disagree must not free one another's counts; a sweep compares clocks first (L8)."""
        spent = _allowance("wrong", 1)
        ahead = AT + 10 * FARTHEST_AHEAD
        _free(throttle, spent, at=ahead)
        assert _free(throttle, spent) == ["wrong"], "L8 broke: a clock that is behind frees what another has counted"
        assert throttle.sweep(AT) == (0 if self.forgets_by_itself else 1), (
            "L8 broke: a count that a wrong clock has begun is never swept"
        )

    def test_a_crowd_gets_exactly_its_allowance(self, throttle: Throttle) -> None:
        """200 attempts at once are counted one by one: an allowance of 10 frees 10 of them (L8, THR-04)."""
        allowances = [_allowance("network", 1000), _allowance("account", 10, None)]
        results = at_once(20, lambda _: _free(throttle, *allowances, tries=10))
        broken = [result for result in results if isinstance(result, Exception)]
        assert broken == [], f"L8 broke: counting in a crowd raised {broken[:1]}"
        free = [answer for result in results if isinstance(result, list) for answer in result].count(None)
        assert free == 10, f"L8 broke: of 200 attempts at once {free} were free where 10 may be"
        assert _free(throttle, _allowance("network", 200)) == ["network"], "L8 broke: attempts were lost in the crowd"

    def test_a_crowd_that_opens_a_window_gets_one_allowance(self, throttle: Throttle) -> None:
        """When a window is over, only one new one begins, whoever comes first (L8)."""
        _free(throttle, _allowance("a", 5), tries=6)
        results = at_once(20, lambda _: _free(throttle, _allowance("a", 5), at=AT + _WINDOW))
        free = results.count([None])
        assert free == 5, f"L8 broke: {free} attempts were free at the beginning of a window where 5 may be"
