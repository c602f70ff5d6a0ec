"""
Model: what the system under test ought to know and answer, worked out another way.

It borrows nothing from the system: no equality (spellings are looked up in tables), no clock (seconds since the
beginning) and no parser. What it has in common with the system is the design alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.contracts.driver import OK

if TYPE_CHECKING:
    from collections.abc import Iterable

# Each spelling, and what it means.
ADDRESSES = {
    "ann@example.org": "ann@",
    "Ann@Example.ORG": "ann@",
    "Ann@example.org": "ann@",
    "bea.o'neil+tag@sub.example.org": "bea@",
    "BEA.O'NEIL+TAG@sub.example.org": "bea@",
    "cy_d%e@example.net": "cy@",
}
USERNAMES = {
    "ann": "ann",
    "ANN": "ann",
    "Élodie": "élodie",
    "e\u0301LODIE": "élodie",
    "éLODIE": "élodie",
    "Elodie": "elodie",
    "Weiß": "weiss",
    "WEISS": "weiss",
}
PASSWORDS = {
    "crimson otters waltz at 9": "otters",
    "Crimson otters waltz at 9": "Otters",
    "zo\u00eb sells 40 quiet kettles": "kettles",
    "zoe\u0308 sells 40 quiet kettles": "kettles",
}
WEAK = "too short"

MINUTE, HOUR, DAY = 60, 3600, 86_400
LIFETIMES = {"confirm": 3 * DAY, "reset": HOUR, "change-email": DAY, "undo-email": 7 * DAY}
INVITED = 7 * DAY
SESSION = (24 * HOUR, 12 * HOUR)
REMEMBERED = (30 * DAY, 30 * DAY)
PROOF = 10 * MINUTE
CLOSED = 14 * DAY
SESSIONS = 20


@attrs.define(eq=False)
class Person:
    """An account; ``address`` and ``name`` are meanings, ``spelled`` is how the address was typed."""

    address: str
    spelled: str
    name: str
    password: str | None
    purge_at: int | None
    state: str = "pending"
    undo_until: int | None = None

    def has_password(self, text: str) -> bool:
        """Return whether this is the account's password."""
        return self.password is not None and PASSWORDS.get(text) == self.password

    def notice(self) -> Letter:
        """Return a letter without a link to the account's own address."""
        return Letter(self.spelled, person=self)

    def link(self, purpose: str, expires: int) -> Letter:
        """Return a letter with a link to the account's own address."""
        return Letter(self.spelled, Link(purpose, self, self.address, self.spelled, expires), self)


@attrs.define(eq=False)
class Link:
    """A link; what happens to its account makes it dead, whoever holds it and wherever it is."""

    purpose: str
    person: Person
    address: str
    spelled: str
    expires: int
    dead: bool = False
    token: str = ""


@attrs.define(eq=False)
class Letter:
    """A letter on its way; to nobody, without an address."""

    to: str | None
    link: Link | None = None
    person: Person | None = None


@attrs.define(eq=False)
class Stay:
    """A session; ``serial`` counts its tokens, of which the last one is good."""

    person: Person
    began: int
    seen: int
    proved: int
    absolute: int
    idle: int
    serial: int = 0
    id: str = ""


@attrs.define(eq=False)
class Browser:
    """What a browser holds: one token of a session, and the mark of a device."""

    stay: Stay | None = None
    serial: int = 0
    device: object = None


