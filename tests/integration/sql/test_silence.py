"""Silence: the database is asked the same about everybody, so that its time does not tell (law L4)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest
import sqlalchemy as sa

from offbrand.domain.errors import AuthError
from offbrand.domain.values import Client, EmailAddress, Token, Username
from tests.integration.sql.core import core_over
from tests.town import KINDS, MEMBER, NOBODY, PASSWORD, WRONG, email_of, settle, spend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from offbrand.domain.auth import Auth

STRANGER = Client(network="198.51.100.7", user_agent="strange")
FLOWS: dict[str, Callable[[Auth, EmailAddress], object]] = {
    "registration": lambda auth, email: auth.registration.register(email, Username("somebody"), WRONG, client=STRANGER),
    "login": lambda auth, email: auth.login.log_in(email, WRONG, client=STRANGER),
    "login from some device": lambda auth, email: auth.login.log_in(
        email, WRONG, client=attrs.evolve(STRANGER, device=Token("of somebody else"))
    ),
    "reset": lambda auth, email: auth.password_reset.request(email, client=STRANGER),
    "fresh link": lambda auth, email: auth.confirmation.request(email, client=STRANGER),
}


@attrs.frozen
class Town:
    """A core over SQL with an account of every kind, and a session of somebody who asks about them."""

    engine: Engine
    auth: Auth
    session: Token

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """Give a list that grows by the text of each statement, without its values."""
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        sa.event.listen(self.engine, "before_cursor_execute", note)
        yield statements
        sa.event.remove(self.engine, "before_cursor_execute", note)

    def asked(self, flow: Callable[[Auth, EmailAddress], object], kind: str) -> list[str]:
        """Return the statements of one request about an account of this kind."""
        with self.watched() as statements:
            try:
                flow(self.auth, email_of(kind))
            except AuthError as refusal:
                statements.append(refusal.code)
        return statements


@pytest.fixture
def town(engine: Engine) -> Town:
    auth, mailbox, clock = core_over(engine)
    settle(auth, mailbox, clock)
    session = auth.login.log_in(MEMBER, PASSWORD, client=Client(network="192.0.2.9")).session
    auth.delivery.deliver()
    return Town(engine, auth, session)


@pytest.mark.parametrize("name", FLOWS)
def test_the_database_is_asked_the_same_about_everybody(name: str, town: Town) -> None:
    """ENU-02, ENU-04, ENU-06, ENU-08."""
    expected = town.asked(FLOWS[name], NOBODY)
    assert len(expected) > 5
    for kind in KINDS:
        if kind != "throttled":
            assert town.asked(FLOWS[name], kind) == expected, kind


@pytest.mark.parametrize("name", FLOWS)
def test_nobody_who_was_guessed_at_is_like_somebody_who_was(name: str, town: Town) -> None:
    spend(town.auth, email_of("nobody else"))
    assert town.asked(FLOWS[name], "throttled") == town.asked(FLOWS[name], "nobody else")


def test_the_database_is_asked_the_same_about_every_new_address(town: Town) -> None:
    """D16."""

    def change(auth: Auth, email: EmailAddress) -> None:
        auth.email_change.request(town.session, email, client=STRANGER)

    expected = town.asked(change, NOBODY)
    assert len(expected) > 5
    for kind in KINDS:
        assert town.asked(change, kind) == expected, kind
