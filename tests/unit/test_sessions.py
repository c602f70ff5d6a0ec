"""Sessions: their owner sees and ends them, and nobody else's."""

from __future__ import annotations

from uuid import UUID

import pytest

from offbrand.domain.errors import AuthError, NotLoggedIn, ProofNeeded, UnknownSession
from offbrand.domain.events import EventKind
from offbrand.domain.values import SessionId, Token
from tests.unit.house import ADA, CLIENT, EVE, PASSWORD, STRANGER, House, outcome_of


def end(house: House, session: Token, session_id: SessionId) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.sessions.end(session, session_id, client=CLIENT))


def test_the_owner_sees_valid_sessions_last_seen_first() -> None:
    house = House()
    house.join(EVE, "eve")
    first = house.join().session
    house.clock.tick(hours=1)
    second = house.log_in(client=STRANGER).session
    house.clock.tick(hours=1)
    house.auth.login.account_of(first)
    rows = house.auth.sessions.of(second)
    assert [row.network for row in rows] == [CLIENT.network, STRANGER.network]
    assert rows[0].id == house.auth.sessions.current(first).session.id
    house.clock.tick(hours=11, minutes=30)
    assert [row.network for row in house.auth.sessions.of(first)] == [CLIENT.network]


def test_what_the_owner_sees_leads_nowhere() -> None:
    """The id of a session stands in pages; neither it nor the stored digest is its token."""
    house = House()
    session = house.join().session
    (row,) = house.auth.sessions.of(session)
    for text in (str(row.id), row.token_digest):
        assert not house.is_logged_in(Token(text))
    assert session.reveal() not in str(row)


def test_the_owner_ends_one_session() -> None:
    house = House()
    session, other, third = house.join().session, house.log_in().session, house.log_in().session
    assert end(house, session, house.auth.sessions.current(other).session.id) is None
    assert [house.is_logged_in(token) for token in (session, other, third)] == [True, False, True]
    assert house.events()[-1] is EventKind.SESSION_ENDED
    assert end(house, session, house.auth.sessions.current(session).session.id) is None
    assert not house.is_logged_in(session)


def test_aut_02_nobody_ends_a_session_of_somebody_else() -> None:
    house = House()
    others = house.join(EVE, "eve").session
    session = house.join().session
    for session_id in (house.auth.sessions.current(others).session.id, SessionId(UUID(int=7))):
        assert end(house, session, session_id) is UnknownSession
    assert house.is_logged_in(others)
    assert EventKind.SESSION_ENDED not in house.events()


def test_the_owner_ends_all_others() -> None:
    house = House()
    others = [house.join().session, house.log_in().session]
    theirs = house.join(EVE, "eve").session
    session = house.log_in().session
    assert house.auth.sessions.end_others(session, client=CLIENT) == 2
    assert [house.is_logged_in(token) for token in (*others, theirs, session)] == [False, False, True, True]
    assert house.events()[-1] is EventKind.SESSIONS_ENDED
    assert house.auth.sessions.end_others(session, client=CLIENT) == 0


def test_ending_needs_fresh_proof_and_looking_does_not() -> None:
    house = House()
    session = house.join().session
    house.clock.tick(minutes=10)
    (row,) = house.auth.sessions.of(session)
    assert end(house, session, row.id) is ProofNeeded
    with pytest.raises(ProofNeeded):
        house.auth.sessions.end_others(session, client=CLIENT)
    proved = house.auth.login.prove(session, PASSWORD, client=CLIENT).session
    assert end(house, proved, row.id) is None


def test_without_a_session_there_is_nothing_to_see_or_end() -> None:
    house = House()
    session = house.join().session
    session_id = house.auth.sessions.current(session).session.id
    house.log_in(ADA)
    house.auth.login.log_out(session, client=CLIENT)
    for token in (session, Token("forged")):
        assert end(house, token, session_id) is NotLoggedIn
        with pytest.raises(NotLoggedIn):
            house.auth.sessions.of(token)
        with pytest.raises(NotLoggedIn):
            house.auth.sessions.current(token)
        with pytest.raises(NotLoggedIn):
            house.auth.sessions.end_others(token, client=CLIENT)


def test_permissions_are_read_with_the_session() -> None:
    house = House()
    session = house.join().session
    house.auth.roles.grant(house.account().id, "Moderator", actor="ops")
    assert house.auth.sessions.current(session).account.can("MODERATE")