@attrs.define
class Model:
    """The world: accounts, sessions, links, letters and browsers; what they do is in `offbrand.contracts.oracle`."""

    now: int = 0
    persons: list[Person] = attrs.Factory(list)
    stays: list[Stay] = attrs.Factory(list)
    links: list[Link] = attrs.Factory(list)
    waiting: list[Letter] = attrs.Factory(list)
    devices: dict[Person, set[object]] = attrs.Factory(dict)
    browsers: dict[str, Browser] = attrs.Factory(dict)

    def holder(self, *, address: str = "", name: str = "") -> Person | None:
        """Return who holds a claim; pending accounts hold none (L1)."""
        for person in self.persons:
            if person.state != "pending" and (person.address == address or person.name == name):
                return person
        return None

    def identified(self, identifier: str) -> Person | None:
        """Return the holder of what was typed as an identifier."""
        if "@" in identifier:
            return self.holder(address=ADDRESSES[identifier])
        return self.holder(name=USERNAMES[identifier])

    def newest_pending(self, address: str) -> Person | None:
        """Return the account that was registered last for the address, of those still pending."""
        pending = [person for person in self.persons if person.state == "pending" and person.address == address]
        return pending[-1] if pending else None

    def current(self, browser: str) -> Stay | None:
        """Return the session that a browser is in, if it is still good (L3)."""
        held = self.browsers.setdefault(browser, Browser())
        stay = held.stay
        return stay if stay and held.serial == stay.serial and self.is_good(stay) else None

    def is_good(self, stay: Stay) -> bool:
        """Return whether a session lives: not ended, not too old, not idle for too long."""
        within = self.now < stay.began + stay.absolute and self.now < stay.seen + stay.idle
        return stay in self.stays and within

    def good_of(self, person: Person) -> set[str]:
        """Return the ids of an account's sessions."""
        return {stay.id for stay in self.stays if stay.person is person and self.is_good(stay)}

    def begin(self, browser: str, person: Person, *, remember: bool = False) -> Stay:
        """Let a session begin, and end the account's oldest where there are too many."""
        absolute, idle = REMEMBERED if remember else SESSION
        stay = Stay(person, self.now, self.now, self.now, absolute, idle)
        self.stays.append(stay)
        own = [other for other in self.stays if other.person is person]
        self.end(own[:-SESSIONS])
        held = self.browsers.setdefault(browser, Browser())
        held.stay, held.serial = stay, stay.serial
        self.know(browser, person)
        return stay

    def copy_browser(self, browser: str, into: str) -> None:
        """Let *into* hold what *browser* holds."""
        held = self.browsers.setdefault(browser, Browser())
        self.browsers[into] = Browser(held.stay, held.serial, held.device)

    def know(self, browser: str, person: Person) -> None:
        """Make the browser a known device of the account, under a new name unless the account gave it its own."""
        held = self.browsers.setdefault(browser, Browser())
        if not self.knows(browser, person):
            held.device = object()
        self.devices.setdefault(person, set()).add(held.device)

    def knows(self, browser: str, person: Person) -> bool:
        """Return whether the browser is a known device of the account."""
        return self.browsers.setdefault(browser, Browser()).device in self.devices.get(person, set())

    def rotate(self, browser: str, stay: Stay) -> None:
        """Give the browser the session's next token; whoever holds a copy of the last one is out."""
        stay.serial += 1
        stay.seen = self.now
        self.browsers[browser].serial = stay.serial

    def end(self, stays: Iterable[Stay]) -> None:
        """End sessions."""
        ended = list(stays)
        self.stays = [stay for stay in self.stays if stay not in ended]

    def end_all(self, person: Person, keep: Stay | None = None) -> None:
        """End an account's sessions but one."""
        self.end([stay for stay in self.stays if stay.person is person and stay is not keep])

    def void(self, person: Person) -> None:
        """Make the account's links dead (L2); that to undo an email change outlives all but its use."""
        for link in self._all_links():
            if link.person is person and link.purpose != "undo-email":
                link.dead = True

    def forget_other_devices(self, browser: str, person: Person) -> None:
        """Leave no device known to the account but this browser, if it is one."""
        kept = {self.browsers[browser].device} if self.knows(browser, person) else set()
        self.devices[person] = kept

    def is_alive(self, link: Link) -> bool:
        """Return whether a link may still do what it is for, now or when its account is opened again."""
        return link.person in self.persons and not link.dead and self.now < link.expires

    def works(self, link: Link) -> bool:
        """Return whether a link does what it is for (L2)."""
        return self.is_alive(link) and link.person.state == ("pending" if link.purpose == "confirm" else "active")

    def write(self, letter: Letter | None = None) -> None:
        """Put a letter on its way, to nobody by default."""
        self.waiting.append(letter or Letter(None))

    def deliver(self) -> list[Letter]:
        """Return the letters that arrive now: those to somebody whose links, if any, are not dead."""
        letters, self.waiting = self.waiting, []
        arriving = [letter for letter in letters if letter.to and (letter.link is None or self.is_alive(letter.link))]
        self.links += [letter.link for letter in arriving if letter.link]
        return arriving

    def forget(self, person: Person) -> None:
        """Remove an account and all that leads to it."""
        self.persons.remove(person)
        self.end_all(person)

    def purge(self) -> str:
        """Remove the accounts whose time is over, with their letters, and ended sessions."""
        for person in [each for each in self.persons if each.purge_at is not None and each.purge_at <= self.now]:
            self.forget(person)
            self.waiting = [letter for letter in self.waiting if letter.person is not person]
        self.stays = [stay for stay in self.stays if self.is_good(stay)]
        return OK

    def edges(self) -> list[int]:
        """Return how many seconds from now something ends."""
        moments = [link.expires for link in self.links if not link.dead]
        for stay in self.stays:
            moments += [stay.began + stay.absolute, stay.seen + stay.idle, stay.proved + PROOF]
        moments += [person.purge_at for person in self.persons if person.purge_at is not None]
        moments += [person.undo_until for person in self.persons if person.undo_until is not None]
        return sorted({moment - self.now for moment in moments if moment > self.now})

    def _all_links(self) -> list[Link]:
        return self.links + [letter.link for letter in self.waiting if letter.link]
