"""Zxcvbn blocklist: passwords that are easy to guess, or that the operator's file lists."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from zxcvbn.matching import L33T_TABLE, RANKED_DICTIONARIES, omnimatch, relevant_l33t_subtable
from zxcvbn.scoring import most_guessable_match_sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from offbrand.domain.ports import Blocklist

ENOUGH_GUESSES = 10**8
JUDGED_LENGTH = 72  # the estimator reads no more, as its work grows with the square of the length
_READINGS_AT_MOST = 8

# Letters in place of the marks that may stand for letters; far enough apart not to look like a sequence.
_PLAIN = str.maketrans("@({[<!|$+%", "\u03b1\u03b3\u03b5\u03b7\u03b9\u03bb\u03bd\u03bf\u03c3\u03c6")

# What stands between the words of an address or a name, and how short a piece says nothing about its owner.
_BETWEEN = re.compile(r"[\W_]+")
_PIECE_MIN = 3


def guessable(breached_file: Path | None = None) -> Blocklist:
    """
    Return a blocklist that refuses what takes fewer than 10^8 guesses, and what *breached_file* lists.

    The file has one password in each line, in UTF-8, and is read once. Passwords are compared whole, as NIST SP
    800-63B-4, 3.1.1.2 demands, and without regard to case, as whoever tries a list tries its capitals too.

    Raises:
        ValueError: If the file cannot be read; the text names it.
    """
    listed = _read(breached_file) if breached_file else frozenset()

    def is_guessable(text: str, words: Sequence[str]) -> bool:
        return _folded(text) in listed or _guesses(text, words) < ENOUGH_GUESSES

    return is_guessable


def _read(path: Path) -> frozenset[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return frozenset(_folded(line.rstrip("\n")) for line in file) - {""}
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not UTF-8") from error


def _guesses(text: str, words: Iterable[str]) -> int:
    judged = text[:JUDGED_LENGTH]
    readings = 1
    for marks in relevant_l33t_subtable(judged, L33T_TABLE).values():
        readings *= len(marks)
    if readings > _READINGS_AT_MOST:
        # Each reading of every mark as a letter is looked up; a text full of them would keep a core busy for seconds.
        judged = judged.translate(_PLAIN)
    return _product(judged, {own: 1 for word in words for own in _pieces(word)})


def _pieces(word: str) -> Iterable[str]:
    whole = word.lower()
    for piece in (whole[:JUDGED_LENGTH], *_BETWEEN.split(whole)):
        if len(piece) >= _PIECE_MIN:
            yield piece


def _product(text: str, own: Mapping[str, int]) -> int:
    """
    Multiply what the different parts of *text* take to guess, in any order.

    The estimator's own sum adds 10^4 for every further part, so that any three would pass: an own word, a blank and the
    word again. Here a part counts once however often it is there, and own words are known to whoever tries.
    """
    if not text:
        return 0
    matches = omnimatch(text, {**RANKED_DICTIONARIES, "own": own})
    for match in matches:
        if match["pattern"] == "repeat":
            match["base_guesses"] = _product(match["base_token"], own)
        elif match.get("dictionary_name") == "own":
            match["guesses"] = 1
    parts: dict[str, int] = {}
    for part in most_guessable_match_sequence(text, matches, _exclude_additive=True)["sequence"]:
        if part.get("dictionary_name") != "own":
            word = part.get("matched_word") or part["token"].lower()
            parts[word] = max(parts.get(word, 0), int(part["guesses"]))
    return math.factorial(len(parts)) * math.prod(parts.values())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())
