"""Letters in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.letters import Letter, LetterState
from offbrand.domain.values import FARTHEST_AHEAD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from offbrand.adapters.memory.tables import Tables


@attrs.frozen
class MemoryLetters:
    """`Letters` over a dictionary."""

    _tables: Tables

    def add(self, letter: Letter) -> None:
        """Store a letter that waits."""
        self._tables.letters[letter.id] = letter

    def lease(self, limit: int, at: datetime, until: datetime) -> Sequence[Letter]:
        """Lease what is due and free."""
        due = [
            letter
            for letter in self._tables.letters.values()
            if letter.state is LetterState.WAITING
            and _is_over(letter.due_at, at)
            and (letter.leased_until is None or _is_over(letter.leased_until, at))
        ]
        leased = [
            attrs.evolve(letter, leased_until=until)
            for letter in sorted(due, key=lambda letter: (letter.due_at, letter.id))[:limit]
        ]
        self._tables.letters.update({letter.id: letter for letter in leased})
        return leased

    def settle(self, letter: Letter) -> None:
        """Store how an attempt ended, where the letter still waits under that lease."""
        stored = self._tables.letters.get(letter.id)
        is_mine = stored is not None and stored.leased_until == letter.leased_until
        if stored is not None and is_mine and stored.state is LetterState.WAITING:
            self._tables.letters[letter.id] = attrs.evolve(letter, leased_until=None)

    def counts(self) -> Mapping[LetterState, int]:
        """Count by state."""
        states = [letter.state for letter in self._tables.letters.values()]
        return {state: states.count(state) for state in LetterState}

    def troubled(self, limit: int) -> Sequence[Letter]:
        """Find the dead, then the delayed, last due first."""
        stuck = [letter for letter in self._tables.letters.values() if letter.attempts > 0]
        last_due_first = sorted(stuck, key=lambda letter: (letter.due_at, letter.id), reverse=True)
        in_turn = (LetterState.DEAD, LetterState.WAITING)
        return [letter for state in in_turn for letter in last_due_first if letter.state is state][:limit]

    def requeue(self, at: datetime, letter_id: UUID | None = None) -> int:
        """Make dead letters wait again."""
        dead = [
            letter
            for letter in self._tables.letters.values()
            if letter.state is LetterState.DEAD and letter_id in (None, letter.id)
        ]
        for letter in dead:
            self._tables.letters[letter.id] = attrs.evolve(
                letter, state=LetterState.WAITING, attempts=0, due_at=at, leased_until=None
            )
        return len(dead)


def _is_over(moment: datetime, at: datetime) -> bool:
    return moment <= at or moment > at + FARTHEST_AHEAD
