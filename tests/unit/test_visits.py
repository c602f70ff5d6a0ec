"""Visits: a session is read, remembered, proved afresh and ended; what has ended stays ended (law L3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.domain.errors import AuthError, NotLoggedIn, WrongPassword
from offbrand.domain.events import EventKind
from offbrand.domain.values import Client, Password, Token
from tests.unit.house import CLIENT, PASSWORD, WRONG, House, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from offbrand.adapters.memory import MemoryUnitOfWork
    from offbrand.adapters.memory.store import MemoryTransaction


def prove(
    house: House, session: Token, password: Password = PASSWORD, client: Client = CLIENT
) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.login.prove(session, password, client=client))


def test_a_token_that_leads_nowhere_is_nobodys() -> None:
    house = House()
    opened = house.join()
    assert opened.device is not None
    for token in (Token(""), Token("forged"), Token(opened.session.digest()), opened.device, house.reset()):
        with pytest.raises(NotLoggedIn):
            house.auth.login.account_of(token)


def test_d53_a_visit_is_remembered_at_most_once_a_minute() -> None:
    """And it is one reading block, with nothing written beside that."""
    house = House()
    session = house.join().session
    began = house.clock.now()
    for tick, writes, seen in ((0, 0, 0), (59, 0, 0), (1, 1, 60), (59, 0, 60), (1, 1, 120)):
        house.clock.tick(seconds=tick)
        blocks = (house.store.read_blocks, house.store.write_blocks)
        house.auth.login.account_of(session)
        assert (house.store.read_blocks, house.store.write_blocks) == (blocks[0] + 1, blocks[1] + writes)
        assert house.account().last_seen_at == began + timedelta(seconds=seen)
    assert house.account().version == 2


def test_ses_06_a_session_idles_out_unless_it_is_used() -> None:
    house = House()
    idle, used = house.join().session, house.log_in().session
    for _ in range(2):
        house.clock.tick(hours=11)
        house.is_logged_in(used)
    assert (house.is_logged_in(idle), house.is_logged_in(used)) == (False, True)
    house.clock.tick(hours=2)
    assert not house.is_logged_in(used)


def test_proving_renews_the_token_and_the_proof_but_not_the_session() -> None:
    house = House()
    opened = house.join()
    house.clock.tick(minutes=10)
    before = house.auth.sessions.current(opened.session)
    proved = house.auth.login.prove(opened.session, PASSWORD, client=CLIENT)
    after = house.auth.sessions.current(proved.session)
    assert (before.is_proved, after.is_proved) == (False, True)
    assert not house.is_logged_in(opened.session)
    assert (after.session.id, proved.expires_at, proved.device) == (before.session.id, opened.expires_at, None)
    assert house.events()[-1] is EventKind.PROVED
    assert after.account.generation == before.account.generation


def test_a_wrong_proof_is_recorded_and_changes_nothing() -> None:
    house = House()
    session = house.join().session
    house.clock.tick(minutes=10)
    assert prove(house, session, WRONG) is WrongPassword
    assert house.events()[-1] is EventKind.PROOF_FAILED
    assert not house.auth.sessions.current(session).is_proved
    assert prove(house, session) is None


def test_nobody_proves_without_a_session() -> None:
    house = House()
    session = house.join().session
    house.clock.tick(hours=12)
    for token in (session, Token("forged")):
        with house.counted() as calls:
            assert prove(house, token) is NotLoggedIn
        assert "hasher.admit" not in calls


def test_l3_a_session_that_ended_while_the_password_was_checked_stays_ended() -> None:
    house = House()
    opened = house.join()
    house.hasher.meanwhile = lambda: house.auth.login.log_out(opened.session, client=CLIENT)
    assert prove(house, opened.session) is NotLoggedIn
    assert EventKind.PROVED not in house.events()


@attrs.frozen
class Interrupted:
    """A unit of work in which *happening* comes before every writing block."""

    store: MemoryUnitOfWork
    happening: Callable[[], object]

    def reading(self) -> AbstractContextManager[MemoryTransaction]:
        return self.store.reading()

    def writing(self) -> AbstractContextManager[MemoryTransaction]:
        self.happening()
        return self.store.writing()


def test_l3_a_session_that_ended_between_reading_and_remembering_the_visit_stays_ended() -> None:
    house = House()
    session = house.join().session
    house.clock.tick(minutes=1)
    auth = house.assemble(
        unit_of_work=Interrupted(house.store, partial(house.auth.login.log_out, session, client=CLIENT))
    )
    with pytest.raises(NotLoggedIn):
        auth.login.account_of(session)
    assert not house.is_logged_in(session)


def test_d31_logging_out_ends_the_session_for_every_copy_of_its_token() -> None:
    house = House()
    session, other = house.join().session, house.log_in().session
    house.auth.login.log_out(session, client=CLIENT)
    assert (house.is_logged_in(session), house.is_logged_in(other)) == (False, True)
    assert house.events()[-1] is EventKind.LOGGED_OUT
    assert house.account().generation == 2


def test_logging_out_twice_or_without_a_session_does_nothing() -> None:
    house = House()
    session = house.join().session
    for token in (session, session, Token("forged")):
        house.auth.login.log_out(token, client=CLIENT)
    assert house.events().count(EventKind.LOGGED_OUT) == 1
