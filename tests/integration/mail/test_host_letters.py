"""Letters of a host that has pages and words of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from jinja2 import DictLoader

from offbrand.bootstrap import bootstrap, mailbox
from offbrand.domain.values import Client, EmailAddress, Password, Token, Username
from offbrand.settings import Settings
from tests.integration.cli.terminal import PASSWORD, Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import BaseLoader

    from offbrand.adapters.mail.mailbox_mailer import StoredMessage
    from offbrand.domain.claims import Purpose

ADA = EmailAddress("ada@example.org")
SITE = "http://localhost:8000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return a deployment whose tables are there."""
    terminal = Terminal.at(tmp_path)
    terminal.do("db", "upgrade")
    return Settings.from_env(terminal.environ)


def link(purpose: Purpose, token: Token) -> str:
    return f"{SITE}/members/{purpose}?token={token.reveal()}"


def letters_of_a_life(settings: Settings, templates: BaseLoader | None = None) -> dict[str, StoredMessage]:
    """Register, confirm, log in from elsewhere, reset the password and register again; return what was mailed."""
    auth, box = bootstrap(settings, links=link, templates=templates), mailbox(settings)
    assert box is not None

    def mailed() -> dict[str, StoredMessage]:
        auth.delivery.deliver()
        return {head.subject: box.read(head.id) for head in box.letters()}

    def token_in(subject: str) -> Token:
        (text,) = re.findall(rf"{SITE}/members/[a-z]+\?token=(\S+)", mailed()[subject].text)
        return Token(text)

    auth.registration.register(ADA, Username("ada"), Password(PASSWORD), client=Client())
    auth.confirmation.complete(token_in("[Offbrand] Confirm your account"), Password(PASSWORD), client=Client())
    auth.login.log_in(ADA, Password(PASSWORD), client=Client())
    auth.password_reset.request(ADA, client=Client())
    auth.password_reset.complete(token_in("[Offbrand] Reset your password"), Password(PASSWORD[::-1]), client=Client())
    auth.registration.register(ADA, Username("eve"), Password(PASSWORD), client=Client())
    return mailed()


def test_no_letter_leads_to_pages_that_the_host_has_not(settings: Settings) -> None:
    """Least of all the ones that tell somebody to act at once; the host's first page is there for certain."""
    letters = letters_of_a_life(settings)
    assert len(letters) == 5
    for subject, letter in letters.items():
        assert "/auth/" not in letter.text + letter.html, subject
        assert re.search(rf"^{SITE}(/members/\S+)?$", letter.text, flags=re.MULTILINE), subject
        assert re.search(rf'href="{SITE}(/members/[^"]+)?"', letter.html), subject


def test_a_host_says_things_its_own_way(settings: Settings) -> None:
    own = DictLoader({"new_login.txt": "Ahoi {{ username }}! Warst du das?\n"})
    letters = letters_of_a_life(settings, own)
    assert letters["[Offbrand] New login to your account"].text == "Ahoi ada! Warst du das?\n"
    assert letters["[Offbrand] Your password was changed"].text.startswith("Hello ada,")
