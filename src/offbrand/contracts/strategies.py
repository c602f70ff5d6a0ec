"""Strategies: every entity and value that the domain can bring forth, nasty ones included."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from offbrand.domain.account import Account
from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.errors import Malformed
from offbrand.domain.events import Event, EventKind
from offbrand.domain.letters import Letter, LetterKind, ReadyLetter
from offbrand.domain.session import Session
from offbrand.domain.values import (
    PASSWORD_MAX,
    USERNAME_MAX,
    AccountId,
    Client,
    EmailAddress,
    Password,
    PasswordHash,
    SessionId,
    Token,
    Username,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

_LETTERS = (
    string.ascii_letters,
    "ÄäÖöÜüßẞÉéÈèÑñØøŁłĞğŞşÅå",
    "ΑαΆάΣσςΩωΏώ",
    "ИиЙйЁёІіѢѣ",
    "שלוםעליכם",
    "مرحبابكم",
    "漢字仮名交じりカナ",
    "한글이름",
    "𐐀𐐨𐐁𐐩",
    "𞤀𞤢𞤁𞤣",
)
_ATEXT = string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~-"
_BIG = 2**31 - 2  # versions are raised by one when they are saved
_NETWORKS = st.ip_addresses().map(str)
_PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" ")


def moments() -> SearchStrategy[datetime]:
    """Return aware times in UTC, to the microsecond, that every database can hold."""
    return st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given below


def usernames() -> SearchStrategy[Username]:
    """Return usernames of many scripts, in and beyond the Basic Multilingual Plane."""
    letters = st.sampled_from(_LETTERS)
    names = letters.flatmap(
        lambda script: st.builds(
            str.__add__, st.sampled_from(script), st.text(script + "0123456789._", max_size=USERNAME_MAX - 1)
        )
    )
    return names.filter(partial(_is_accepted, Username.parse)).map(Username.parse)


def emails() -> SearchStrategy[EmailAddress]:
    """Return addresses with every character that a local part may have, short ones and the longest."""
    label = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20)
    local = st.lists(st.text(_ATEXT, min_size=1, max_size=20), min_size=1, max_size=3).map(".".join)
    top = st.text(string.ascii_lowercase, min_size=2, max_size=20)
    domain = st.builds(lambda labels, top: ".".join([*labels, top]), st.lists(label, min_size=1, max_size=3), top)
    longest = EmailAddress(f"{'A' * 64}@{'b' * 61}.{'c' * 61}.{'d' * 61}.org")
    raw = st.builds(lambda one, other: f"{one}@{other}", local, domain)
    return raw.filter(partial(_is_accepted, EmailAddress.parse)).map(EmailAddress.parse) | st.just(longest)


def clients() -> SearchStrategy[Client]:
    """Return clients of every network, with whatever they may call themselves."""
    return st.builds(Client, network=st.none() | _NETWORKS, user_agent=st.none() | st.text(max_size=250))


def passwords(min_size: int = 0) -> SearchStrategy[Password]:
    """Return whatever may be typed as a password."""
    typeable = st.characters(codec="utf-8", exclude_characters="\0")
    # Composing may shorten text, and decomposed text is capped as it was typed.
    return st.text(typeable, min_size=min_size, max_size=PASSWORD_MAX).map(Password)


def password_hashes() -> SearchStrategy[PasswordHash]:
    """Return what a hasher may have made."""
    return st.text(string.ascii_letters + string.digits + "$=,+/.-", min_size=1, max_size=255).map(PasswordHash)


def accounts() -> SearchStrategy[Account]:
    """Return accounts in any state, also in such as no flow leads to."""
    return st.builds(
        Account,
        id=st.uuids().map(AccountId),
        email=emails(),
        username=usernames(),
        password_hash=st.none() | password_hashes(),
        roles=st.frozensets(st.text(_PRINTABLE, min_size=1, max_size=30), max_size=5),
        avatar_id=st.uuids(),
        registered_at=moments(),
        generation=_counts(),
        version=_counts(),
        undo_email=st.none() | emails(),
        undo_until=st.none() | moments(),
        confirmed_at=st.none() | moments(),
        disabled_at=st.none() | moments(),
        closed_at=st.none() | moments(),
        purge_at=st.none() | moments(),
    )


def sessions() -> SearchStrategy[Session]:
    """Return sessions of accounts that do not exist."""
    return st.builds(
        lambda client, **fields: Session(network=client.network, user_agent=client.user_agent, **fields),
        clients(),
        id=st.uuids().map(SessionId),
        token_digest=_digests(),
        account_id=st.uuids().map(AccountId),
        generation=_counts(),
        began_at=moments(),
        seen_at=moments(),
        proved_at=st.none() | moments(),
        idle=st.integers(1, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
        expires_at=moments(),
        remembered=st.booleans(),
    )


def events() -> SearchStrategy[Event]:
    """Return events of any kind."""
    return st.builds(
        lambda client, **fields: Event(network=client.network, user_agent=client.user_agent, **fields),
        clients(),
        id=st.uuids(),
        kind=st.sampled_from(EventKind),
        at=moments(),
        account_id=st.none() | st.uuids().map(AccountId),
        actor=st.text(_PRINTABLE, min_size=1, max_size=40),
        outcome=st.sampled_from(["success", "refused"]) | st.text(_PRINTABLE, min_size=1, max_size=30),
        identifier_digest=st.none() | _digests(),
    )


def letters() -> SearchStrategy[Letter]:
    """Return letters that wait, with or without a link, with or without anybody to get them."""
    return st.builds(
        lambda client, **fields: Letter(network=client.network, user_agent=client.user_agent, **fields),
        clients(),
        id=st.uuids(),
        kind=st.sampled_from(LetterKind),
        event_id=st.uuids(),
        account_id=st.none() | st.uuids().map(AccountId),
        recipient=st.none() | emails(),
        written_at=moments(),
        due_at=moments(),
        claim_email=st.none() | emails(),
        generation=st.none() | _counts(),
        expires_at=st.none() | moments(),
        attempts=st.integers(0, 100),
        leased_until=st.none() | moments(),
        last_error=st.none() | st.text(_PRINTABLE, max_size=200),
    )


def ready_letters() -> SearchStrategy[ReadyLetter]:
    """Return letters as a mailer gets them."""
    return st.builds(
        lambda client, **fields: ReadyLetter(network=client.network, user_agent=client.user_agent, **fields),
        clients(),
        id=st.uuids(),
        kind=st.sampled_from(LetterKind),
        recipient=st.none() | emails(),
        username=st.none() | usernames().map(str),
        written_at=moments(),
        token=st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=400).map(Token),
        expires_at=moments(),
        account_state=st.sampled_from((None, "active", "closed", "disabled")),
        purge_at=st.none() | moments(),
    )


def claims() -> SearchStrategy[Claim]:
    """Return whatever a link may say."""
    return st.builds(
        Claim,
        purpose=st.sampled_from(Purpose),
        account_id=st.uuids().map(AccountId),
        generation=_counts(),
        expires_at=moments(),
        email=emails(),
    )


def _counts() -> SearchStrategy[int]:
    return st.integers(1, _BIG)


def _digests() -> SearchStrategy[str]:
    return st.binary(min_size=32, max_size=32).map(bytes.hex)


def _is_accepted(parse: Callable[[str], object], raw: str) -> bool:
    try:
        parse(raw)
    except Malformed:
        return False
    return True
