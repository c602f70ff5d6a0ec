"""Mailbox in memory: letters arrive here, and a test reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from offbrand.adapters.memory.store import MemoryUnitOfWork
    from offbrand.domain.letters import LetterKind, ReadyLetter
    from offbrand.domain.values import EmailAddress, Token


class Mailbox:
    """
    A `Mailer` that keeps what it is given.

    ``failure`` may be set to an exception, which every attempt to send then raises. Refuses to work while a
    transaction of *unit_of_work* is open (law L6).
    """

    def __init__(self, unit_of_work: MemoryUnitOfWork | None = None) -> None:
        self.failure: Exception | None = None
        self.attempts = 0
        self._letters: list[ReadyLetter] = []
        self._unit_of_work = unit_of_work
        self._deliver: Callable[[], object] | None = None

    def collect_from(self, deliver: Callable[[], object]) -> None:
        """Let *deliver* bring what is due whenever somebody reads."""
        self._deliver = deliver

    def send(self, letter: ReadyLetter) -> None:
        """Keep the letter, unless it is to nobody."""
        if self._unit_of_work is not None:
            self._unit_of_work.assert_idle()
        self.attempts += 1
        if self.failure is not None:
            raise self.failure
        if letter.recipient is not None:
            self._letters.append(letter)

    @property
    def arrived(self) -> Sequence[ReadyLetter]:
        """All letters so far, oldest first; reading them brings no others."""
        return tuple(self._letters)

    def of(self, email: EmailAddress, kind: LetterKind | None = None) -> list[ReadyLetter]:
        """Return the letters to *email*, oldest first."""
        if self._deliver is not None:
            self._deliver()
        return [letter for letter in self._letters if letter.recipient == email and kind in (None, letter.kind)]

    def newest(self, email: EmailAddress, kind: LetterKind | None = None) -> ReadyLetter:
        """
        Return the last letter to *email*.

        Raises:
            LookupError: If there is none.
        """
        letters = self.of(email, kind)
        if not letters:
            msg = f"no letter {kind or ''} to {email}"
            raise LookupError(msg)
        return letters[-1]

    def token(self, email: EmailAddress, kind: LetterKind | None = None) -> Token:
        """
        Return the token of the link in the last letter to *email*.

        Raises:
            LookupError: If there is no letter, or no link in it.
        """
        letter = self.newest(email, kind)
        if letter.token is None:
            msg = f"no link in the letter {letter.kind} to {email}"
            raise LookupError(msg)
        return letter.token
