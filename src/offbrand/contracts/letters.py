"""Letters contract: a letter that waits is sent by one at a time, and settled once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.contracts.crowd import at_once
from offbrand.contracts.samples import AT, after, letter, new_id, rolled_back, shown, store
from offbrand.domain.letters import LetterState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from offbrand.domain.letters import Letter
    from offbrand.domain.ports import UnitOfWork

_LEASE = timedelta(minutes=5)
_NONE = dict.fromkeys(LetterState, 0)
_ENDS: dict[LetterState, Callable[[Letter], Letter]] = {
    LetterState.SENT: lambda letter: letter.sent(AT),
    LetterState.DEAD: lambda letter: letter.dead("550 no such mailbox"),
    LetterState.VOID: lambda letter: letter.void(),
    LetterState.EXPIRED: lambda letter: letter.expired(),
}


def _lease(unit_of_work: UnitOfWork, at: datetime = AT, limit: int = 100) -> Sequence[Letter]:
    with unit_of_work.writing() as tx:
        return tx.letters.lease(limit, at, at + _LEASE)


def _settle(unit_of_work: UnitOfWork, *letters: Letter) -> None:
    with unit_of_work.writing() as tx:
        for each in letters:
            tx.letters.settle(each)


def _counts(unit_of_work: UnitOfWork) -> Mapping[LetterState, int]:
    with unit_of_work.reading() as tx:
        return tx.letters.counts()


class LettersContract:
    """Needs a fixture ``unit_of_work``."""

    def test_due_letters_are_leased_the_oldest_first(self, unit_of_work: UnitOfWork) -> None:
        """A letter is leased from the moment at which it is due, and comes back whole (L5)."""
        late, now, early = (letter(due_at=after(seconds=second)) for second in (1, 0, -1))
        store(unit_of_work, late, now, early)
        leased = _lease(unit_of_work)
        expected = [attrs.evolve(each, leased_until=AT + _LEASE) for each in (early, now)]
        assert [*map(shown, leased)] == [*map(shown, expected)], "L5 broke: not the due letters, the oldest first"

    def test_no_more_letters_are_leased_than_asked_for(self, unit_of_work: UnitOfWork) -> None:
        """What was not leased is left for the next (L5)."""
        letters = [letter() for _ in range(3)]
        store(unit_of_work, *letters)
        batches = [[each.id for each in _lease(unit_of_work, limit=2)] for _ in range(3)]
        assert batches == [[letters[0].id, letters[1].id], [letters[2].id], []], "L5 broke: not two letters at a time"

    def test_a_leased_letter_is_taken_over_when_its_lease_is_over(self, unit_of_work: UnitOfWork) -> None:
        """Who died with a letter in hand loses it after the lease, at the moment it ends and not before (L5)."""
        store(unit_of_work, letter())
        assert len(_lease(unit_of_work)) == 1
        assert _lease(unit_of_work, AT + _LEASE - timedelta(microseconds=1)) == [], "L5 broke: a letter has two holders"
        taken_over = _lease(unit_of_work, AT + _LEASE)
        assert len(taken_over) == 1, "L5 broke: a letter whose holder died is never sent"
        assert taken_over[0].leased_until == AT + 2 * _LEASE

    def test_what_a_clock_that_was_ahead_has_put_off_is_due(self, unit_of_work: UnitOfWork) -> None:
        """No pause and no lease lasts for years; a clock that was wrong for an hour must not lose a letter (L5)."""
        ahead = after(days=3650)
        put_off, held, later = letter(due_at=ahead), letter(), letter(due_at=after(days=1))
        store(unit_of_work, held)
        assert len(_lease(unit_of_work, ahead)) == 1
        store(unit_of_work, put_off, later)
        leased = {each.id for each in _lease(unit_of_work)}
        assert leased == {put_off.id, held.id}, "L5 broke: a letter that is due in years is never sent"

    def test_a_lease_that_is_rolled_back_is_none(self, unit_of_work: UnitOfWork) -> None:
        """Leasing is a change like any other (L5)."""
        store(unit_of_work, letter())
        with rolled_back(unit_of_work) as tx:
            tx.letters.lease(1, AT, AT + _LEASE)
        assert len(_lease(unit_of_work)) == 1, "L5 broke: a lease has outlived its transaction"

    def test_no_two_leasers_hold_one_letter(self, unit_of_work: UnitOfWork) -> None:
        """Any number may deliver at once; together they get each letter exactly once (L5)."""
        letters = [letter() for _ in range(40)]
        store(unit_of_work, *letters)
        results = at_once(8, lambda _: [each.id for _ in range(3) for each in _lease(unit_of_work, limit=2)])
        held = [each for result in results for each in ([result] if isinstance(result, Exception) else result)]
        assert len(held) == len(set(held)), "L5 broke: two leasers hold one letter"
        rest = [each.id for each in _lease(unit_of_work)]
        assert {*held, *rest} == {each.id for each in letters}, "L5 broke: a letter was lost between leasers"

    @pytest.mark.parametrize("state", _ENDS)
    def test_a_settled_letter_is_not_sent_again(self, unit_of_work: UnitOfWork, state: LetterState) -> None:
        """Every state but ``waiting`` is an end, and can be seen (L5)."""
        store(unit_of_work, letter(), letter())
        first, second = _lease(unit_of_work)
        _settle(unit_of_work, _ENDS[state](first))
        counts = _counts(unit_of_work)
        assert counts == _NONE | {LetterState.WAITING: 1, state: 1}, (
            f"L5 broke: a settled letter is counted as {counts}"
        )
        again = [each.id for each in _lease(unit_of_work, after(days=1))]
        assert again == [second.id], f"L5 broke: a letter that is {state} was leased again"

    def test_a_delayed_letter_is_due_later(self, unit_of_work: UnitOfWork) -> None:
        """A letter that could not leave waits for its time, free for whoever comes then, and loses nothing (L5)."""
        store(unit_of_work, letter(network="192.0.2.1", user_agent="a browser"))
        (leased,) = _lease(unit_of_work)
        delayed = leased.delayed(AT, "451 try again")
        _settle(unit_of_work, delayed)
        assert _lease(unit_of_work, delayed.due_at - timedelta(microseconds=1)) == [], "L5 broke: too early"
        (again,) = _lease(unit_of_work, delayed.due_at)
        expected = attrs.evolve(delayed, leased_until=delayed.due_at + _LEASE)
        assert shown(again) == shown(expected), "L5 broke: waiting has changed the letter"

    def test_settling_a_settled_letter_is_ignored(self, unit_of_work: UnitOfWork) -> None:
        """Who comes back late with a letter that another has sent cannot make it wait again (L5)."""
        store(unit_of_work, letter())
        (leased,) = _lease(unit_of_work)
        _settle(unit_of_work, leased.sent(AT))
        _settle(unit_of_work, leased.delayed(AT, "too late"), leased.dead("too late"))
        counts = _counts(unit_of_work)
        assert counts == _NONE | {LetterState.SENT: 1}, f"L5 broke: a letter was settled twice: {counts}"

    def test_settling_under_a_lease_that_another_has_now_is_ignored(self, unit_of_work: UnitOfWork) -> None:
        """Who comes back after the lease was over cannot take the letter from whoever sends it by then (L5)."""
        store(unit_of_work, letter())
        (late,) = _lease(unit_of_work)
        (taken_over,) = _lease(unit_of_work, after(days=1))
        _settle(unit_of_work, late.delayed(AT, "too late"))
        assert _lease(unit_of_work, after(days=1)) == [], "L5 broke: a letter was leased while another was sending it"
        _settle(unit_of_work, taken_over.sent(AT))
        assert _counts(unit_of_work) == _NONE | {LetterState.SENT: 1}, "L5 broke: its own lease was lost"

    def test_settling_a_letter_that_is_gone_is_ignored(self, unit_of_work: UnitOfWork) -> None:
        """A letter whose account was erased while it was being sent does not come back (L5)."""
        gone = letter()
        _settle(unit_of_work, gone.sent(AT), gone.delayed(AT, "451 try again"))
        assert _counts(unit_of_work) == _NONE, "L5 broke: settling has brought a letter back"

    def test_every_state_is_counted(self, unit_of_work: UnitOfWork) -> None:
        """The counts name every state, those without letters too (L5)."""
        assert _counts(unit_of_work) == _NONE
        store(unit_of_work, *(letter() for _ in range(5)))
        _settle(unit_of_work, *(end(each) for end, each in zip(_ENDS.values(), _lease(unit_of_work), strict=False)))
        assert _counts(unit_of_work) == dict.fromkeys(LetterState, 1)

    def test_dead_letters_are_sent_on_their_way_again(self, unit_of_work: UnitOfWork) -> None:
        """An operator's retry makes dead letters due now, with all attempts before them; others stay settled (L5)."""
        store(unit_of_work, *(letter() for _ in range(5)))
        leased = _lease(unit_of_work)
        tired = [attrs.evolve(each, attempts=11) for each in leased]
        _settle(unit_of_work, *(end(each) for end, each in zip(_ENDS.values(), tired, strict=False)))
        dead = tired[list(_ENDS).index(LetterState.DEAD)]
        with unit_of_work.writing() as tx:
            assert tx.letters.requeue(after(hours=1)) == 1, (
                "L5 broke: not the dead letters alone were sent on their way"
            )
            assert tx.letters.requeue(after(hours=1)) == 0
        again = [each for each in _lease(unit_of_work, after(hours=1)) if each.id == dead.id]
        assert len(again) == 1, "L5 broke: a letter that was requeued is not due"
        kept = (again[0].attempts, again[0].due_at, again[0].recipient, again[0].written_at)
        assert kept == (0, after(hours=1), dead.recipient, dead.written_at), f"L5 broke: it was requeued as {kept}"

    def test_one_dead_letter_is_sent_on_its_way_again(self, unit_of_work: UnitOfWork) -> None:
        """Where an operator names one, the others stay; a letter that is not dead is none to requeue (L5)."""
        store(unit_of_work, *(letter() for _ in range(6)))
        leased = _lease(unit_of_work)
        ended = [end(each) for end, each in zip(_ENDS.values(), leased, strict=False)]
        _settle(unit_of_work, *ended, leased[4].dead("550 no such mailbox"))
        dead = [leased[list(_ENDS).index(LetterState.DEAD)].id, leased[4].id]
        others = [each.id for each in leased if each.id not in dead]
        with unit_of_work.writing() as tx:
            counts = [tx.letters.requeue(after(hours=1), each) for each in [*others, new_id(), dead[1], dead[1]]]
        assert counts == [0] * 5 + [1, 0], f"L5 broke: requeued by id {counts} letters, of which one was dead"
        again = {each.id for each in _lease(unit_of_work, after(days=1))}
        assert again == {leased[5].id, dead[1]}, "L5 broke: not that letter alone was sent on its way"

    def test_letters_that_could_not_leave_are_shown_the_dead_first(self, unit_of_work: UnitOfWork) -> None:
        """Of the dead, and of those that wait for another attempt, the last due come first; no others come (L5)."""
        store(unit_of_work, *(letter(due_at=after(seconds=-each)) for each in range(9)))
        leased = _lease(unit_of_work)
        settled = [end(each) for end, each in zip(_ENDS.values(), leased[:4], strict=True)]
        delayed = [each.delayed(AT, "451 try again") for each in (attrs.evolve(leased[4], attempts=3), leased[5])]
        dead = leased[6].dead("550 no such mailbox")
        _settle(unit_of_work, *delayed, *settled, dead)
        expected = [dead, settled[list(_ENDS).index(LetterState.DEAD)], *delayed]
        with unit_of_work.reading() as tx:
            found = {limit: [shown(each) for each in tx.letters.troubled(limit)] for limit in (1, 2, 3, 9)}
        for limit, troubled in found.items():
            free = [shown(attrs.evolve(each, leased_until=None)) for each in expected[:limit]]
            assert troubled == free, f"L5 broke: of what is troubled, not the first {limit} were shown"

    def test_a_letter_that_was_requeued_is_no_trouble(self, unit_of_work: UnitOfWork) -> None:
        """Until it fails again, although it remembers how it failed before (L5)."""
        store(unit_of_work, letter())
        (leased,) = _lease(unit_of_work)
        _settle(unit_of_work, leased.dead("550 no such mailbox"))
        with unit_of_work.writing() as tx:
            tx.letters.requeue(AT)
            assert tx.letters.troubled(9) == [], "L5 broke: a letter that was sent on its way is shown as troubled"
