"""Passwords that are refused: easy to guess, made of the account's own words, or listed by the operator."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from offbrand.adapters.zxcvbn_blocklist import guessable
from offbrand.contracts.blocklist import BlocklistContract

if TYPE_CHECKING:
    from pathlib import Path

    from offbrand.domain.ports import Blocklist

WORDS = ("xyrrowblaque", "xyrrowblaque@example.org", "example.org", "Offbrand")
GOOD = "tundra violin marzipan 47 osprey"
# Words that people know, without the names and letters among them that are part of everything else.
ENGLISH = [word for word in FREQUENCY_LISTS["english_wikipedia"] if len(word) > 3]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "password",
        "passwordpassword",
        "P@ssw0rdP@ssw0rd!",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "123456789012345678901234567890",
        "qwertyuiopqwertyuiop",
        "abcabcabcabcabcabcabc",
        "1qaz2wsx3edc4rfv5tgb",
        "password12345678",
        "monkey-master-monkey-master-",
    ],
)
def test_d13_what_is_quickly_guessed_is_refused(text: str) -> None:
    assert guessable()(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [GOOD, "kB7#vq2!Lz9$wT4m", "早朝 散歩 蜜柑 提灯 雨傘 定規", "ordinary looking but rather long sentence of mine"],
)
def test_what_is_hard_to_guess_is_not(text: str) -> None:
    assert not guessable()(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "xyrrowblaqueexample.org",
        "xyrrowblaque@example.org",
        "XYRROWBLAQUE@EXAMPLE.ORG",
        "gro.elpmaxe@euqalbworryx",
        "xyrrowblaquexyrrowblaque",
        "xyrrowblaque2026",
        "OffbrandOffbrandOffbrand",
        "Offbrand Offbrand",
        "offbrand-xyrrowblaque-offbrand",
        "xyrrowblaque offbrand 2026!",
        "Xyrr0wbl@que, Offbrand!",
        "org example xyrrowblaque",
    ],
)
def test_d13_the_accounts_own_words_are_no_password(text: str) -> None:
    assert guessable()(text, WORDS)


@pytest.mark.parametrize("word", ["password", "Dragon", "sunshine", "P@ssw0rd"])
@pytest.mark.parametrize("between", ["", " ", "-", ". ", "1"])
def test_a_word_is_guessed_as_quickly_however_often_it_is_repeated(word: str, between: str) -> None:
    for text in (between.join([word] * 3), between.join([word, word.upper(), word.lower()]), f"{word}{between}" * 8):
        assert guessable()(text, WORDS)


@pytest.mark.parametrize("text", ["Ada & byron1Ada&", "org7!ada xorg & ", "byron7!offbrand & Ada&"])
def test_own_words_are_free_however_short(text: str) -> None:
    assert guessable()(text, ["ada", "ada@byron.org", "byron.org", "Offbrand"])


def test_an_own_address_beyond_what_is_judged_is_no_password() -> None:
    address = f"{'q' * 31}{'z' * 33}@kqzxjwv{'b' * 50}.{'w' * 60}.org"
    assert guessable()(address, [address])


@settings(max_examples=15)
@given(words=st.lists(st.sampled_from(ENGLISH), min_size=4, max_size=6, unique=True), between=st.sampled_from(" -._"))
def test_four_words_that_have_nothing_to_do_with_each_other_are_enough(words: list[str], between: str) -> None:
    text = between.join(words)
    assume(len(text) >= 15)
    assert not guessable()(text, WORDS)


def test_the_words_of_one_account_do_not_stay_for_the_next() -> None:
    is_guessable, text = guessable(), "xyrrowblaque@example.org"
    assert is_guessable(text, WORDS)
    assert not is_guessable(text, ["somebody"])


def test_the_words_of_accounts_that_ask_at_once_do_not_mix() -> None:
    is_guessable, wrong = guessable(), list[str]()

    def ask(own: str) -> None:
        for text in ("xyrrowblaque@quonset", "vombatidaeus@quonset") * 5:
            if is_guessable(text, [own, f"{own}@quonset"]) != text.startswith(own):
                wrong.append(own)

    threads = [threading.Thread(target=ask, args=(own,)) for own in ("xyrrowblaque", "vombatidaeus") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_only_the_first_72_characters_are_judged() -> None:
    assert guessable()("a" * 72 + GOOD, WORDS)
    assert not guessable()(GOOD + "a" * 200, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "4@8({[<369&#!1/|0$5+7%2" * 4,
        "4163{[<!@|7+%$" * 18,
        "(4@{3[<6" * 9,
        "a1" * 128,
        "8585lersc4725b5986222429885+34@2543tuplesscow1354325rio2354325rio2",
    ],
)
def test_d14_no_text_keeps_a_core_busy(text: str) -> None:
    """Every reading of every mark as a letter would be looked up: seconds, for whoever asks to register."""
    began = time.process_time()
    guessable()(text, WORDS)
    assert time.process_time() - began < 0.5


@given(st.text(max_size=256), st.lists(st.text(max_size=30), max_size=4))
def test_no_text_breaks_it(text: str, words: list[str]) -> None:
    assert guessable()(text, words) in (True, False)


def test_a_listed_password_is_refused_whole_whatever_its_case(tmp_path: Path) -> None:
    """NIST SP 800-63B-4, 3.1.1.2: the whole password is compared, and no part of it."""
    listed = tmp_path / "breached.txt"
    listed.write_bytes(f"\ufeff{GOOD}\r\nother words\n\ncafe\u0301 tundra violin 47 osprey".encode())
    is_guessable = guessable(listed)
    assert is_guessable(GOOD, WORDS)
    assert is_guessable(GOOD.upper(), WORDS)
    assert is_guessable("caf\u00e9 tundra violin 47 osprey", WORDS)
    assert not is_guessable(f"{GOOD}s", WORDS)
    assert not is_guessable(f" {GOOD}", WORDS)
    assert not guessable()(GOOD, WORDS)


def test_the_file_is_read_once(tmp_path: Path) -> None:
    listed = tmp_path / "breached.txt"
    listed.write_text(GOOD)
    is_guessable = guessable(listed)
    listed.unlink()
    assert is_guessable(GOOD, WORDS)


def test_a_file_that_cannot_be_read_is_named_and_nothing_starts(tmp_path: Path) -> None:
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "missing.txt", tmp_path, binary):
        with pytest.raises(ValueError, match=r"cannot be read|not UTF-8") as caught:
            guessable(path)
        assert str(path) in str(caught.value)


class TestGuessable(BlocklistContract):
    @pytest.fixture
    def blocklist(self) -> Blocklist:
        return guessable()

    @pytest.fixture
    def common(self) -> str:
        return "passwordpassword"


class TestListedInTheFile(TestGuessable):
    @pytest.fixture
    def blocklist(self, tmp_path: Path) -> Blocklist:
        listed = tmp_path / "breached.txt"
        listed.write_text(GOOD)
        return guessable(listed)

    @pytest.fixture
    def common(self) -> str:
        return GOOD
