"""Letters through a real mail server: over TLS that can be trusted or not at all, and every answer understood."""

from __future__ import annotations

import os
import shutil
import socket
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING
from uuid import UUID

import attrs
import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.adapters.mail.smtp_mailer import SmtpMailer
from offbrand.contracts.mailer import Arrivals, MailerContract
from offbrand.domain.errors import MailDelayed, MailError, MailRefused
from offbrand.domain.letters import LetterKind, ReadyLetter
from offbrand.domain.values import EmailAddress, Secret, Token
from tests.integration.mail.smtp_server import HOST, Behaviour, make_authority, make_context, serving

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "canary/password@:#"
PATIENCE = 60  # seconds, for a machine that is busy; never waited for when all is well
CANARIES = ("canary", "alice", "Y2FuYXJ5")
COMPOSER = Composer(
    links=default_links("https://example.org"),
    base_url="https://example.org",
    sender="no-reply@example.org",
    subject_prefix="[Offbrand]",
    product="Offbrand",
)
LETTER = ReadyLetter(
    id=UUID("019b8d87-79e8-7d5e-8449-7b379325ea00"),
    kind=LetterKind.PASSWORD_RESET,
    recipient=EmailAddress("alice@example.org"),
    username="alice",
    written_at=datetime(2026, 1, 5, 12, 30, tzinfo=UTC),
    token=Token("canary-token"),
    expires_at=datetime(2026, 1, 5, 13, 30, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        reason = "openssl makes the certificates of the mail server, and is not installed"
        pytest.fail(reason) if os.environ.get("OFFBRAND_REQUIRE") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("authority")
    make_authority(folder)
    return folder


@pytest.fixture(scope="module")
def tls(authority: Path) -> ssl.SSLContext:
    return make_context(authority, HOST)


@pytest.fixture
def trusted(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the authority as an operator would whose relay has a certificate of the house."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))


def mailer(url: str, timeout: float = PATIENCE) -> SmtpMailer:
    return SmtpMailer(Secret(url), COMPOSER, timeout)


def refusal(url: str, timeout: float = PATIENCE) -> MailError:
    """Send, and return what was reported, which never quotes a password, a link or an address."""
    with pytest.raises(MailError) as caught:
        mailer(url, timeout).send(LETTER)
    assert not any(canary in str(caught.value) for canary in CANARIES)
    assert caught.value.__suppress_context__
    return caught.value


def test_a_letter_arrives_as_it_was_composed_at_its_one_recipient() -> None:
    behaviour = Behaviour()
    with serving(behaviour) as port:
        mailer(f"smtp+plain://{HOST}:{port}").send(LETTER)
    [envelope] = behaviour.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@example.org", ["alice@example.org"])
    assert isinstance(envelope.content, bytes)
    arrived = message_from_bytes(envelope.content, policy=default)
    sent = message_from_bytes(COMPOSER.compose(LETTER).as_bytes(), policy=default)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"):
        assert arrived[name] == sent[name]
    for kind in ("plain", "html"):
        parts = [message.get_body((kind,)) for message in (arrived, sent)]
        assert len({part.get_content() for part in parts if part}) == 1
        assert all(parts)


def test_d18_a_letter_to_nobody_is_composed_and_goes_nowhere() -> None:
    """There is not even a server."""
    mailer("smtp+plain://localhost:1").send(attrs.evolve(LETTER, recipient=None, username=None))
    broken = attrs.evolve(COMPOSER, links=lambda _purpose, _token: 1 / 0)  # type: ignore[arg-type,return-value] # raises
    with pytest.raises(ZeroDivisionError):
        SmtpMailer(Secret("smtp+plain://localhost:1"), broken).send(attrs.evolve(LETTER, recipient=None))


@pytest.mark.usefixtures("trusted")
def test_starttls_comes_before_the_login_and_the_login_before_the_letter(tls: ssl.SSLContext) -> None:
    behaviour = Behaviour(login=(b"us%r", PASSWORD.encode()))
    with serving(behaviour, starttls=tls) as port:
        mailer(f"smtp://us%25r:canary%2Fpassword%40%3A%23@{HOST}:{port}").send(LETTER)
    assert behaviour.was_encrypted == [True]
    assert behaviour.logins == [(b"us%r", PASSWORD.encode())]
    assert len(behaviour.envelopes) == 1


@pytest.mark.usefixtures("trusted")
def test_tls_from_the_first_byte(tls: ssl.SSLContext) -> None:
    behaviour = Behaviour()
    with serving(behaviour, tls=tls) as port:
        mailer(f"smtps://{HOST}:{port}").send(LETTER)
    assert behaviour.was_encrypted == [True]
    assert len(behaviour.envelopes) == 1


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("login", ["user:word@", ""], ids=["login", "no login"])
def test_where_tls_is_stripped_nothing_is_sent_in_clear(scheme: str, login: str) -> None:
    """Neither the letter nor the login; and a server that wants no login gets no letter either."""
    behaviour = Behaviour(login=(b"user", b"word") if login else None)
    with serving(behaviour) as port:
        error = refusal(f"{scheme}://{login}{HOST}:{port}", timeout=0.5)
    assert isinstance(error, MailDelayed)
    assert (behaviour.commands, behaviour.logins) == ([], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_gets_nothing(scheme: str, tls: ssl.SSLContext) -> None:
    """Incident 82: smtplib left alone verifies nothing."""
    behaviour = Behaviour(login=(b"user", b"word"))
    with serving(behaviour, **{"starttls" if scheme == "smtp" else "tls": tls}) as port:
        error = refusal(f"{scheme}://user:word@{HOST}:{port}")
    assert isinstance(error, MailDelayed)
    assert "certificate that cannot be trusted" in str(error)
    assert (behaviour.commands, behaviour.logins) == ([], [])


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_host_gets_nothing(authority: Path) -> None:
    behaviour = Behaviour()
    with serving(behaviour, starttls=make_context(authority, "elsewhere.example")) as port:
        error = refusal(f"smtp://{HOST}:{port}")
    assert isinstance(error, MailDelayed)
    assert "certificate that cannot be trusted" in str(error)
    assert behaviour.commands == []


@pytest.mark.parametrize(
    ("stage", "answer", "kind", "text"),
    [
        ("on_mail", "450 4.7.1 Later", MailDelayed, "refused the sender: 450 4.7.1."),
        ("on_mail", "550 5.7.1 Not you", MailDelayed, "refused the sender: 550 5.7.1."),
        ("on_rcpt", "421 4.3.0 Going down", MailDelayed, "refused the recipient: 421 4.3.0."),
        ("on_rcpt", "450 4.2.1 Greylisted", MailDelayed, "refused the recipient: 450 4.2.1."),
        ("on_rcpt", "550 5.1.1 <alice@example.org>: unknown", MailRefused, "refused the recipient: 550 5.1.1."),
        ("on_data", "452 4.3.1 Full", MailDelayed, "refused the letter: 452 4.3.1."),
        ("on_data", "554 https://example.org/auth/reset/canary-token is listed", MailRefused, "the letter: 554."),
        ("on_data", "554 5.7.1 spam", MailRefused, "refused the letter: 554 5.7.1."),
    ],
)
def test_flt_01_d44_an_answer_of_4xx_delays_and_one_of_5xx_to_the_letter_refuses(
    stage: str, answer: str, kind: type[MailError], text: str
) -> None:
    """What is wrong with the sender is wrong with every letter, and an operator can mend it."""
    with serving(Behaviour(**{stage: answer})) as port:  # type: ignore[arg-type] # one of its texts
        error = refusal(f"smtp+plain://{HOST}:{port}")
    assert type(error) is kind
    assert str(error).endswith(text)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_flt_01_d44_a_dropped_connection_delays_and_the_next_attempt_bears_the_same_id(command: str) -> None:
    """After DATA nobody knows whether the letter was taken; its Message-ID tells the copies from two letters."""
    behaviour = Behaviour(drops_after=command)
    with serving(behaviour) as port:
        assert type(refusal(f"smtp+plain://{HOST}:{port}")) is MailDelayed
        behaviour.drops_after = ""
        mailer(f"smtp+plain://{HOST}:{port}").send(LETTER)
    assert behaviour.message_ids() == [f"<{LETTER.id}@example.org>"] * (2 if command == "DATA" else 1)


@pytest.mark.parametrize("changed", [{"drops_after": "QUIT"}, {"on_quit": "500 What?"}, {"on_quit": "421 Bye"}])
def test_what_goes_wrong_after_the_letter_was_taken_does_not_send_it_twice(changed: dict[str, str]) -> None:
    behaviour = Behaviour(**changed)  # type: ignore[arg-type] # texts of its own
    with serving(behaviour) as port:
        mailer(f"smtp+plain://{HOST}:{port}").send(LETTER)
    assert behaviour.commands == ["MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.usefixtures("trusted")
def test_a_login_that_fails_delays_and_does_not_tell_the_password(tls: ssl.SSLContext) -> None:
    behaviour = Behaviour(login=(b"user", b"another"))
    with serving(behaviour, starttls=tls) as port:
        error = refusal(f"smtp://user:canary-password@{HOST}:{port}")
    assert isinstance(error, MailDelayed)
    assert str(error) == "The mail server refused our login: 535 5.7.8."
    assert behaviour.commands == []


@pytest.mark.usefixtures("trusted")
def test_a_server_that_knows_no_login_delays(tls: ssl.SSLContext) -> None:
    behaviour = Behaviour()
    with serving(behaviour, starttls=tls) as port:
        error = refusal(f"smtp://user:canary-password@{HOST}:{port}")
    assert (type(error), behaviour.commands) == (MailDelayed, [])


class Nonsense(Behaviour):
    """A server that asks for what nobody can answer."""

    async def auth_CRAM__MD5(self, server: SMTP, _args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        await server.push("334 a")
        return AuthResult(success=False)


@pytest.mark.usefixtures("trusted")
def test_a_server_that_answers_nonsense_delays(tls: ssl.SSLContext) -> None:
    """What smtplib makes of it is a ValueError, which must not end the delivery of other letters."""
    behaviour = Nonsense(login=(b"user", b"word"))
    with serving(behaviour, starttls=tls) as port:
        error = refusal(f"smtp://user:word@{HOST}:{port}")
    assert (type(error), behaviour.commands) == (MailDelayed, [])
    assert str(error).startswith("The mail server answered what cannot be understood: ")


@pytest.mark.parametrize("scheme", ["smtp+plain", "smtp", "smtps"])
def test_d46_a_server_that_does_not_answer_is_waited_for_no_longer_than_agreed(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = refusal(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}", timeout=0.1)
    assert type(error) is MailDelayed
    assert str(error).endswith(" did not answer in time.")


def test_d44_no_server_and_no_such_host_delay() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for host in ("127.0.0.1", "no-such-host.invalid"):
        error = refusal(f"smtp+plain://{host}:{port}")
        assert type(error) is MailDelayed
        assert str(error).startswith("The mail server cannot be reached: ")


class TestSmtpMailer(MailerContract):
    @pytest.fixture
    def behaviour(self) -> Behaviour:
        return Behaviour()

    @pytest.fixture
    def mailer(self, behaviour: Behaviour) -> Iterator[SmtpMailer]:
        with serving(behaviour) as port:
            yield mailer(f"smtp+plain://{HOST}:{port}")

    @pytest.fixture
    def arrivals(self, behaviour: Behaviour) -> Arrivals:
        return behaviour.arrived
