"""Lanes: who is served next and who is turned away; one lane for each network, served in turn (law L7)."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

import attrs

G = TypeVar("G")
Network = str | None
REMEMBERED = 1024  # networks
# Of those who are to hash: with the recommended parameters a core does so six to ten times a second, so that four turns
# are over within one.
WAITING_PER_SLOT = 4
_CAME_IN_VAIN = 1  # before all that were dealt with, and after 0, which are new


@attrs.define(eq=False)
class _Lane(Generic[G]):
    """Guests of one network; ``since`` is when it was last dealt with before it opened, or served since."""

    since: int
    guests: deque[G] = attrs.field(factory=deque)


class Lanes(Generic[G]):
    """
    Guests at work in ``slots``, and behind them lanes in which ``room`` guests wait in all; no threads and no time.

    The lane that was not served for longest is next, so that lanes take turns. What is beyond the room is cut off the
    longest lane; of equals, off that whose network was served or turned away last. So who comes for the first time
    goes before who comes again and again, for which the last ``memory`` networks are remembered. A lane in which nobody
    waits does not exist.
    """

    def __init__(self, slots: int, room: int, memory: int = REMEMBERED) -> None:
        self._slots = slots
        self._room = room
        self._memory = memory
        self._at_work = set[G]()
        self._lanes = dict[Network, _Lane[G]]()
        self._now = _CAME_IN_VAIN
        self._dealt_with = dict[Network, int]()

    @property
    def free(self) -> int:
        """How many slots nobody is at work in."""
        return self._slots - len(self._at_work)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(lane.guests) for lane in self._lanes.values())

    @property
    def known(self) -> int:
        """How many networks are kept in mind, because they wait or because they were dealt with."""
        return len(self._lanes.keys() | self._dealt_with.keys())

    def join(self, network: Network, guest: G) -> G | None:
        """Let *guest* wait behind others of its network; return who has to go for that, perhaps *guest* itself."""
        lane = self._lanes.setdefault(network, _Lane(self._dealings(network)))
        lane.guests.append(guest)
        if self.waiting <= self._room:
            return None
        # Backwards, so that of equals in everything the one that opened last is cut.
        longest = max(reversed(self._lanes), key=lambda name: (len(self._lanes[name].guests), self._dealings(name)))
        cut = self._lanes[longest].guests.pop()
        self._deal_with(longest)
        return cut

    def serve(self) -> G | None:
        """Put to work whose turn it is; return None if there is nobody or no slot."""
        if not self._lanes or not self.free:
            return None
        network = min(self._lanes, key=lambda name: self._lanes[name].since)
        lane = self._lanes[network]
        guest = lane.guests.popleft()
        lane.since = self._deal_with(network)
        self._at_work.add(guest)
        return guest

    def leave(self, network: Network, guest: G) -> None:
        """
        Let *guest* go, whether it was at work, waited, or was turned away before.

        Who gives up waiting has had no turn: its network goes before all that had one, and after those that are new.
        """
        self._at_work.discard(guest)
        lane = self._lanes.get(network)
        if lane and guest in lane.guests:
            lane.guests.remove(guest)
            if not lane.guests:
                del self._lanes[network]
                self._note(network, self._dealings(network) or _CAME_IN_VAIN)

    def _dealings(self, network: Network) -> int:
        return self._dealt_with.get(network, 0)

    def _deal_with(self, network: Network) -> int:
        if not self._lanes[network].guests:
            del self._lanes[network]
        self._now += 1
        self._note(network, self._now)
        return self._now

    def _note(self, network: Network, since: int) -> None:
        # Taken out first, so that who was here longest ago stands in front, and is forgotten first.
        self._dealt_with.pop(network, None)
        self._dealt_with[network] = since
        if len(self._dealt_with) > self._memory:
            del self._dealt_with[next(iter(self._dealt_with))]
