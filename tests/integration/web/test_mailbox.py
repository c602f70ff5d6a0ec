"""Mailbox: letters are read in development, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand import bootstrap
from offbrand.domain.letters import LetterKind, ReadyLetter
from offbrand.domain.values import EmailAddress
from tests.integration.web.conftest import Site, settings_of, site_of

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = EmailAddress("ada@example.org")


@pytest.fixture
def workshop(tmp_path: Path) -> Site:
    """A deployment for development, without a mail server."""
    return site_of(
        settings_of(
            ENV="development",
            BASE_URL="http://localhost",
            SMTP_URL="",
            DATABASE_URL=f"sqlite:///{tmp_path}/offbrand.db",
        )
    )


def _deliver(workshop: Site) -> ReadyLetter:
    """Let a registration's letter arrive in the mailbox on disk."""
    client = workshop.app.test_client()
    token = client.get("/auth/register").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    password = "a lantern, a ladder and a loaf"
    fields = {"email": str(EMAIL), "username": "ada", "password": password, "password2": password}
    client.post("/auth/register", data={"csrf_token": token, **fields})
    letter = workshop.mailbox.newest(EMAIL, LetterKind.CONFIRMATION)
    mailbox = bootstrap.mailbox(workshop.settings)
    assert mailbox is not None
    mailbox.send(letter)
    return letter


def test_an_empty_mailbox_says_so(workshop: Site) -> None:
    assert "No letter yet." in workshop.app.test_client().get("/dev/mailbox").text


def test_a_letter_is_listed_and_its_link_can_be_clicked(workshop: Site) -> None:
    letter = _deliver(workshop)
    client = workshop.app.test_client()
    listed = client.get("/dev/mailbox").text
    assert "[Offbrand] Confirm your account" in listed
    assert f'href="/dev/mailbox/{letter.id}"' in listed
    shown = client.get(f"/dev/mailbox/{letter.id}").text
    assert letter.token is not None
    link = f"http://localhost/auth/confirm/{letter.token.reveal()}"
    assert f'<a href="{link}">{link}</a>' in shown
    assert "ada@example.org" in shown


@pytest.mark.parametrize("letter_id", ["nonsense", "019b8d72-5200-7000-8000-000000000000", "..%2Foffbrand.db", "%00"])
def test_what_is_no_letter_is_not_there(letter_id: str, workshop: Site) -> None:
    assert workshop.app.test_client().get(f"/dev/mailbox/{letter_id}").status_code == 404


@pytest.mark.parametrize(
    ("peer", "status"),
    [("127.0.0.1", 200), ("127.8.8.8", 200), ("::1", 200), ("192.168.0.7", 404), ("::2", 404), ("", 404), ("x", 404)],
)
def test_letters_are_shown_to_this_machine_only(peer: str, status: int, workshop: Site) -> None:
    """A server for development that listens to its network gives nobody there the links of others."""
    letter = _deliver(workshop)
    client = workshop.app.test_client()
    for path in ("/dev/mailbox", f"/dev/mailbox/{letter.id}"):
        assert status == client.get(path, environ_base={"REMOTE_ADDR": peer}).status_code
    shown = client.get("/auth/unconfirmed", environ_base={"REMOTE_ADDR": peer}).text
    assert (status == 200) is ('href="/dev/mailbox"' in shown)


@pytest.mark.parametrize(("forwarded", "status"), [("203.0.113.7", 404), ("127.0.0.1", 200), ("", 200)])
def test_letters_are_not_shown_to_whom_a_proxy_on_this_machine_forwards(
    forwarded: str, status: int, tmp_path: Path
) -> None:
    """Whoever shows others a site in development, by a proxy that is trusted, does not show them everybody's links."""
    workshop = site_of(
        settings_of(
            ENV="development",
            BASE_URL="http://localhost",
            SMTP_URL="",
            TRUSTED_PROXIES="1",
            DATABASE_URL=f"sqlite:///{tmp_path}/offbrand.db",
        )
    )
    letter = _deliver(workshop)
    client, headers = workshop.app.test_client(), {"X-Forwarded-For": forwarded}
    for path in ("/dev/mailbox", f"/dev/mailbox/{letter.id}"):
        assert status == client.get(path, headers=headers).status_code
    assert (status == 200) is ('href="/dev/mailbox"' in client.get("/auth/unconfirmed", headers=headers).text)


def test_asv1523_production_has_no_mailbox(site: Site) -> None:
    visitor = site.visitor()
    for path in ("/dev/mailbox", "/dev/mailbox/019b8d72-5200-7000-8000-000000000000"):
        assert visitor.get(path).status_code == 404
    assert not [rule for rule in site.app.url_map.iter_rules() if "mailbox" in rule.rule]


def test_with_a_mail_server_there_is_no_mailbox(tmp_path: Path) -> None:
    settings = settings_of(
        ENV="development", BASE_URL="http://localhost", DATABASE_URL=f"sqlite:///{tmp_path}/offbrand.db"
    )
    client = site_of(settings).app.test_client()
    assert client.get("/dev/mailbox").status_code == 404
    assert client.get("/dev/mailbox/x").status_code == 404
