"""Asking: secrets come from a prompt without echo, or line by line from standard input; never from arguments."""

from __future__ import annotations

import getpass
import sys

from offbrand.domain.values import Password, Token
from offbrand.entrypoints.cli.printing import remark
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.failures import EX_DATAERR

# More than any password or link has; what is longer is refused without being read to its end.
_LINE_MAX = 8192


class NothingGiven(Stop):
    """The input ended before *expected*."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"{expected} was expected, but the input ended.", EX_DATAERR, "no_input")


def password(expected: str = "Your password") -> Password:
    """
    Ask for a password that exists.

    Raises:
        MalformedPassword: If it cannot be one.
        NothingGiven: If the input ended.
    """
    return Password(_secret(expected))


def new_password() -> Password:
    """
    Ask for a password to be set, twice if a person is typing.

    Raises:
        MalformedPassword: If it cannot be one.
        NothingGiven: If the input ended.
        Stop: If a person typed two different ones.
    """
    if is_interactive():
        remark("Four or more unrelated words make a good password, if they say nothing about you; blanks may stay.")
    chosen = password("A new password")
    if is_interactive() and chosen != password("The same once more"):
        raise Stop("The two passwords differ.", EX_DATAERR, "passwords_differ")
    return chosen


def link() -> Token:
    """
    Ask for a mailed link, whole or only its last part; return its token.

    That is what follows the last slash, or the last equals sign in links of a host; no token has either.

    Raises:
        InvalidToken: If it is longer than any link.
        NothingGiven: If the input ended.
    """
    last_part = _secret("The link from the letter").strip().strip("<>").rstrip("/").rpartition("/")[2]
    return Token(last_part.rpartition("=")[2])


def agreed(question: str) -> bool:
    """Return whether a person agrees; a script that gets here has decided already."""
    if not is_interactive():
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def is_interactive() -> bool:
    """Return whether somebody sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def _secret(expected: str) -> str:
    try:
        text = getpass.getpass(f"{expected} (not shown): ") if is_interactive() else _line()
    except EOFError:
        remark("")  # ends the line of the prompt
        text = None
    except UnicodeDecodeError:
        raise Stop(f"{expected} was expected, but this is no text.", EX_DATAERR, "unreadable_input") from None
    if text is None:
        raise NothingGiven(expected)
    return text


def _line() -> str | None:
    """Return the next line without its end, or None if there is none."""
    if sys.stdin is None:
        return None
    raw = sys.stdin.buffer.readline(_LINE_MAX)
    # What is no text is for the values to refuse, as what a browser sends is.
    text = raw.decode(sys.stdin.encoding, "replace")
    return text.removesuffix("\n").removesuffix("\r") if raw else None
