"""Stage: what the machine stands on; door and oracle side by side, their clock, their mail, and who is logged in."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from offbrand.contracts.driver import OK
from offbrand.contracts.model import ADDRESSES, DAY, HOUR, LIFETIMES, MINUTE, PASSWORDS, USERNAMES, WEAK
from offbrand.contracts.oracle import Oracle
from offbrand.domain.letters import LetterKind
from offbrand.domain.policy import Guesses, NetworkRate, Policy, Rate

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from offbrand.contracts.driver import Driver
    from offbrand.contracts.model import Link, Person

_PLENTY = Rate(limit=1_000_000, window=timedelta(days=1))
ROOMY = Policy(
    guesses=Guesses(
        network=_PLENTY, wide_network=_PLENTY, identifier=_PLENTY, account=_PLENTY, in_all=_PLENTY, device=_PLENTY
    ),
    registrations=NetworkRate(narrow=_PLENTY, wide=_PLENTY),
    requests=NetworkRate(narrow=_PLENTY, wide=_PLENTY),
    mail=dict.fromkeys(LetterKind, _PLENTY),
    # The machine's clock has nothing to do with a database's.
    clock_tolerance=timedelta(days=100_000),
)

BROWSERS = ("desk", "phone", "thief")
PROBE, SHADOW = "probe", "shadow"
BROWSER = st.sampled_from(BROWSERS)
EMAIL = st.sampled_from(sorted(ADDRESSES))
USERNAME = st.sampled_from(sorted(USERNAMES))
IDENTIFIER = EMAIL | USERNAME
RIGHT = "the right one"
PASSWORD = st.sampled_from([RIGHT, RIGHT, RIGHT, *PASSWORDS, WEAK])
NEW_PASSWORD = st.sampled_from([*PASSWORDS, WEAK])
GOOD = next(iter(PASSWORDS))
# Which of several: mostly the newest link, or a browser that is logged in.
PICK = st.sampled_from([0, 0, 0, 1, 2, 3])
_PAUSES = (1, MINUTE - 1, MINUTE, 9 * MINUTE, HOUR, 7 * HOUR, DAY)


class Stage(RuleBasedStateMachine):
    """The rules that belong to no flow; ``pick`` counts back from the newest there is."""

    door: ClassVar[Callable[[], AbstractContextManager[Driver]]]

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.driver = self._stack.enter_context(type(self).door())
        self.oracle = Oracle()
        self._arrived = 0

    def teardown(self) -> None:
        self._stack.close()

    @invariant()
    def no_letter_is_lost(self) -> None:
        """L5: a letter waits until it is delivered, and none is given up."""
        status = self.driver.mail_status()
        counted = (status.get("waiting", 0), status.get("dead", 0))
        expected = (len(self.oracle.waiting), 0)
        assert counted == expected, f"L5 broke: (waiting, dead) letters are {counted} where {expected} were written"

    @rule(browser=BROWSER)
    def look(self, browser: str) -> None:
        visitor = self.driver.whoami(browser)
        self.agree("L3", "whoami", visitor.code, self.oracle.whoami(browser))
        stay = self.oracle.current(browser)
        ids = set(self.driver.sessions(browser))
        if stay is None:
            assert ids == set(), f"L3 broke: sessions were shown to {browser}, who is not logged in"
            return
        shown = (ADDRESSES[visitor.email], USERNAMES[visitor.username])
        expected = (stay.person.address, stay.person.name)
        assert shown == expected, f"L3 broke: the session of {expected} showed {shown}"
        good = self.oracle.good_of(stay.person)
        assert ids == good, f"L3 broke: {len(good)} sessions are alive, and {len(ids)} were shown"

    @rule(browser=BROWSER)
    def log_out(self, browser: str) -> None:
        self.log_out_first(browser)
        self.look(browser)

    @rule(browser=BROWSER, into=BROWSER)
    def copy_browser(self, browser: str, into: str) -> None:
        self.driver.copy_browser(browser, into)
        self.oracle.copy_browser(browser, into)

    @rule(seconds=st.sampled_from(_PAUSES))
    def wait(self, seconds: int) -> None:
        self.driver.tick(seconds)
        self.oracle.now += seconds

    @precondition(lambda self: self.oracle.edges())
    @rule(pick=st.integers(0, 9), before=st.sampled_from([0, 1]))
    def wait_until_something_ends(self, pick: int, before: int) -> None:
        """Limits hold to the second: what ends at a moment is over at that moment, and alive a second before."""
        edges = self.oracle.edges()
        self.wait(edges[pick % len(edges)] - before)
        self.look_around()
        for link in self.oracle.links:
            if link.expires == self.oracle.now:
                self.refuse_link("expired", link, link.purpose)

    @rule()
    def deliver(self) -> None:
        """L5: exactly the letters arrive whose links still work, each at its own address."""
        self.driver.deliver()
        expected = self.oracle.deliver()
        arrived = list(self.driver.letters())[self._arrived :]
        self._arrived += len(arrived)
        got = Counter((ADDRESSES[letter.address], letter.purpose) for letter in arrived)
        wanted = Counter(
            (ADDRESSES[letter.to], letter.link.purpose if letter.link else "") for letter in expected if letter.to
        )
        assert got == wanted, f"L5 broke: of the letters {dict(wanted)}, {dict(got)} arrived"
        for link in (letter.link for letter in expected if letter.link):
            same = (
                letter
                for letter in arrived
                if (letter.purpose, ADDRESSES[letter.address]) == (link.purpose, link.address)
            )
            letter = next(same)
            link.token = letter.token
            arrived.remove(letter)

    @rule()
    def purge(self) -> None:
        self.agree("L1", "purge", self.driver.purge(), self.oracle.purge())

    @precondition(lambda self: self.oracle.links)
    @rule(pick=st.integers(0, 7), purpose=st.sampled_from(sorted(LIFETIMES)))
    def misuse(self, pick: int, purpose: str) -> None:
        """L2: a link is for one purpose."""
        link = self.oracle.links[-1 - pick % len(self.oracle.links)]
        if link.purpose != purpose:
            self.refuse_link("meant for something else", link, purpose)

    def links(self, purpose: str) -> list[Link]:
        """Return the links that have arrived, newest first; not all of them work."""
        return [link for link in reversed(self.oracle.links) if link.purpose == purpose]

    def picked(self, purpose: str, pick: int) -> Link:
        """Return one of them."""
        links = self.links(purpose)
        return links[pick % len(links)]

    def said(self, password: str, person: Person | None) -> str:
        """Return what is typed as a password for the account."""
        if password != RIGHT:
            return password
        return next((text for text, meant in PASSWORDS.items() if person and meant == person.password), GOOD)

    def agree(self, law: str, what: str, got: str, *expected: str) -> None:
        """Check that the driver answered what the oracle says."""
        assert got in expected, f"{law} broke: {what} answered {got!r} where it ought to be {' or '.join(expected)!r}"

    def look_around(self) -> None:
        """Look from every browser."""
        for browser in BROWSERS:
            self.look(browser)

    def log_out_first(self, browser: str) -> None:
        """Leave the session that the browser is in; not every door lets one log in over another login."""
        if self.oracle.current(browser):
            self.shadow(browser)
            self.agree("L3", "log_out", self.driver.log_out(browser), self.oracle.log_out(browser))
            self.look(SHADOW)

    def shadow(self, browser: str) -> None:
        """Steal what the browser holds now, to look later whether it is still good for anything."""
        self.copy_browser(browser, SHADOW)

    def session_began(self, browser: str, answer: str) -> None:
        """Learn the new session's id, and check that it is the only new one."""
        stay = self.oracle.current(browser)
        if answer != OK or stay is None:
            return
        new = set(self.driver.sessions(browser)) - self.oracle.good_of(stay.person)
        assert len(new) == 1, f"L3 broke: a login began {len(new)} sessions"
        stay.id = new.pop()
        self.look(browser)

    def is_spent(self, link: Link, answer: str, browser: str = PROBE) -> None:
        """Follow a link again if it has just worked."""
        if answer == OK:
            self.refuse_link("spent", link, link.purpose, browser)

    def refuse_link(self, why: str, link: Link, purpose: str, browser: str = PROBE) -> None:
        """Follow a link that does not work where links of this purpose lead, and check that it is refused."""
        expected = ["invalid_token"]
        match purpose:
            case "confirm":
                got = self.driver.discard(browser, link.token)
            case "reset":
                got = self.driver.complete_reset(browser, link.token, GOOD)
            case "undo-email":
                got = self.driver.undo_email_change(browser, link.token)
            case _:
                got = self.driver.complete_email_change(browser, link.token)
                if self.oracle.current(browser) is None:
                    expected.append("not_logged_in")
        self.agree("L2", f"a {link.purpose} link that is {why}", got, *expected)
