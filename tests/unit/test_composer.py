"""Letters as messages: every kind has its words, links only where they belong, and no header that a stranger wrote."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import attrs
import pytest
from jinja2 import DictLoader

import offbrand.adapters.mail
from offbrand.adapters.mail.composer import SUBJECTS, Composer, default_links
from offbrand.domain.claims import Purpose
from offbrand.domain.errors import MailRefused
from offbrand.domain.letters import PURPOSES, LetterKind, ReadyLetter
from offbrand.domain.policy import Policy
from offbrand.domain.values import EmailAddress, Token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

AT = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BASE_URL = "https://accounts.example.org"
COMPOSER = Composer(
    links=default_links(BASE_URL),
    base_url=BASE_URL,
    sender="no-reply@example.org",
    subject_prefix="[Offbrand]",
    product="Offbrand",
)
WITH_LINK = [kind for kind, purpose in PURPOSES.items() if purpose]
WITHOUT_LINK = [kind for kind, purpose in PURPOSES.items() if not purpose]


def letter(kind: LetterKind, **changes: Any) -> ReadyLetter:  # noqa: ANN401 - any of its fields
    purpose = PURPOSES[kind]
    ready = ReadyLetter(
        id=UUID("019b8d87-79e8-7d5e-8449-7b379325ea00"),
        kind=kind,
        recipient=EmailAddress("alice@example.org"),
        username="alice",
        written_at=AT,
        token=Token("canary-token") if purpose else None,
        expires_at=AT + Policy().lifetimes[purpose] if purpose else None,
        network="192.0.2.17",
        user_agent=FIREFOX,
    )
    return attrs.evolve(ready, **changes)


def bodies(message: EmailMessage) -> dict[str, str]:
    # Through bytes, as a mail program gets it.
    received = message_from_bytes(message.as_bytes(), policy=default)
    parts = cast("Iterator[EmailMessage]", received.iter_parts())
    return {part.get_content_subtype(): part.get_content().replace("\r\n", "\n") for part in parts}


@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_says_what_happened_and_what_to_do_in_text_and_in_html(kind: LetterKind) -> None:
    """Text first, HTML after: a mail program shows the last part that it understands. D34: all of them render."""
    said = bodies(COMPOSER.compose(letter(kind)))
    assert list(said) == ["plain", "html"]
    for body in said.values():
        words = " ".join(body.split())
        assert "Hello alice," in words
        assert "Offbrand sends this letter by itself; replies are not read." in words
        assert re.search(r"If (it was not you|you did not ask|you do not want it|you know nothing)", words)
    assert f"<title>{SUBJECTS[kind]}</title>" in said["html"]
    assert not re.search(r"<\w+", said["plain"])


def test_every_kind_has_both_templates_and_no_template_is_orphaned() -> None:
    folder = Path(offbrand.adapters.mail.__file__).parent / "templates"
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{name}.{ending}" for name in [*LetterKind, "layout"] for ending in ("txt", "html")}
    assert set(SUBJECTS) == set(LetterKind)
    assert len(set(SUBJECTS.values())) == len(LetterKind)


@pytest.mark.parametrize("kind", WITH_LINK)
def test_d3_d12_a_link_is_the_configured_base_the_purpose_and_the_token(kind: LetterKind) -> None:
    link = f"{BASE_URL}/auth/{PURPOSES[kind]}/canary-token"
    said = bodies(COMPOSER.compose(letter(kind)))
    assert said["plain"].split().count(link) == 1
    assert said["html"].count(f'href="{link}"') == 2
    assert f">{link}</a>" in said["html"]


@pytest.mark.parametrize("kind", LetterKind)
def test_d12_d54_no_letter_loads_anything_or_leads_to_anybody_else(kind: LetterKind) -> None:
    said = bodies(COMPOSER.compose(letter(kind)))
    for body in said.values():
        assert all(url.startswith(f"{BASE_URL}/auth/") for url in re.findall(r"\w+://[^\s\"<]+", body))
    assert not re.search(r"<(img|link|script|iframe|object|video|form)\b|\bsrc=|url\(|@import", said["html"])


@pytest.mark.parametrize("kind", WITHOUT_LINK)
def test_a_letter_that_gives_no_power_has_no_token_even_if_it_were_given_one(kind: LetterKind) -> None:
    said = bodies(COMPOSER.compose(letter(kind, token=Token("canary-token"))))
    assert "canary" not in "".join(said.values())


@pytest.mark.parametrize(
    ("kind", "pages"),
    [
        (LetterKind.ALREADY_REGISTERED, ["login", "reset"]),
        (LetterKind.NEW_LOGIN, ["reset"]),
        (LetterKind.PASSWORD_CHANGED, ["reset"]),
        (LetterKind.EMAIL_RESTORED, ["reset"]),
    ],
)
def test_d47_notices_lead_to_the_pages_that_help(kind: LetterKind, pages: list[str]) -> None:
    said = bodies(COMPOSER.compose(letter(kind)))
    for page in pages:
        assert f"{BASE_URL}/auth/{page}" in said["plain"].split()
        assert f'href="{BASE_URL}/auth/{page}"' in said["html"]


@pytest.mark.parametrize("kind", [LetterKind.NEW_LOGIN, LetterKind.PASSWORD_CHANGED, LetterKind.EMAIL_CHANGED])
def test_d47_a_notice_says_when_and_from_where(kind: LetterKind) -> None:
    for body in bodies(COMPOSER.compose(letter(kind))).values():
        assert "5 January 2026, 12:30 UTC" in body
        assert "192.0.2.17" in body
        assert "Firefox on Linux" in body


def test_d47_the_former_address_is_told_of_the_change_and_how_to_undo_it() -> None:
    message = COMPOSER.compose(letter(LetterKind.EMAIL_CHANGED))
    assert "/auth/undo-email/canary-token" in bodies(message)["plain"]


@pytest.mark.parametrize(
    ("kind", "lifetime"),
    [
        (LetterKind.CONFIRMATION, "3 days, until 8 January 2026, 12:30 UTC"),
        (LetterKind.PASSWORD_RESET, "1 hour, until 5 January 2026, 13:30 UTC"),
        (LetterKind.EMAIL_CHANGE, "24 hours, until 6 January 2026, 12:30 UTC"),
        (LetterKind.EMAIL_CHANGED, "7 days, until 12 January 2026, 12:30 UTC"),
    ],
)
def test_d49_a_letter_says_how_long_its_link_works(kind: LetterKind, lifetime: str) -> None:
    for body in bodies(COMPOSER.compose(letter(kind))).values():
        assert f"The link works for {lifetime}." in body


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=2, hours=23), "2 days"),
        (timedelta(hours=47, minutes=59), "47 hours"),
        (timedelta(hours=2) - timedelta(microseconds=1), "1 hour"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(0), "0 minutes"),
    ],
)
def test_a_lifetime_is_rounded_down(length: timedelta, words: str) -> None:
    """A link must not be promised to live longer than it does."""
    message = COMPOSER.compose(letter(LetterKind.CONFIRMATION, expires_at=AT + length))
    assert f"The link works for {words}, until" in bodies(message)["plain"]


def test_d58_times_are_told_in_utc_whatever_zone_they_come_in() -> None:
    eastern = timezone(timedelta(hours=-5))
    message = COMPOSER.compose(letter(LetterKind.NEW_LOGIN, written_at=AT.astimezone(eastern)))
    assert "5 January 2026, 12:30 UTC" in bodies(message)["plain"]


def test_without_a_username_the_greeting_is_plain() -> None:
    for body in bodies(COMPOSER.compose(letter(LetterKind.PASSWORD_RESET, username=None))).values():
        assert re.search(r"\bHello,", body)
        assert "None" not in body


def test_the_headers_name_the_letter_its_time_and_that_no_robot_shall_answer() -> None:
    """D44: the letter's id is the Message-ID, so that a second delivery can be told from a second letter."""
    message = COMPOSER.compose(letter(LetterKind.PASSWORD_RESET))
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "Offbrand <no-reply@example.org>",
        "To": "alice@example.org",
        "Subject": "[Offbrand] Reset your password",
        "Date": "Mon, 05 Jan 2026 12:30:00 +0000",
        "Message-ID": "<019b8d87-79e8-7d5e-8449-7b379325ea00@example.org>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }


