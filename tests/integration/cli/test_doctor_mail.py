"""Doctor, on the way of letters: a real mail server that is greeted and sent nothing, and a mailbox that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.examined import KEY, examined
from tests.integration.mail.smtp_server import HOST, Behaviour, make_authority, make_context, serving

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from tests.integration.cli.terminal import Terminal

LOGIN = (b"offbrand", b"canary-of-the-relay")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_authority(tmp_path_factory.mktemp("authority")).parent


@pytest.fixture(scope="module")
def tls(authority: Path) -> ssl.SSLContext:
    return make_context(authority, HOST)


@pytest.fixture
def trusting(authority: Path, terminal: Terminal) -> Terminal:
    """A terminal whose machine trusts the authority of the mail server."""
    return terminal.but(SSL_CERT_FILE=str(authority / "ca.pem"), OFFBRAND_SECRET_KEYS=KEY)


def relay(port: int, login: tuple[bytes, bytes] = LOGIN) -> str:
    username, password = (part.decode() for part in login)
    return f"smtp://{username}:{password}@{HOST}:{port}"


def test_a_server_that_would_take_letters_gets_none(trusting: Terminal, tls: ssl.SSLContext) -> None:
    behaviour = Behaviour(login=LOGIN)
    with serving(behaviour, starttls=tls) as port:
        report = examined(trusting.but(OFFBRAND_SMTP_URL=relay(port)))
    assert report.states("mail") == {"ok"}
    assert (behaviour.logins, behaviour.commands) == ([LOGIN], ["QUIT"])


def test_a_password_that_is_wrong(trusting: Terminal, tls: ssl.SSLContext) -> None:
    with serving(Behaviour(login=LOGIN), starttls=tls) as port:
        report = examined(trusting.but(OFFBRAND_SMTP_URL=relay(port, (b"offbrand", b"canary-mistyped"))))
    assert (report.exit_code, report.states("mail")) == (78, {"bad"})
    assert "refused our login: 535" in report.says("mail")
    assert "canary" not in str(report)


def test_a_certificate_that_nobody_trusts(terminal: Terminal, tls: ssl.SSLContext) -> None:
    with serving(Behaviour(login=LOGIN), starttls=tls) as port:
        report = examined(terminal.but(OFFBRAND_SMTP_URL=relay(port)))
    assert report.states("mail") == {"bad"}
    assert "certificate that cannot be trusted" in report.says("mail")


def test_a_server_without_tls(terminal: Terminal) -> None:
    """STARTTLS is stripped on the way; the password is not sent."""
    behaviour = Behaviour(login=LOGIN)
    with serving(behaviour) as port:
        report = examined(terminal.but(OFFBRAND_SMTP_URL=relay(port)))
    assert "does not offer STARTTLS" in report.says("mail")
    assert behaviour.logins == []


def test_a_relay_in_clear_is_worth_a_thought(terminal: Terminal) -> None:
    with serving(Behaviour()) as port:
        report = examined(terminal.but(OFFBRAND_SMTP_URL=f"smtp+plain://{HOST}:{port}"))
    assert report.states("mail") == {"warning"}


def test_a_server_that_is_not_there(terminal: Terminal) -> None:
    report = examined(terminal.but(OFFBRAND_SMTP_URL="smtp+plain://127.0.0.1:1"))
    assert report.states("mail") == {"bad"}
    assert "cannot be reached" in report.says("mail")


def test_a_mailbox_that_cannot_be_written(terminal: Terminal) -> None:
    assert examined(terminal).states("mail") == {"ok"}
    (terminal.folder / "offbrand.db.mailbox").write_text("in the way")
    assert examined(terminal).states("mail") == {"bad"}
