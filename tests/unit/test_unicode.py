"""Whatever Unicode holds: a value has one form, which parses to itself, and so has its key; caps come before work."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offbrand.contracts import strategies
from offbrand.domain.errors import AuthError, Malformed
from offbrand.domain.values import EmailAddress, Password, Token, Username
from offbrand.entrypoints import parsing

if TYPE_CHECKING:
    from collections.abc import Callable

# What folding lengthens, composes, reorders or joins; and what turns, joins or hides its neighbours.
_NASTY = (
    "aAzZ019._@+- \u00df\u1e9e\u0130\u0131\u017f\u212a\u212b\u00b5\u03c2\u03c3\u0345\u0390\u1fd3\u1f80\u1fb3\u0149"
    "\u01f0\u1e96\ufb03\ufb05\u0587\u13a0\uab70\u10a0\u1c90\u10d0\u0301\u0308\u0327\u0323\u093c\u0958\u200d\u200c\u200b"
    "\ufeff\u202e\u2066\u1100\u1161\u11a8\uac00\uac01\uff21\u3002\uff0e\u2024\u3000\u00ad\u2126\u0344\u0958\u2adc\ufb1d"
    "\ud800\udfff\0\x85\u2028\ufffd\U0001f1e6\U0001d15e\U00010400\U00010428\U0001e921\U000e0001\U0010ffff"
)
_TEXTS = st.text(st.sampled_from(_NASTY) | st.characters(), max_size=80)
_NAMES = (
    _TEXTS | strategies.usernames().map(str) | st.text(st.sampled_from("aZ\u00df\u0130\u0131\u017f\u01f0\u1e96\u0149."))
)
_LABELS = _TEXTS | st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=6)
_ADDRESSES = st.builds("ada@{}.example".format, _LABELS) | st.builds("{}@example.org".format, _TEXTS)


class Endless(str):
    """Text of a hundred million characters, which nobody may look through."""

    __slots__ = ()

    def __len__(self) -> int:
        return 100_000_000

    def __getitem__(self, index: object) -> str:
        assert isinstance(index, slice)
        assert index.stop is not None
        assert index.stop < 10_000
        return "x" * int(index.stop)

    def _look(self, *_: object) -> str:
        pytest.fail("Text beyond every cap was looked through.")

    __iter__ = __contains__ = encode = strip = lower = casefold = replace = rpartition = split = _look  # type: ignore[assignment]


@given(_NAMES)
@example("\u0130")
@example("\u00df" * 64)
@example("\u0390" * 64)
@example("\u1100\u1161" * 32)
def test_a_username_is_its_own_form(text: str) -> None:
    """D26, INP-01: what was accepted is accepted again as it is kept, with a key that folding leaves alone."""
    try:
        name = parsing.username(text)
    except Malformed:
        return
    again = parsing.username(name.text)
    assert (again, again.text, again.key) == (name, name.text, name.key)
    assert unicodedata.normalize("NFC", name.key.casefold()) == name.key
    # What columns hold: `offbrand_accounts.username` and `.claimed_username`.
    assert max(len(name.text), len(name.key)) <= 255
    assert "@" not in name.text


@given(_ADDRESSES | _TEXTS)
@example("ada@\u212aelvin.org")
@example("ada@b\u00fccher\u3002example")
@example("ada@stra\u00dfe.example")
def test_an_address_is_its_own_form(text: str) -> None:
    """D27, INP-11."""
    try:
        address = parsing.email_address(text)
    except Malformed:
        return
    again = parsing.email_address(address.text)
    assert (again, again.text, again.key) == (address, address.text, address.key)
    assert EmailAddress.parse(address.text).text == address.text
    assert address.key == address.key.lower()
    assert (address.text.isascii(), len(address.text) <= 254) == (True, True)


@given(_NAMES, _NAMES)
def test_two_names_are_one_if_and_only_if_their_keys_are(one: str, other: str) -> None:
    """L1: what Python takes for equal is what the unique columns take for equal."""
    for first, second in ((one, other), (one, one.upper()), (one, unicodedata.normalize("NFD", one))):
        try:
            names = Username.parse(first), Username.parse(second)
        except Malformed:
            continue
        assert (names[0] == names[1]) == (names[0].key == names[1].key)


@given(_TEXTS)
def test_a_password_is_its_own_form(text: str) -> None:
    """D28: NFC and nothing else, so that it is the same from every keyboard."""
    try:
        password = Password(text)
    except Malformed:
        return
    assert Password(password.reveal()) == password
    assert Password(unicodedata.normalize("NFD", text)) == password
    password.reveal().encode()


@given(_TEXTS)
def test_whatever_names_somebody_is_a_name(text: str) -> None:
    """L8: a login counts every text, and equal ones alike."""
    assert parsing.identifier(text) == parsing.identifier(text)
    parsing.identifier(text).key.encode()


@pytest.mark.parametrize(
    "parse",
    [parsing.email_address, parsing.username, parsing.account_name, parsing.session_id, Password, Token],
    ids=lambda parse: parse.__name__,
)
def test_inp_07_what_is_too_long_is_not_looked_through(parse: Callable[[str], object]) -> None:
    """D14: refused by its length, before anything that costs by length."""
    with pytest.raises(AuthError):
        parse(Endless())


def test_inp_07_not_even_where_it_is_counted() -> None:
    assert parsing.identifier(Endless()).key == parsing.identifier(Endless()).key
    assert parsing.identifier("x" * 10_000) != parsing.identifier("x" * 10_001)


@pytest.mark.parametrize(
    "text",
    [
        "deadbeef" * 4,
        "{01a20352-936a-7000-ac84-68ca13eb06fa}",
        "urn:uuid:01a20352-936a-7000-ac84-68ca13eb06fa",
        "01a20352936a7000ac8468ca13eb06fa",
        "01a20352-936a-7000-ac84-68ca13eb06f\u0661",
        "01a20352-936a-7000-ac84-68ca13eb06fa\n",
        "0x1a20352-936a-7000-ac84-68ca13eb06f",
    ],
)
def test_an_id_is_written_in_one_way(text: str) -> None:
    """So that a username of 32 letters never names the account that has these for an id."""
    try:
        name = parsing.account_name(text)
    except AuthError:
        name = None
    assert not isinstance(name, UUID)
    with pytest.raises(AuthError):
        parsing.session_id(text)
