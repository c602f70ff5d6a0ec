"""Audit: owners read what happened to them, operators read everything in its order."""

from __future__ import annotations

from uuid import UUID

import pytest

from offbrand.domain.errors import NotLoggedIn
from offbrand.domain.events import EventKind
from offbrand.domain.values import AccountId, Token
from tests.unit.house import ADA, EVE, STRANGER, WRONG, House, outcome_of


def test_an_owner_reads_the_own_activity_newest_first() -> None:
    house = House()
    house.join(EVE, "eve")
    session = house.join().session
    outcome_of(lambda: house.log_in(ADA, WRONG, STRANGER))
    house.log_in(EVE)
    activity = house.auth.audit.activity(session)
    assert [event.kind for event in activity] == [EventKind.LOGIN_FAILED, EventKind.CONFIRMED, EventKind.REGISTERED]
    assert (activity[0].network, activity[0].user_agent) == (STRANGER.network, STRANGER.user_agent)
    assert house.auth.audit.activity(session, limit=1) == activity[:1]
    assert {event.account_id for event in activity} == {house.account().id}


def test_nobody_reads_activity_without_a_session() -> None:
    house = House()
    house.join()
    with pytest.raises(NotLoggedIn):
        house.auth.audit.activity(Token("forged"))


def test_an_operator_reads_those_of_an_account_or_all_after_a_position() -> None:
    house = House()
    house.join()
    house.join(EVE, "eve")
    events = house.auth.audit.after()
    assert [event.position for event in events] == sorted(event.position for event in events)
    assert house.auth.audit.after(events[1].position) == events[2:]
    assert house.auth.audit.after(events[0].position, limit=1) == events[1:2]
    assert house.auth.audit.of(house.account(EVE).id) == events[:1:-1]
    assert house.auth.audit.of(house.account(EVE).id, limit=1) == events[-1:]
    assert house.auth.audit.of(AccountId(UUID(int=7))) == []
    assert house.auth.audit.newest() == events[::-1]
    assert house.auth.audit.newest(limit=1) == events[-1:]
