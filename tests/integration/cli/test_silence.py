"""Silence: no command of a person's own tells whether an address has an account (law L4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters import memory
from tests.integration.cli.terminal import OTHER_PASSWORD, PASSWORD, Terminal
from tests.town import KINDS, MEMBER, NOBODY, email_of, settle

if TYPE_CHECKING:
    from pathlib import Path

    from offbrand.domain.auth import Auth

COMMANDS = {
    "register": (("register", "{}", "somebody"), (OTHER_PASSWORD,)),
    "login": (("login", "{}"), (OTHER_PASSWORD,)),
    "password reset": (("password", "reset", "{}"), ()),
    "confirm --resend": (("confirm", "--resend", "{}"), ()),
    "email change": (("email", "change", "{}"), ()),
}


@pytest.fixture
def town() -> Auth:
    """A core with an account of every kind."""
    auth, mailbox, clock = memory.auth()
    settle(auth, mailbox, clock)
    return auth


def told(terminal: Terminal, town: Auth, name: str, kind: str) -> tuple[int, str, str]:
    """Return how a command about an account of this kind ends, and what it says."""
    words, lines = COMMANDS[name]
    email = str(email_of(kind))
    result = terminal.run(*(word.format(email) for word in words), lines=lines, core=town)
    return result.exit_code, result.stdout.replace(email, "it"), result.stderr.replace(email, "it")


@pytest.mark.parametrize(("name", "exit_code"), [(name, 77 if name == "login" else 0) for name in COMMANDS])
def test_every_kind_of_account_is_answered_like_none(name: str, exit_code: int, town: Auth, tmp_path: Path) -> None:
    terminal = Terminal.at(tmp_path)
    if name == "email change":
        assert terminal.run("login", str(MEMBER), lines=(PASSWORD,), core=town).exit_code == 0
    answers = {kind: told(terminal, town, name, kind) for kind in KINDS}
    assert answers == dict.fromkeys(KINDS, answers[NOBODY])
    assert answers[NOBODY][0] == exit_code


def test_an_account_that_cannot_be_used_does_not_show_by_its_right_password(town: Auth, tmp_path: Path) -> None:
    """D42."""
    terminal = Terminal.at(tmp_path)
    answers = {}
    for kind in KINDS:
        result = terminal.run("login", str(email_of(kind)), lines=(PASSWORD,), core=town)
        answers[kind] = (result.exit_code, result.stdout, result.stderr)
    assert answers.pop("active")[0] == 0
    assert answers == dict.fromkeys(answers, answers[NOBODY])
