"""Wording: durations, events and browsers, as people call them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from offbrand.domain.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

EVENTS: Mapping[EventKind, str] = {
    EventKind.REGISTERED: "Registered",
    EventKind.INVITED: "Invited",
    EventKind.CONFIRMATION_REQUESTED: "Asked for a confirmation email",
    EventKind.CONFIRMED: "Confirmed the account",
    EventKind.REGISTRATION_DISCARDED: "Discarded the registration",
    EventKind.LOGGED_IN: "Logged in",
    EventKind.LOGIN_FAILED: "Failed to log in",
    EventKind.PROVED: "Typed the password again",
    EventKind.PROOF_FAILED: "Typed a wrong password",
    EventKind.LOGGED_OUT: "Logged out",
    EventKind.PASSWORD_RESET_REQUESTED: "Asked for a password reset",
    EventKind.PASSWORD_RESET: "Reset the password",
    EventKind.PASSWORD_CHANGED: "Changed the password",
    EventKind.PASSWORD_REMOVED: "Removed the password",
    EventKind.EMAIL_CHANGE_REQUESTED: "Asked for a change of the email address",
    EventKind.EMAIL_CHANGED: "Changed the email address",
    EventKind.EMAIL_RESTORED: "Went back to the former email address",
    EventKind.EMAIL_UNDO_ENDED: "Ended the time in which the former email address can undo its change",
    EventKind.SESSION_ENDED: "Ended a session",
    EventKind.SESSIONS_ENDED: "Ended sessions",
    EventKind.EXPORTED: "Exported the account",
    EventKind.CLOSED: "Closed the account",
    EventKind.REOPENED: "Reopened the account",
    EventKind.DISABLED: "Disabled the account",
    EventKind.ENABLED: "Enabled the account",
    EventKind.ROLE_GRANTED: "Granted a role",
    EventKind.ROLE_REVOKED: "Took a role away",
    EventKind.PURGED: "Deleted the account",
}
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
# The first that fits wins: most browsers call themselves by the names of others as well.
_BROWSERS = (
    ("Edge", "Edg"),
    ("Opera", "OPR/"),
    ("Samsung Internet", "SamsungBrowser"),
    ("Firefox", "Firefox/|FxiOS"),
    ("Chrome", "Chrom(e|ium)/|CriOS"),
    ("Safari", "Safari/"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("macOS", "Mac OS X|Macintosh"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux"),
)


def duration(span: timedelta) -> str:
    """Return *span* in the largest unit that it is a whole number of."""
    seconds = int(span.total_seconds())
    for name, length in _UNITS:
        if seconds >= length and seconds % length == 0:
            count = seconds // length
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "no time"


def browser(user_agent: str | None) -> str:
    """Return what somebody would call the program that sends *user_agent*; its own words where that is not known."""
    if not user_agent:
        return "Unknown browser"
    program = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if program and system:
        return f"{program} on {system}"
    return program or user_agent


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, text)), "")
