"""Zxcvbn blocklist: passwords that are easy to guess, or that the operator's file lists."""

from __future__ import annotations

import os
import threading
import unicodedata
from typing import TYPE_CHECKING

from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE, relevant_l33t_subtable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from offbrand.domain.ports import Blocklist

ENOUGH_GUESSES = 10**8
JUDGED_LENGTH = 72  # the estimator reads no more, as its work grows with the square of the length
_READINGS_AT_MOST = 16

# Letters in place of the marks that may stand for letters; far enough apart not to look like a sequence.
_PLAIN = str.maketrans("@({[<!|$+%", "\u03b1\u03b3\u03b5\u03b7\u03b9\u03bb\u03bd\u03bf\u03c3\u03c6")

# The estimator keeps the words of its caller in a global; one caller at a time, and none while a process forks.
_turn = threading.Lock()
if hasattr(os, "register_at_fork"):  # Windows knows no fork
    os.register_at_fork(before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release)


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


def _guesses(text: str, words: Sequence[str]) -> int:
    judged = text[:JUDGED_LENGTH]
    if not judged:
        return 0
    readings = 1
    for marks in relevant_l33t_subtable(judged, L33T_TABLE).values():
        readings *= len(marks)
    if readings > _READINGS_AT_MOST:
        # Each reading of every mark as a letter is looked up; a text full of them would keep a core busy for seconds.
        judged = judged.translate(_PLAIN)
    with _turn:
        return int(zxcvbn(judged, user_inputs=[word for word in words if word])["guesses"])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())