@pytest.mark.parametrize("kind", LetterKind)
def test_d18_a_letter_to_nobody_is_composed_whole(kind: LetterKind) -> None:
    """The work must not tell whether there is an account."""
    message = COMPOSER.compose(letter(kind, recipient=None, username=None))
    assert "To" not in message
    assert set(bodies(message)) == {"plain", "html"}


@pytest.mark.parametrize("text", ["<b>x</b>", "{{ 7 * 7 }}", "{% raw %}", "%(x)s{0.__class__}", "a&amp;b", "\"'><i>"])
def test_what_people_choose_is_shown_as_it_is(text: str) -> None:
    """INP-10: no markup, no template and no format string in it means anything."""
    said = bodies(COMPOSER.compose(letter(LetterKind.CONFIRMATION, username=text)))
    assert f"Hello {text}," in said["plain"]
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = escaped.replace('"', "&#34;").replace("'", "&#39;")
    assert f"Hello {escaped}," in said["html"]


@pytest.mark.parametrize(
    "address",
    [
        "alice@example.org\r\nBcc: mallory@example.net",
        "alice@example.org\nBcc: mallory@example.net",
        "alice@example.org, mallory@example.net",
        "alice@example.org mallory@example.net",
        "Team: alice@example.org, mallory@example.net;",
        '"mallory@example.net"@example.org',
        "<alice@example.org>",
        "alice@example.org (mallory@example.net)",
        "alice@exämple.org",
        "alice@example.org\x85",
        "alice@",
        "",
    ],
)
def test_inp_04_what_is_no_plain_address_gets_no_letter(address: str) -> None:
    """An address that was parsed is none of these; the composer does not lean on it."""
    with pytest.raises(MailRefused, match="no plain email address"):
        COMPOSER.compose(letter(LetterKind.CONFIRMATION, recipient=EmailAddress(address)))


