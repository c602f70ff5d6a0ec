"""Driver: what a person at a door does, in plain text; the machine and any scenario are written against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OK = "ok"


@attrs.frozen
class Visitor:
    """Whom a door says you are; with another ``code`` than ``ok``, the refusal's, the rest is empty."""

    code: str
    email: str = ""
    username: str = ""


@attrs.frozen
class Arrived:
    """A letter in a mailbox; if it has a link, ``purpose`` is the word in its path, and ``token`` what follows."""

    address: str
    purpose: str = ""
    token: str = ""


class Driver(Protocol):
    """
    A door, its clock and the mailboxes of the world.

    Every argument and answer is plain. Whatever acts returns ``ok`` or the refusal's code. A *browser* is a name under
    which the driver keeps whatever that door gives out (cookies, a session file); it is there from its first use.
    """

    def register(self, browser: str, email: str, username: str, password: str) -> str:
        """Ask for an account."""
        ...

    def request_confirmation(self, browser: str, email: str) -> str:
        """Ask for another confirmation link."""
        ...

    def confirm(self, browser: str, token: str, password: str) -> str:
        """Follow a confirmation link and type the password chosen at registration."""
        ...

    def confirm_anew(self, browser: str, token: str, username: str, password: str) -> str:
        """Follow a confirmation link and choose another username and password."""
        ...

    def discard(self, browser: str, token: str) -> str:
        """Follow a confirmation link and say: this was not me."""
        ...

    def log_in(self, browser: str, identifier: str, password: str, *, remember: bool = False) -> str:
        """Log in with an address or a username."""
        ...

    def whoami(self, browser: str) -> Visitor:
        """Look at the account."""
        ...

    def prove(self, browser: str, password: str) -> str:
        """Type the password again."""
        ...

    def log_out(self, browser: str) -> str:
        """Log out."""
        ...

    def request_reset(self, browser: str, email: str) -> str:
        """Ask for a reset link."""
        ...

    def complete_reset(self, browser: str, token: str, password: str) -> str:
        """Follow a reset link and choose a password."""
        ...

    def change_password(self, browser: str, current: str, new: str) -> str:
        """Choose another password while logged in."""
        ...

    def request_email_change(self, browser: str, email: str) -> str:
        """Ask to move to another address; the password is not typed again here."""
        ...

    def complete_email_change(self, browser: str, token: str) -> str:
        """Follow the link that the new address got."""
        ...

    def undo_email_change(self, browser: str, token: str) -> str:
        """Follow the link that the former address got."""
        ...

    def sessions(self, browser: str) -> Sequence[str]:
        """Return the ids of the account's sessions; none when not logged in."""
        ...

    def end_session(self, browser: str, session_id: str) -> str:
        """End one of the account's sessions."""
        ...

    def end_other_sessions(self, browser: str) -> str:
        """End every session of the account but this one."""
        ...

    def close(self, browser: str) -> str:
        """Close the account; the password is not typed again here."""
        ...

    def invite(self, email: str, username: str) -> str:
        """As an operator, register somebody."""
        ...

    def disable(self, identifier: str) -> str:
        """As an operator, shut the account that holds this address or username."""
        ...

    def enable(self, identifier: str) -> str:
        """As an operator, open a disabled account again."""
        ...

    def reopen(self, identifier: str) -> str:
        """As an operator, open a closed account again."""
        ...

    def end_sessions(self, identifier: str) -> str:
        """As an operator, end all sessions of an account."""
        ...

    def remove_password(self, identifier: str) -> str:
        """As an operator, make an account's password useless."""
        ...

    def purge(self) -> str:
        """As an operator, remove what is past its time."""
        ...

    def deliver(self) -> None:
        """Let every letter that is due leave."""
        ...

    def mail_status(self) -> Mapping[str, int]:
        """Return how many letters are in which state; a state that no letter is in may be missing."""
        ...

    def letters(self) -> Sequence[Arrived]:
        """Return the letters that arrived anywhere, oldest first, without letting any leave."""
        ...

    def copy_browser(self, browser: str, into: str) -> None:
        """Let *into* hold all that *browser* holds, as a thief of its cookies would."""
        ...

    def tick(self, seconds: int) -> None:
        """Move the door's clock on."""
        ...


def newest_link(driver: Driver, email: str, purpose: str) -> str:
    """
    Return the token of the last link of this purpose that arrived at exactly this address.

    Raises:
        LookupError: If there is none.
    """
    for letter in reversed(driver.letters()):
        if (letter.address, letter.purpose) == (email, purpose):
            return letter.token
    msg = f"no {purpose} link has come to {email}"
    raise LookupError(msg)
