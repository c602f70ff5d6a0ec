"""L7: who hashes next and who is turned away, told without threads or time."""

from __future__ import annotations

from collections import Counter
from itertools import count

from hypothesis import example, given
from hypothesis import strategies as st

from offbrand.domain.lanes import Lanes

PERSON = "192.0.2.1"
# A network comes, who has had a slot for longest leaves, or who has waited for longest does not want to any more.
STEPS = [*[("comes", name) for name in (None, "a", "b", "c")], ("leaves", None), ("gives up", None)]
stories = st.lists(st.sampled_from(STEPS), min_size=20, max_size=40)


class Hall:
    """Guests in lanes, and where each of them stands."""

    def __init__(self, slots: int = 2, room: int = 4, memory: int = 100) -> None:
        self.lanes = Lanes[int](slots, room, memory)
        self._numbers = count()
        self.network = dict[int, str | None]()
        self.at_work, self.waiting = list[int](), list[int]()
        self.turned_away, self.served = list[int](), list[int]()

    def come(self, network: str | None) -> int:
        """Let a guest come and be served or turned away, if that is to be."""
        guest = next(self._numbers)
        self.network[guest] = network
        self.waiting.append(guest)
        cut = self.lanes.join(network, guest)
        if cut is not None:
            self.waiting.remove(cut)
            self.turned_away.append(cut)
        self._serve()
        return guest

    def leave(self, standing: list[int]) -> None:
        """Let the first of those who stand there go."""
        if standing:
            guest = standing.pop(0)
            self.lanes.leave(self.network[guest], guest)
            self._serve()

    def play(self, story: list[tuple[str, str | None]]) -> None:
        """Let one thing happen after the other."""
        for what, network in story:
            if what == "comes":
                self.come(network)
            else:
                self.leave(self.at_work if what == "leaves" else self.waiting)

    def _serve(self) -> None:
        while (guest := self.lanes.serve()) is not None:
            self.waiting.remove(guest)
            self.at_work.append(guest)
            self.served.append(guest)


@given(stories, st.integers(1, 3), st.integers(1, 5), st.integers(0, 3))
def test_slots_room_and_memory_are_bounded_and_no_slot_is_idle_while_somebody_waits(
    story: list[tuple[str, str | None]], slots: int, room: int, memory: int
) -> None:
    hall = Hall(slots, room, memory)
    for step in story:
        hall.play([step])
        assert len(hall.at_work) <= slots
        assert hall.lanes.waiting == len(hall.waiting) <= room
        assert not hall.waiting or len(hall.at_work) == slots
        assert hall.lanes.known <= memory + len({hall.network[guest] for guest in hall.waiting})
        assert sorted(hall.served + hall.waiting) == sorted(set(hall.served + hall.waiting))


@given(stories)
def test_no_network_is_served_twice_while_another_waits(story: list[tuple[str, str | None]]) -> None:
    """Whatever the others do: every network that waits has its turn within one round."""
    hall = Hall()
    others = dict[str | None, list[str | None]]()  # for each network that waits, who has been served since
    for step in story:
        before = len(hall.served)
        hall.play([step])
        served = [hall.network[guest] for guest in hall.served[before:]]
        waiting = {hall.network[guest] for guest in hall.waiting} - set(served)
        others = {name: others.get(name, []) + (served if name in others else []) for name in waiting}
        assert all(len(names) == len(set(names)) for names in others.values())


@given(stories)
@example([*[("comes", "a")] * 5, ("leaves", None)])
def test_within_one_network_who_came_first_is_served_first(story: list[tuple[str, str | None]]) -> None:
    hall = Hall()
    hall.play(story)
    for network in set(hall.network.values()):
        own = [guest for guest in hall.served if hall.network[guest] == network]
        assert own == sorted(own)


@given(stories)
def test_who_is_turned_away_leaves_a_lane_that_was_the_longest(story: list[tuple[str, str | None]]) -> None:
    """So a network with fewer guests than another has room."""
    hall = Hall()
    for step in story:
        lengths = Counter(hall.network[guest] for guest in hall.waiting)
        before = len(hall.turned_away)
        hall.play([step])
        for guest in hall.turned_away[before:]:
            lengths[step[1]] += 1
            assert lengths[hall.network[guest]] == max(lengths.values())


def test_a_network_that_floods_keeps_nobody_else_out() -> None:
    hall = Hall(slots=2, room=4)
    for _ in range(100):
        hall.come("flood")
    person = hall.come(PERSON)
    for _ in range(100):
        hall.come("flood")
    hall.leave(hall.at_work)
    assert person in hall.at_work


def test_a_network_that_comes_for_the_first_time_goes_before_any_number_that_come_again_and_again() -> None:
    hall = Hall(slots=2, room=4)
    for _ in range(3):
        for number in range(50):
            hall.come(f"flood {number}")
    person = hall.come(PERSON)
    assert person in hall.waiting
    for number in range(50):
        hall.come(f"flood {number}")
    hall.leave(hall.at_work)
    assert person in hall.at_work


def test_who_gives_up_has_not_had_a_turn_and_is_still_the_next_to_have_one() -> None:
    """Else who is asked to come back a moment later starts again behind the whole crowd."""
    hall = Hall(slots=1, room=4)
    hall.come("served before")
    hall.leave(hall.at_work)
    hall.come("at work")
    hall.come(PERSON)
    hall.leave(hall.waiting)
    hall.come("served before")
    again = hall.come(PERSON)
    hall.leave(hall.at_work)
    assert again in hall.at_work


def test_who_is_new_goes_before_those_who_gave_up() -> None:
    """Else a crowd that is kept waiting stays as new as everybody who comes after it."""
    hall = Hall(slots=1, room=4)
    hall.come("at work")
    for number in range(4):
        hall.come(f"crowd {number}")
    while hall.waiting:
        hall.leave(hall.waiting)
    for number in range(4):
        hall.come(f"crowd {number}")
    person = hall.come(PERSON)
    hall.leave(hall.at_work)
    assert person in hall.at_work


def test_any_number_of_networks_leaves_a_bounded_memory() -> None:
    hall = Hall(slots=2, room=4, memory=10)
    for number in range(1000):
        hall.come(f"flood {number}")
        if number % 3 == 0:
            hall.leave(hall.at_work)
    assert hall.lanes.known <= 10 + 4


def test_who_has_left_or_was_turned_away_may_leave_again() -> None:
    """As a forked process does for those who hash in its parent."""
    hall = Hall(slots=1, room=1)
    for _ in range(3):
        hall.come(PERSON)
    for guest in (2, 2, 99):
        hall.lanes.leave(PERSON, guest)
    assert (hall.at_work, hall.lanes.waiting, hall.lanes.serve()) == ([0], 1, None)
