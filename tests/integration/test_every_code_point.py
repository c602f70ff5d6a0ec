"""Every code point there is: alone, doubled, before and after a letter, in names and in domains."""

from __future__ import annotations

import sys
import unicodedata

from offbrand.domain.errors import Malformed
from offbrand.domain.values import Password, Username
from offbrand.entrypoints import parsing

_ALL = [chr(number) for number in range(sys.maxunicode + 1)]
# One in so many of those that are alike: ideographs, syllables, and what is private, half a pair or not assigned.
_STEP = 97


def test_every_username_of_one_or_two_characters_is_its_own_form() -> None:
    """D26, INP-01: accepted again as it is kept, under the same key, which fits its column however long the name is."""
    accepted = 0
    for character in _ALL:
        # What is neither a letter nor joins one to another letter is refused wherever it stands; see below.
        if not unicodedata.normalize("NFC", f"a{character}a").replace(".", "").replace("_", "").isalnum():
            continue
        for text in (character, character * 2, f"a{character}", f"{character}a"):
            try:
                name = Username.parse(text)
            except Malformed:
                continue
            accepted += 1
            assert (Username.parse(name.text), Username.parse(name.text).text) == (name, name.text), ascii(text)
            assert Username(name.key).key == name.key, ascii(text)
            assert max(len(name.text), len(name.key)) <= 2 * len(text), ascii(text)
    assert accepted > 250_000


def test_no_character_but_letters_digits_dots_and_underscores_is_in_a_username() -> None:
    """What hides, turns, joins or ends a line is in none, wherever it stands."""
    for character in _ALL:
        if character.isalpha() or character in "0123456789._":
            continue
        for text in (f"a{character}", f"a{character}a", character):
            try:
                name = Username.parse(text)
            except Malformed:
                continue
            # It was a mark that makes one letter of two characters.
            assert character not in name.text, ascii(text)
            assert len(name.text) < len(text), ascii(text)


def test_every_domain_of_one_character_is_its_own_form() -> None:
    """D27, INP-11: what remains is ASCII, and the same address again."""
    accepted = 0
    for number, character in enumerate(_ALL):
        name = unicodedata.name(character, "")
        if number % _STEP and (not name or name.startswith(("CJK UNIFIED", "HANGUL SYLLABLE", "TANGUT", "NUSHU"))):
            continue
        try:
            address = parsing.email_address(f"a@{character}a.example")
        except Malformed:
            continue
        accepted += 1
        again = parsing.email_address(address.text)
        assert (again, again.text, address.text.isascii()) == (address, address.text, True), ascii(character)
    assert accepted > 10_000


def test_every_character_but_three_kinds_may_be_in_a_password() -> None:
    """D28: composing it twice changes nothing; refused are NUL, surrogates, and what stands for the unreadable."""
    refused = set()
    for character in _ALL:
        try:
            password = Password(f"e{character}")
        except Malformed:
            refused.add(character)
            continue
        assert Password(password.reveal()) == password, ascii(character)
    assert refused == {"\0", "\ufffd", *map(chr, range(0xD800, 0xE000))}
