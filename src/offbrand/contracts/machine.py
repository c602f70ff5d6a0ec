"""
Machine: people do at random what people do, and after each step door and oracle must agree.

    TestMyDoor = machine(my_door)

or ``play(my_door)`` inside a test. ``my_door()`` is a context manager that gives a fresh `Driver`, whose core should
have the policy `offbrand.contracts.stage.ROOMY`: the throttle is not part of this game.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from offbrand.contracts.model import PASSWORDS, PROOF
from offbrand.contracts.stage import (
    BROWSER,
    BROWSERS,
    EMAIL,
    GOOD,
    IDENTIFIER,
    NEW_PASSWORD,
    PASSWORD,
    PICK,
    PROBE,
    RIGHT,
    SHADOW,
    USERNAME,
    Stage,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from unittest import TestCase

    from offbrand.contracts.driver import Driver
    from offbrand.contracts.model import Link

# What follows: nothing yet, the letter arrives, or its link is followed as well.
_THEN = st.sampled_from(["later", "letter", "link"])
_PROOF = st.sampled_from(["as it is", "fresh", "stale"])
# What operators do, and the state that an account has to be in.
_VERBS = {
    "disable": "active",
    "enable": "disabled",
    "end_sessions": "active",
    "remove_password": "active",
    "reopen": "closed",
}


class AuthMachine(Stage):
    """The rules of the flows."""

    @initialize()
    def ann_is_here(self) -> None:
        """Begin with one account, so that few steps reach deep."""
        self.register("desk", "ann@example.org", "ann", GOOD, then="link")

    @rule(browser=BROWSER, email=EMAIL, username=USERNAME, password=NEW_PASSWORD, then=_THEN)
    def register(self, browser: str, email: str, username: str, password: str, *, then: str) -> None:
        got = self.driver.register(browser, email, username, password)
        self.agree("L1, L4", "register", got, self.oracle.register(email, username, password))
        self.log_in(PROBE, email, password, remember=False)
        if self._goes_on(then, "confirm"):
            self.confirm(browser, 0, RIGHT)

    @rule(email=EMAIL, username=USERNAME, then=_THEN)
    def invite(self, email: str, username: str, *, then: str) -> None:
        self.agree("L1", "invite", self.driver.invite(email, username), self.oracle.invite(email, username))
        if self._goes_on(then, "confirm"):
            self.confirm_anew("phone", 0, username, GOOD)

    @rule(browser=BROWSER, email=EMAIL, then=_THEN)
    def request_confirmation(self, browser: str, email: str, *, then: str) -> None:
        got = self.driver.request_confirmation(browser, email)
        self.agree("L4", "request_confirmation", got, self.oracle.request_confirmation(email))
        if self._goes_on(then, "confirm"):
            self.confirm(browser, 0, RIGHT)

    @precondition(lambda self: self.links("confirm"))
    @rule(browser=BROWSER, pick=PICK, password=PASSWORD)
    def confirm(self, browser: str, pick: int, password: str) -> None:
        link = self.picked("confirm", pick)
        typed = self.said(password, link.person)
        self.log_out_first(browser)
        got = self.driver.confirm(browser, link.token, typed)
        self.agree("L1, L2", "confirm", got, self.oracle.confirm(browser, link, typed))
        self.session_began(browser, got)
        self.is_spent(link, got)

    @precondition(lambda self: self.links("confirm"))
    @rule(browser=BROWSER, pick=PICK, username=USERNAME, password=NEW_PASSWORD)
    def confirm_anew(self, browser: str, pick: int, username: str, password: str) -> None:
        link = self.picked("confirm", pick)
        former = link.person.password
        self.log_out_first(browser)
        got = self.driver.confirm_anew(browser, link.token, username, password)
        self.agree("L1, L2", "confirm_anew", got, self.oracle.confirm_anew(browser, link, username, password))
        self.session_began(browser, got)
        self.is_spent(link, got)
        self._try_former_password(link, former)

    @precondition(lambda self: self.links("confirm"))
    @rule(browser=BROWSER, pick=PICK)
    def discard(self, browser: str, pick: int) -> None:
        link = self.picked("confirm", pick)
        got = self.driver.discard(browser, link.token)
        self.agree("L2", "discard", got, self.oracle.discard(link))
        self.is_spent(link, got)

    @rule(browser=BROWSER, identifier=IDENTIFIER, password=PASSWORD, remember=st.booleans())
    def log_in(self, browser: str, identifier: str, password: str, *, remember: bool) -> None:
        typed = self.said(password, self.oracle.identified(identifier))
        self.log_out_first(browser)
        got = self.driver.log_in(browser, identifier, typed, remember=remember)
        self.agree("L1, L3", "log_in", got, self.oracle.log_in(browser, identifier, typed, remember=remember))
        self.session_began(browser, got)

    @rule(pick=PICK, password=PASSWORD)
    def prove(self, pick: int, password: str) -> None:
        browser = self._visitor(pick)
        self.look(browser)
        stay = self.oracle.current(browser)
        typed = self.said(password, stay.person if stay else None)
        self.shadow(browser)
        self.agree("L3", "prove", self.driver.prove(browser, typed), self.oracle.prove(browser, typed))
        self.look(SHADOW)
        self.look_around()

    @rule(browser=BROWSER, email=EMAIL, password=NEW_PASSWORD, then=_THEN)
    def request_reset(self, browser: str, email: str, password: str, *, then: str) -> None:
        got = self.driver.request_reset(browser, email)
        self.agree("L4", "request_reset", got, self.oracle.request_reset(email))
        if self._goes_on(then, "reset"):
            self.complete_reset(browser, 0, password)

    @precondition(lambda self: self.links("reset"))
    @rule(browser=BROWSER, pick=PICK, password=NEW_PASSWORD)
    def complete_reset(self, browser: str, pick: int, password: str) -> None:
        link = self.picked("reset", pick)
        former = link.person.password
        got = self.driver.complete_reset(browser, link.token, password)
        self.agree("L2", "complete_reset", got, self.oracle.complete_reset(browser, link, password))
        self.is_spent(link, got)
        self.look_around()
        self._try_former_password(link, former)

    @rule(pick=PICK, current=PASSWORD, new=NEW_PASSWORD)
    def change_password(self, pick: int, current: str, new: str) -> None:
        browser = self._visitor(pick)
        self.look(browser)
        stay = self.oracle.current(browser)
        typed = self.said(current, stay.person if stay else None)
        self.shadow(browser)
        got = self.driver.change_password(browser, typed, new)
        self.agree("L2, L3", "change_password", got, self.oracle.change_password(browser, typed, new))
        self.look(SHADOW)
        self.look_around()

    @rule(pick=PICK, email=EMAIL, proof=_PROOF, then=_THEN | st.just("undo"))
    def request_email_change(self, pick: int, email: str, *, proof: str, then: str) -> None:
        browser = self._proved_visitor(pick, proof=proof)
        got = self.driver.request_email_change(browser, email)
        self.agree("L3, L4", "request_email_change", got, self.oracle.request_email_change(browser, email))
        if self._goes_on(then, "change-email"):
            self.complete_email_change(pick, 0, then="link" if then == "undo" else "letter")

    @precondition(lambda self: self.links("change-email"))
    @rule(pick=PICK, link_pick=PICK, then=_THEN)
    def complete_email_change(self, pick: int, link_pick: int, *, then: str) -> None:
        link = self.picked("change-email", link_pick)
        browser = self._visitor(pick)
        # Two changes of one account never fall into one moment, and undo links are told apart by theirs.
        self.wait(1)
        self.look(browser)
        # With two things wrong, a door may name either.
        either = "not_logged_in" if self.oracle.works(link) else "invalid_token"
        self.shadow(browser)
        got = self.driver.complete_email_change(browser, link.token)
        expected = self.oracle.complete_email_change(browser, link)
        self.agree("L2", "complete_email_change", got, expected, either if expected == "not_logged_in" else expected)
        self.is_spent(link, got, browser)
        self.look(SHADOW)
        self.look_around()
        if self._goes_on(then, "undo-email"):
            self.undo_email_change(browser, 0, then="letter")

    @precondition(lambda self: self.links("undo-email"))
    @rule(browser=BROWSER, pick=PICK, then=_THEN)
    def undo_email_change(self, browser: str, pick: int, *, then: str) -> None:
        link = self.picked("undo-email", pick)
        former = link.person.password
        got = self.driver.undo_email_change(browser, link.token)
        self.agree("L2", "undo_email_change", got, self.oracle.undo_email_change(link))
        self.is_spent(link, got)
        self.look_around()
        self._try_former_password(link, former)
        if self._goes_on(then, "reset"):
            self.complete_reset(browser, 0, GOOD)

    @rule(pick=PICK, proof=_PROOF, which=st.integers(0, 5))
    def end_session(self, pick: int, which: int, *, proof: str) -> None:
        """Ids of other accounts' sessions, and of ended ones, mean nothing."""
        browser = self._proved_visitor(pick, proof=proof)
        ids = [stay.id for stay in reversed(self.oracle.stays)] or ["0197c5a0-0000-7000-8000-000000000000"]
        session_id = ids[which % len(ids)]
        got = self.driver.end_session(browser, session_id)
        self.agree("L3", "end_session", got, self.oracle.end_session(browser, session_id))
        self.look_around()

    @rule(pick=PICK, proof=_PROOF)
    def end_other_sessions(self, pick: int, *, proof: str) -> None:
        browser = self._proved_visitor(pick, proof=proof)
        got = self.driver.end_other_sessions(browser)
        self.agree("L3", "end_other_sessions", got, self.oracle.end_other_sessions(browser))
        self.look_around()

    @rule(pick=PICK, proof=_PROOF, then=_THEN)
    def close(self, pick: int, *, proof: str, then: str) -> None:
        browser = self._proved_visitor(pick, proof=proof)
        self.agree("L1, L3", "close", self.driver.close(browser), self.oracle.close(browser))
        self.look_around()
        self._goes_on(then, "")

    @rule(verb=st.sampled_from(sorted(_VERBS)), pick=PICK, then=_THEN)
    def operate(self, verb: str, pick: int, *, then: str) -> None:
        """Operators name an account by its address; one in the right state comes first."""
        persons = sorted(self.oracle.persons, key=lambda person: person.state != _VERBS[verb])
        person = persons[pick % len(persons)] if persons else None
        identifier = person.spelled if person else "ann"
        got = getattr(self.driver, verb)(identifier)
        self.agree("L2, L3", verb, got, getattr(self.oracle, verb)(identifier))
        self.look_around()
        self._goes_on(then, "")

    def _goes_on(self, then: str, purpose: str) -> bool:
        """Let the letters arrive if it is time; return whether a link is to be followed, and there is one."""
        if then != "later":
            self.deliver()
        return then in ("link", "undo") and bool(self.links(purpose))

    def _visitor(self, pick: int) -> str:
        """Return a browser: by 0 one that is logged in, if anybody can be."""
        browsers = sorted(BROWSERS, key=lambda browser: self.oracle.current(browser) is None)
        active = next((person for person in self.oracle.persons if person.state == "active"), None)
        if pick == 0 and active and self.oracle.current(browsers[0]) is None:
            if active.password is None:
                self.request_reset(browsers[0], active.spelled, GOOD, then="link")
            self.log_in(browsers[0], active.spelled, RIGHT, remember=False)
        return browsers[pick % len(browsers)]

    def _proved_visitor(self, pick: int, *, proof: str) -> str:
        browser = self._visitor(pick)
        if proof == "fresh":
            self.prove(pick, RIGHT)
        elif proof == "stale":
            self.wait(PROOF)
        self.look(browser)
        return browser

    def _try_former_password(self, link: Link, former: str | None) -> None:
        """Log in with what was the password before the link was followed."""
        for text, password in PASSWORDS.items():
            if password == former:
                self.log_in(PROBE, link.person.spelled, text, remember=False)
                return


def machine(door: Callable[[], AbstractContextManager[Driver]]) -> type[TestCase]:
    """Return a test case that plays at *door*, under the Hypothesis profile that is active now."""
    return _at(door).TestCase


def play(door: Callable[[], AbstractContextManager[Driver]]) -> None:
    """Play at *door* now, in a test that has fixtures."""
    run_state_machine_as_test(_at(door))


def _at(door: Callable[[], AbstractContextManager[Driver]]) -> type[AuthMachine]:
    return type("AtTheDoor", (AuthMachine,), {"door": staticmethod(door)})
