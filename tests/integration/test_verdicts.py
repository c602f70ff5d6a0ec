"""Verdicts: what is typed means the same in the library, on the pages and at the command line (law L10)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs
import pytest
from click.testing import CliRunner

from offbrand.adapters import memory
from offbrand.adapters.zxcvbn_blocklist import guessable
from offbrand.contracts.driver import OK
from offbrand.domain.auth import Auth
from offbrand.domain.errors import AuthError, WrongPassword
from offbrand.domain.policy import Policy
from offbrand.domain.values import Password
from offbrand.entrypoints import parsing
from offbrand.entrypoints.cli.app import offbrand
from offbrand.entrypoints.web import create_app
from tests.integration.web.conftest import settings_of
from tests.integration.web.visitor import Visitor
from tests.verdicts import ALMOST, EMAILS, PASSWORDS, SAME, USERNAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from flask import Flask

    from offbrand.domain.account import Account

ADA, NAME, PASSWORD = "ada.byron@example.org", "ada", "a lantern, a ladder and a loaf"
JSON = {"Accept": "application/problem+json"}
_CODE = re.compile(r"\(([a-z_]+)\)\s*$")


@attrs.frozen
class World:
    """One core, and the doors to it; each of them answers with a code."""

    auth: Auth
    mailbox: memory.Mailbox
    clock: memory.MovableClock
    app: Flask
    folder: Path

    @classmethod
    def begin(cls, folder: Path) -> World:
        """Return a core in memory, but with the blocklist of a deployment."""
        clock = memory.MovableClock()
        unit_of_work = memory.MemoryUnitOfWork(clock)
        mailbox = memory.Mailbox(unit_of_work)
        auth = Auth.assemble(
            unit_of_work=unit_of_work,
            hasher=memory.PlainHasher(unit_of_work),
            tokens=memory.MemoryTokens(clock),
            mailer=mailbox,
            clock=clock,
            throttle=memory.MemoryThrottle(unit_of_work),
            blocklist=guessable(),
            policy=Policy(),
        )
        mailbox.collect_from(auth.delivery.deliver)
        return cls(auth, mailbox, clock, create_app(auth, settings_of()), folder)

    def in_library(self, email: str, username: str, password: str) -> str:
        """Register as a host of the core would let somebody."""
        address, name = parsing.email_address(email), parsing.username(username)
        self.auth.registration.register(address, name, Password(password), client=memory.CLIENT)
        return OK

    def on_page(self, email: str, username: str, password: str) -> str:
        """Register by the form."""
        fields = {"email": email, "username": username, "password": password, "password2": password}
        return self._sent("/auth/register", fields)

    def at_terminal(self, email: str, username: str, password: str) -> str:
        """Register by the command."""
        return self._typed(["register", "--", email, username], password)

    def log_in_in_library(self, identifier: str, password: str) -> str:
        """Log in as a host of the core would let somebody."""
        self.auth.login.log_in(parsing.identifier(identifier), Password(password), client=memory.CLIENT)
        return OK

    def log_in_on_page(self, identifier: str, password: str) -> str:
        """Log in by the form."""
        return self._sent("/auth/login", {"identifier": identifier, "password": password})

    def log_in_at_terminal(self, identifier: str, password: str) -> str:
        """Log in by the command."""
        return self._typed(["login", "--", identifier], password)

    def answers(self, doors: tuple[Callable[..., str], ...], *typed: str) -> list[tuple[str, str, str]]:
        """Return what each of *doors* says to what is typed, and the address and username that are kept then."""
        answers = []
        for door in doors:
            # Nobody has used up anything that is counted.
            self.clock.tick(hours=2)
            before = len(self._accounts())
            try:
                code = door(*typed)
            except AuthError as refusal:
                code = refusal.code
            kept = [(str(account.email), str(account.username)) for account in self._accounts()[before:]]
            answers.append((code, *(kept[-1] if kept else ("", ""))))
        return answers

    def _accounts(self) -> Sequence[Account]:
        return self.auth.directory.list(limit=10_000)

    def _sent(self, path: str, fields: dict[str, str]) -> str:
        visitor = Visitor(self.app, self.mailbox)
        page = visitor.see(path).form(path).fields
        # Half a pair of surrogates is sent as the bytes that it would have.
        body = urlencode(page | fields, errors="surrogatepass")
        answer = visitor.post(path, body, headers=JSON, content_type="application/x-www-form-urlencoded")
        return OK if answer.status_code == 303 else str(answer.get_json()["code"])

    def _typed(self, command: list[str], password: str) -> str:
        environ = {"OFFBRAND_ENV": "development", "XDG_STATE_HOME": str(self.folder)}
        line = f"{password}\n".encode("utf-8", "surrogatepass")
        result = CliRunner().invoke(offbrand, command, input=line, env=environ, obj=self.auth)
        told = _CODE.search(result.stderr)
        return OK if result.exit_code == 0 else told[1] if told else result.output


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.begin(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def registering(world: World) -> tuple[Callable[..., str], ...]:
    return world.in_library, world.on_page, world.at_terminal


def spelled(text: str) -> str:
    return f"{text[:24]!a}-{len(text)}"


def _kept(code: str, address: str | None, username: str | None) -> list[tuple[str, str, str]]:
    return [(OK, address, username) if address and username else (code, "", "")] * 3


@pytest.mark.parametrize(("typed", "address"), EMAILS.items(), ids=map(spelled, EMAILS))
def test_l10_an_address_is_one_at_every_door(
    world: World, registering: tuple[Callable[..., str], ...], typed: str, address: str | None
) -> None:
    """INP-11, INP-04, INP-03: kept in the same form, or refused for the same reason."""
    assert world.answers(registering, typed, NAME, PASSWORD) == _kept("malformed_email_address", address, NAME)


@pytest.mark.parametrize(("typed", "username"), USERNAMES.items(), ids=map(spelled, USERNAMES))
def test_l10_a_username_is_one_at_every_door(
    world: World, registering: tuple[Callable[..., str], ...], typed: str, username: str | None
) -> None:
    """D26, INP-03, INP-04: kept in the same form, or refused for the same reason."""
    assert world.answers(registering, ADA, typed, PASSWORD) == _kept("malformed_username", ADA, username)


@pytest.mark.parametrize(("typed", "code"), PASSWORDS.items(), ids=map(spelled, PASSWORDS))
def test_l10_a_password_is_one_at_every_door(
    world: World, registering: tuple[Callable[..., str], ...], typed: str, code: str
) -> None:
    """INP-06, D13, D14, D28: counted in code points as they were typed, never trimmed."""
    assert [answer[0] for answer in world.answers(registering, ADA, NAME, typed)] == [code] * 3


@pytest.fixture(scope="module")
def opening(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], list[str]]:
    """Return what tells how every door answers to a password, where another was chosen."""

    def answers(chosen: str, typed: str) -> list[str]:
        world = World.begin(tmp_path_factory.mktemp("state"))
        world.in_library(ADA, NAME, chosen)
        link = world.mailbox.token(parsing.email_address(ADA))
        world.auth.confirmation.complete(link, Password(chosen), client=memory.CLIENT)
        doors = (world.log_in_in_library, world.log_in_on_page, world.log_in_at_terminal)
        return [code for code, _, _ in world.answers(doors, NAME, typed)]

    return answers


@pytest.mark.parametrize(("chosen", "typed"), ALMOST, ids=lambda text: str(len(text)))
def test_inp_06_the_last_character_counts(opening: Callable[[str, str], list[str]], chosen: str, typed: str) -> None:
    """D28: nothing cuts a password, at whatever length others do."""
    assert opening(chosen, chosen) == [OK] * 3
    assert opening(chosen, typed) == ["invalid_credentials"] * 3


@pytest.mark.parametrize(("chosen", "typed"), SAME, ids=ascii)
def test_inp_06_a_password_is_the_same_however_it_is_composed(
    opening: Callable[[str, str], list[str]], chosen: str, typed: str
) -> None:
    assert opening(chosen, typed) == [OK] * 3


@pytest.mark.parametrize("typed", [f" {PASSWORD}", f"{PASSWORD} ", PASSWORD.upper(), PASSWORD[:-1]], ids=ascii)
def test_inp_06_a_password_is_neither_trimmed_nor_folded(opening: Callable[[str, str], list[str]], typed: str) -> None:
    assert opening(PASSWORD, typed) == ["invalid_credentials"] * 3


@pytest.mark.parametrize("door", [World.in_library, World.on_page, World.at_terminal], ids=lambda door: door.__name__)
def test_inp_06_a_password_is_chosen_as_it_is_typed(door: Callable[..., str], tmp_path: Path) -> None:
    """Law L10: the confirmation, in the library, wants exactly what was typed at the door."""
    world, chosen = World.begin(tmp_path), f"  {PASSWORD} \t"
    door(world, ADA, NAME, chosen)
    link = world.mailbox.token(parsing.email_address(ADA))
    with pytest.raises(WrongPassword):
        world.auth.confirmation.complete(link, Password(chosen.strip()), client=memory.CLIENT)
    world.auth.confirmation.complete(link, Password(chosen), client=memory.CLIENT)


def test_what_is_no_text_is_refused_at_every_door(world: World, registering: tuple[Callable[..., str], ...]) -> None:
    """INP-03: a browser's bytes are refused as such; others meet the values."""
    address, username, password = (
        [code for code, _, _ in world.answers(registering, *typed)]
        for typed in (
            ("ada\ud800@example.org", NAME, PASSWORD),
            (ADA, "ada\ud800", PASSWORD),
            (ADA, NAME, "tundra violin \ud800 osprey"),
        )
    )
    assert address == ["malformed_email_address", "bad_request", "malformed_email_address"]
    assert username == ["malformed_username", "bad_request", "malformed_username"]
    assert password == ["malformed_password", "bad_request", "malformed_password"]
