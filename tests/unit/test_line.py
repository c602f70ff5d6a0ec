"""L7: threads in the line; never more at work than was agreed, nobody lost, and nobody kept for long."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from offbrand.adapters.argon2_hasher.line import Line
from offbrand.domain.errors import Busy
from offbrand.domain.lanes import WAITING_PER_SLOT

HERE = "192.0.2.1"
LONG = 60.0  # seconds, never waited for when all is well


class Crowd:
    """Threads that want to be served, and how that ended."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._threads = list[threading.Thread]()
        self.served, self.refusals = list[str](), list[Busy]()

    def come(self, *networks: str) -> None:
        """Let a thread of each network come, one after the other, until it waits or is turned away."""
        for network in networks:
            before = self._line.waiting, len(self.refusals)
            thread = threading.Thread(target=partial(self._want, network))
            thread.start()
            self._threads.append(thread)
            deadline = time.monotonic() + LONG
            while (self._line.waiting, len(self.refusals)) == before and thread.is_alive():
                assert time.monotonic() < deadline

    def end(self) -> None:
        """Wait until all of them are through."""
        for thread in self._threads:
            thread.join()

    def _want(self, network: str) -> None:
        try:
            with self._line.slot(network):
                self.served.append(network)
        except Busy as refusal:
            self.refusals.append(refusal)


def test_never_more_than_the_slots_at_work_and_nobody_lost() -> None:
    line, guard = Line(slots=3, patience=LONG), threading.Lock()
    at_work, seen, done = 0, set[int](), 0

    def work() -> None:
        nonlocal at_work, done
        for _ in range(50):
            with line.slot(HERE):
                with guard:
                    at_work += 1
                    seen.add(at_work)
                with guard:
                    at_work -= 1
                    done += 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(seen) <= 3, done) == (True, 600)


def test_networks_are_served_in_turn() -> None:
    line = Line(slots=1, patience=LONG)
    crowd = Crowd(line)
    with line.slot("other"):
        crowd.come("a", "a", "b", "b")
    crowd.end()
    assert crowd.served == ["a", "b", "a", "b"]


def test_beyond_the_slots_and_their_line_the_answer_is_busy_at_once() -> None:
    line = Line(slots=1, patience=LONG)
    crowd = Crowd(line)
    with line.slot(HERE):
        crowd.come(*[HERE] * (WAITING_PER_SLOT + 3))
        assert ([refusal.retry_after for refusal in crowd.refusals], line.waiting) == ([1] * 3, WAITING_PER_SLOT)
    crowd.end()
    assert crowd.served == [HERE] * WAITING_PER_SLOT


def test_who_comes_from_another_network_takes_the_place_of_the_last_of_the_crowd() -> None:
    line = Line(slots=1, patience=LONG)
    crowd = Crowd(line)
    with line.slot(HERE):
        crowd.come(*[HERE] * (WAITING_PER_SLOT + 3), "203.0.113.9")
    crowd.end()
    assert (crowd.served.count("203.0.113.9"), len(crowd.served), len(crowd.refusals)) == (1, WAITING_PER_SLOT, 4)


def test_who_waits_too_long_is_told_and_leaves_no_gap() -> None:
    line = Line(slots=1, patience=0.01)
    crowd = Crowd(line)
    with line.slot(HERE):
        for network in ("a", "b", "c"):
            crowd.come(network)
        crowd.end()
    assert [refusal.retry_after for refusal in crowd.refusals] == [1, 1, 1]
    with line.slot(HERE):
        assert line.waiting == 0


def test_a_slot_is_given_back_when_its_block_ends_badly() -> None:
    line = Line(slots=1, patience=0.01)
    for _ in range(10):
        with pytest.raises(ZeroDivisionError), line.slot(HERE):
            raise ZeroDivisionError
    with line.slot(HERE):
        assert line.waiting == 0
