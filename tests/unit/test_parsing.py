"""Parsing: text from outside becomes values, alike for every door."""

from __future__ import annotations

from uuid import UUID

import pytest

from offbrand.domain.errors import (
    AuthError,
    MalformedEmailAddress,
    MalformedUsername,
    UnknownAccount,
    UnknownSession,
)
from offbrand.domain.values import EmailAddress, Username
from offbrand.entrypoints import parsing

ID = "01a20352-936a-7000-ac84-68ca13eb06fa"
# INP-03, INP-04, INP-11 and TOK-10: what no value can be.
HOSTILE = [
    "",
    " ",
    "\0",
    "a\0b",
    "\r\n",
    "a\r\nBcc: b@example.org",
    "\u2028",
    "\x85",
    "\x1b[31m",
    "\u202e",
    "\ud800",
    "..",
    "%00",
    "0",
    "[]",
    "' OR 1=1--",
    "{{7*7}}",
    "%(x)s",
    "{0.__class__}",
    "x" * 10_000,
    "." * 10_000,
    "@",
    "@@",
    "a@",
    "@example.org",
    "a@" + "b." * 10_000 + "org",
    "a" * 100_000 + "@example.org",
]
PARSERS = [
    (parsing.email_address, MalformedEmailAddress),
    (parsing.username, MalformedUsername),
    (parsing.account_name, UnknownAccount),
    (parsing.session_id, UnknownSession),
]


@pytest.mark.parametrize(("parse", "refusal"), PARSERS, ids=[parse.__name__ for parse, _ in PARSERS])
@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:24]) for text in HOSTILE])
def test_hostile_text_is_refused(text: str, parse: object, refusal: type[AuthError]) -> None:
    assert callable(parse)
    with pytest.raises(refusal):
        parse(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  ada@example.org ", "ada@example.org"),
        ("Ada@EXAMPLE.org", "Ada@example.org"),
        ("ada+offbrand@example.org", "ada+offbrand@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("ada@b\u00fccher.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada@xn--bcher-kva.example.org", "ada@xn--bcher-kva.example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_is_kept_in_one_form(text: str, address: str) -> None:
    """D27, INP-11: an international domain and its ASCII twin are one address."""
    assert address == parsing.email_address(text).text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 65 + "@example.org",
        "ada@localhost",
        "ada@[192.0.2.1]",
        '"ada"@example.org',
        "ada@example.org.",
        "ada@example..org",
        ".ada@example.org",
        "ada.@example.org",
        "ad\u00e4@example.org",
        "Ada <ada@example.org>",
        "ada@example.org, bob@example.org",
        "ada@example.org\n",
        "ada@-example.org",
    ],
)
def test_what_mail_cannot_reach_plainly_is_no_address(text: str) -> None:
    with pytest.raises(MalformedEmailAddress):
        parsing.email_address(text)


@pytest.mark.parametrize(
    "text", ["m\u00fcller@example.org", "m\u00fcller@ex\u00e4mple.org", " \u0438\u0432\u0430\u043d@example.org"]
)
def test_whoever_has_other_letters_before_the_at_sign_is_told_which_are_possible(text: str) -> None:
    """Few mail servers take such addresses (RFC 6531); "not an email address" would not be true."""
    with pytest.raises(MalformedEmailAddress, match="letters from a to z") as refusal:
        parsing.email_address(text)
    assert not any(word in refusal.value.reason for word in text.split("@"))
    with pytest.raises(MalformedEmailAddress, match=r"^$"):
        parsing.email_address("m\u00fcller")


def test_an_address_has_at_most_254_characters() -> None:
    """RFC 5321, 4.5.3.1.3; the reason is told, as nobody would guess it."""
    longest = "a" * 61 + "@" + ".".join(["b" * 62] * 3) + ".org"
    assert len(parsing.email_address(longest).text) == 254
    with pytest.raises(MalformedEmailAddress, match="254"):
        parsing.email_address("a" + longest)


def test_a_username_is_not_trimmed() -> None:
    """D26: what is stored is what was typed, so no two look alike."""
    assert Username("ada.lovelace_1815") == parsing.username("ada.lovelace_1815")
    for padded in (" ada", "ada ", "ada\n"):
        with pytest.raises(MalformedUsername):
            parsing.username(padded)


def test_an_at_sign_tells_an_address_from_a_username() -> None:
    assert EmailAddress("ada@example.org") == parsing.identifier("ADA@example.org")
    assert Username("ada") == parsing.identifier("Ada")


def test_l8_a_name_that_no_account_can_have_is_told_apart_and_shows_nothing_of_what_was_typed() -> None:
    """So that it is counted and costs like any other; a typed identifier may be a password (L9)."""
    names = [parsing.identifier(text) for text in HOSTILE]
    assert len({name.key for name in names}) == len(HOSTILE)
    for text, name in zip(HOSTILE, names, strict=True):
        assert (len(name.text), name.text.isascii(), len(text) > 2 and text in name.text) == (65, True, False)
        with pytest.raises(MalformedUsername):
            parsing.username(name.text)


def test_an_operator_names_an_account_in_three_ways() -> None:
    assert UUID(ID) == parsing.account_name(ID)
    assert EmailAddress("ada@example.org") == parsing.account_name("ada@example.org")
    assert Username("ada") == parsing.account_name("ada")


def test_a_session_is_named_by_its_id() -> None:
    assert UUID(ID) == parsing.session_id(ID)
