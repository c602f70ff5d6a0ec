"""The development mailbox: whole files that only their owner reads, newest first."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import attrs
import pytest

from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.adapters.mail.mailbox_mailer import MailboxMailer
from offbrand.contracts.mailer import Arrivals, MailerContract
from offbrand.domain.errors import MailDelayed, MailRefused
from offbrand.domain.letters import LetterKind, ReadyLetter
from offbrand.domain.values import EmailAddress, Token

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
COMPOSER = Composer(
    links=default_links("http://localhost:8000"),
    base_url="http://localhost:8000",
    sender="offbrand@localhost.localdomain",
    subject_prefix="[Offbrand]",
    product="Offbrand",
)
LETTER = ReadyLetter(
    id=UUID("019b8d87-79e8-7d5e-8449-7b379325ea00"),
    kind=LetterKind.CONFIRMATION,
    recipient=EmailAddress("alice@example.org"),
    username="älice",
    written_at=AT,
    token=Token("x" * 200),
    expires_at=AT + timedelta(days=3),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "mailbox"


@pytest.fixture
def mailbox(folder: Path) -> MailboxMailer:
    return MailboxMailer(folder, COMPOSER)


def test_a_letter_is_read_as_it_would_have_been_sent(mailbox: MailboxMailer) -> None:
    mailbox.send(LETTER)
    message = mailbox.read(str(LETTER.id))
    assert message == mailbox.read(LETTER.id)
    assert (message.id, message.date) == (LETTER.id, AT)
    assert (message.subject, message.to) == ("[Offbrand] Confirm your account", "alice@example.org")
    assert message.headers["Message-ID"] == f"<{LETTER.id}@localhost.localdomain>"
    link = f"http://localhost:8000/auth/confirm/{'x' * 200}"
    assert link in message.text.splitlines()
    assert f'href="{link}"' in message.html
    assert "Hello älice," in message.text
    assert "\r" not in message.text + message.html


def test_letters_are_listed_newest_first(mailbox: MailboxMailer) -> None:
    assert list(mailbox.letters()) == []
    ages = {3: UUID(int=1), 1: UUID(int=2), 2: UUID(int=3)}
    for days, letter_id in ages.items():
        mailbox.send(attrs.evolve(LETTER, id=letter_id, written_at=AT - timedelta(days=days)))
    assert [head.id for head in mailbox.letters()] == [ages[1], ages[2], ages[3]]
    assert {head.subject for head in mailbox.letters()} == {"[Offbrand] Confirm your account"}


def test_what_somebody_else_has_put_there_is_no_letter(mailbox: MailboxMailer, folder: Path) -> None:
    mailbox.send(LETTER)
    (folder / "notes.eml").write_text("to be done")
    (folder / "notes.txt").write_text("to be done")
    assert [head.id for head in mailbox.letters()] == [LETTER.id]


def test_a_letter_that_is_sent_again_is_there_once(mailbox: MailboxMailer) -> None:
    """Delivery is at least once; the id makes it one file."""
    mailbox.send(LETTER)
    mailbox.send(LETTER)
    assert len(mailbox.letters()) == 1


def test_only_the_owner_reads_the_folder_and_nothing_unfinished_stays(mailbox: MailboxMailer, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    mailbox.send(LETTER)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [f"{LETTER.id}.eml"]


def test_d18_a_letter_to_nobody_is_composed_and_dropped(mailbox: MailboxMailer, folder: Path) -> None:
    mailbox.send(attrs.evolve(LETTER, recipient=None, username=None))
    assert not folder.exists()
    broken = attrs.evolve(COMPOSER, links=lambda _purpose, _token: 1 / 0)  # type: ignore[arg-type,return-value] # raises
    with pytest.raises(ZeroDivisionError):
        MailboxMailer(folder, broken).send(attrs.evolve(LETTER, recipient=None))


def test_l9_a_message_shows_its_link_to_nobody_who_does_not_read_it(mailbox: MailboxMailer) -> None:
    mailbox.send(LETTER)
    message = mailbox.read(str(LETTER.id))
    assert "x" * 200 in message.text
    assert "x" * 200 not in repr(message)


def test_a_letter_that_cannot_be_addressed_is_refused(mailbox: MailboxMailer, folder: Path) -> None:
    with pytest.raises(MailRefused):
        mailbox.send(attrs.evolve(LETTER, recipient=EmailAddress("alice@example.org\nBcc: mallory@example.net")))
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_delays(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("not a folder")
    with pytest.raises(MailDelayed, match="cannot be written"):
        MailboxMailer(folder, COMPOSER).send(LETTER)


@pytest.mark.parametrize(
    "letter_id", ["../secret", "/etc/passwd", "..%2fsecret", "", ".", "x" * 300, "\0", str(UUID(int=9)), "{secret}"]
)
def test_no_id_leads_out_of_the_folder_or_to_what_is_not_there(
    letter_id: str, mailbox: MailboxMailer, folder: Path
) -> None:
    mailbox.send(LETTER)
    (folder.parent / "secret.eml").write_text("Subject: not yours\n\n")
    with pytest.raises(LookupError):
        mailbox.read(letter_id)


class TestMailboxMailer(MailerContract):
    @pytest.fixture
    def mailer(self, mailbox: MailboxMailer) -> MailboxMailer:
        return mailbox

    @pytest.fixture
    def arrivals(self, mailbox: MailboxMailer) -> Arrivals:
        return lambda: [(head.id, head.to) for head in mailbox.letters()]