def test_the_longest_address_stays_in_one_piece() -> None:
    address = f"{'l' * 64}@{'.'.join(['d' * 60] * 3)}.exampl"
    sent = COMPOSER.compose(letter(LetterKind.CONFIRMATION, recipient=EmailAddress.parse(address))).as_bytes()
    assert f"\r\nTo: {address}\r\n".encode() in sent
    assert all(len(line) <= 998 for line in sent.split(b"\r\n"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender", "no-reply@example.org\r\nBcc: mallory@example.net"),
        ("sender", "Offbrand <no-reply@example.org>"),
        ("sender", "no-reply"),
        ("sender", ""),
        ("subject_prefix", "[Offbrand]\r\nBcc: mallory@example.net"),
        ("subject_prefix", "[Offbrand]\u2028"),
        ("product", "Off\nbrand"),
    ],
)
def test_settings_that_would_end_a_header_stop_the_start(field: str, value: str) -> None:
    changes: dict[str, Any] = {field: value}
    with pytest.raises(ValueError, match=r"plain lines|one plain email address"):
        attrs.evolve(COMPOSER, **changes)


def test_a_product_with_marks_in_its_name_is_quoted_and_without_a_prefix_nothing_leads_the_subject() -> None:
    composer = attrs.evolve(COMPOSER, product='Böse, "Ltd"', subject_prefix="")
    message = message_from_bytes(composer.compose(letter(LetterKind.NEW_LOGIN)).as_bytes(), policy=default)
    sender = message["From"].addresses
    assert [(address.display_name, address.addr_spec) for address in sender] == [
        ('Böse, "Ltd"', "no-reply@example.org")
    ]
    assert message["Subject"] == "New login to your account"


def test_a_host_gives_links_and_words_of_its_own() -> None:
    def links(purpose: Purpose, token: Token) -> str:
        return f"app://{purpose.name}?t={token.reveal()}&x=1"

    templates = DictLoader(
        {"new_login.txt": "Ahoi {{ username }}", "layout.html": "<p>{% block button %}{% endblock %}"}
    )
    composer = attrs.evolve(COMPOSER, links=links, templates=templates)
    assert bodies(composer.compose(letter(LetterKind.NEW_LOGIN)))["plain"] == "Ahoi alice\n"
    said = bodies(composer.compose(letter(LetterKind.PASSWORD_RESET)))
    assert "app://PASSWORD_RESET?t=canary-token&x=1" in said["plain"]
    assert said["html"] == "<p>Choose a new password\n"


def test_a_template_that_names_what_is_not_there_fails_instead_of_saying_nothing() -> None:
    composer = attrs.evolve(COMPOSER, templates=DictLoader({"new_login.txt": "{{ usrname }}"}))
    with pytest.raises(Exception, match="usrname"):
        composer.compose(letter(LetterKind.NEW_LOGIN))


@pytest.mark.parametrize("base_url", ["https://example.org", "https://example.org/"])
def test_a_link_is_made_of_the_purpose_itself(base_url: str) -> None:
    made = [default_links(base_url)(purpose, Token("t")) for purpose in Purpose]
    paths = ["confirm", "reset", "change-email", "undo-email"]
    assert made == [f"https://example.org/auth/{path}/t" for path in paths]
