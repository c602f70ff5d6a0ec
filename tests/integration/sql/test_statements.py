"""Statements: how often a flow may ask the database (DESIGN.md, section 5), counted on their way to the driver."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest
import sqlalchemy as sa

from offbrand.adapters import memory
from offbrand.domain.errors import InvalidCredentials
from offbrand.domain.values import EmailAddress, Password, Username
from tests.integration.sql.core import core_over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from offbrand.domain.auth import Auth

EMAIL = EmailAddress("ann@example.org")
PASSWORD = Password("seven unlikely words in a row")


@attrs.frozen
class House:
    """A core over SQL, with one confirmed account."""

    engine: Engine
    auth: Auth
    clock: memory.MovableClock

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Give a list that grows by the first word of each statement, but for those that begin or lock."""
        words: list[str] = []

        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            word = statement.split(maxsplit=1)[0]
            if word not in {"BEGIN", "START", "ROLLBACK"} and "advisory" not in statement:
                words.append(word)

        sa.event.listen(self.engine, "before_cursor_execute", count)
        yield words
        sa.event.remove(self.engine, "before_cursor_execute", count)


@pytest.fixture
def house(engine: Engine) -> House:
    """Register and confirm."""
    auth, mailbox, clock = core_over(engine)
    auth.registration.register(EMAIL, Username("ann"), PASSWORD, client=memory.CLIENT)
    auth.confirmation.complete(mailbox.token(EMAIL), PASSWORD, client=memory.CLIENT)
    return House(engine, auth, clock)


def test_d53_a_guarded_page_is_one_select_and_a_write_at_most_once_a_minute(house: House) -> None:
    session = house.auth.login.log_in(EMAIL, PASSWORD, client=memory.CLIENT).session
    with house.counted() as words:
        for _ in range(3):
            house.auth.login.account_of(session)
    assert words == ["SELECT"] * 3
    house.clock.tick(minutes=1)
    with house.counted() as words:
        house.auth.login.account_of(session)
        seen = house.auth.login.account_of(session).last_seen_at
    assert words == ["SELECT", "UPDATE", "UPDATE", "SELECT"]
    assert seen == house.clock.now()


def test_a_login_is_one_select_and_then_writes(house: House) -> None:
    """The account; the counts; their reset; then the session, its device, the event and the letter."""
    opened = house.auth.login.log_in(EMAIL, PASSWORD, client=memory.CLIENT)
    client = attrs.evolve(memory.CLIENT, device=opened.device)
    with house.counted() as words:
        house.auth.login.log_in(EMAIL, PASSWORD, client=client)
    reads = 3 if house.engine.dialect.name == "mariadb" else 2  # there, a count is read in a statement of its own
    assert words.count("SELECT") == reads  # the account, and whether it knows the device
    assert words[-6:] == ["UPDATE", "INSERT", "DELETE", "INSERT", "DELETE", "INSERT"]
    with house.counted() as words:
        house.auth.login.log_in(EMAIL, PASSWORD, client=memory.CLIENT)
    counts = words[1 : words.index("DELETE")]
    assert words[0] == "SELECT"
    assert counts.count("INSERT") == 4
    assert words[-7:] == ["UPDATE", "INSERT", "DELETE", "INSERT", "DELETE", "INSERT", "INSERT"]


def test_a_wrong_password_costs_the_same_for_nobody_and_for_somebody(house: House) -> None:
    """Law L4: the same statements in the same order, so that time does not tell."""

    def fail(email: EmailAddress) -> list[str]:
        with house.counted() as words, pytest.raises(InvalidCredentials):
            house.auth.login.log_in(email, Password("another unlikely row of words"), client=memory.CLIENT)
        return words

    assert fail(EMAIL) == fail(EmailAddress("nobody@example.org"))
