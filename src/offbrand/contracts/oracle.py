"""Oracle: what every flow ought to answer and to change, said over the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.contracts.driver import OK
from offbrand.contracts.model import (
    ADDRESSES,
    CLOSED,
    INVITED,
    LIFETIMES,
    MINUTE,
    PASSWORDS,
    PROOF,
    USERNAMES,
    WEAK,
    Letter,
    Link,
    Model,
    Person,
)

if TYPE_CHECKING:
    from offbrand.contracts.model import Stay


class Oracle(Model):
    """The model, with the methods of a driver; links are given as such and not as tokens."""

    def register(self, email: str, username: str, password: str) -> str:
        if password == WEAK:
            return "weak_password"
        if self.holder(name=USERNAMES[username]):
            return "username_taken"
        purge_at = self.now + LIFETIMES["confirm"]
        person = Person(ADDRESSES[email], email, USERNAMES[username], PASSWORDS[password], purge_at)
        owner = self.holder(address=person.address)
        self.persons.append(person)
        self.write(owner.notice() if owner else person.link("confirm", purge_at))
        return OK

    def invite(self, email: str, username: str) -> str:
        if self.holder(address=ADDRESSES[email]):
            return "address_taken"
        if self.holder(name=USERNAMES[username]):
            return "username_taken"
        person = Person(ADDRESSES[email], email, USERNAMES[username], None, self.now + INVITED)
        self.persons.append(person)
        self.write(person.link("confirm", self.now + INVITED))
        return OK

    def request_confirmation(self, email: str) -> str:
        claimed = self.holder(address=ADDRESSES[email])
        self._link_pending(None if claimed else self.newest_pending(ADDRESSES[email]))
        return OK

    def confirm(self, browser: str, link: Link, password: str) -> str:
        if not self.works(link):
            return "invalid_token"
        if not link.person.has_password(password):
            return "wrong_password"
        return self._confirm(browser, link.person, link.person.name)

    def confirm_anew(self, browser: str, link: Link, username: str, password: str) -> str:
        if not self.works(link):
            return "invalid_token"
        if password == WEAK:
            return "weak_password"
        answer = self._confirm(browser, link.person, USERNAMES[username])
        if answer == OK:
            link.person.password = PASSWORDS[password]
        return answer

    def discard(self, link: Link) -> str:
        if not self.works(link):
            return "invalid_token"
        self.forget(link.person)
        return OK

    def log_in(self, browser: str, identifier: str, password: str, *, remember: bool = False) -> str:
        person = self.identified(identifier)
        if person is None or person.state != "active" or not person.has_password(password):
            return "invalid_credentials"
        if not self.knows(browser, person):
            self.write(person.notice())
        self.begin(browser, person, remember=remember)
        return OK

    def whoami(self, browser: str) -> str:
        stay = self.current(browser)
        if stay is None:
            return "not_logged_in"
        if self.now - stay.seen >= MINUTE:
            stay.seen = self.now
        return OK

    def prove(self, browser: str, password: str) -> str:
        stay = self.current(browser)
        if stay is None:
            return "not_logged_in"
        if not stay.person.has_password(password):
            return "wrong_password"
        stay.proved = self.now
        self.rotate(browser, stay)
        return OK

    def log_out(self, browser: str) -> str:
        stay = self.current(browser)
        self.end([stay] if stay else [])
        return OK

    def request_reset(self, email: str) -> str:
        holder = self.holder(address=ADDRESSES[email])
        if holder and holder.state == "active":
            self.write(holder.link("reset", self.now + LIFETIMES["reset"]))
        else:
            self._link_pending(None if holder else self.newest_pending(ADDRESSES[email]))
        return OK

    def complete_reset(self, browser: str, link: Link, password: str) -> str:
        if not self.works(link):
            return "invalid_token"
        if password == WEAK:
            return "weak_password"
        person = link.person
        person.password = PASSWORDS[password]
        self._cut_off(person)
        self.know(browser, person)
        self.write(person.notice())
        return OK

    def change_password(self, browser: str, current: str, new: str) -> str:
        stay = self.current(browser)
        if stay is None:
            return "not_logged_in"
        if new == WEAK:
            return "weak_password"
        if not stay.person.has_password(current):
            return "wrong_password"
        stay.person.password = PASSWORDS[new]
        stay.proved = self.now
        self.void(stay.person)
        self.end_all(stay.person, keep=stay)
        self.forget_other_devices(browser, stay.person)
        self.rotate(browser, stay)
        self.write(stay.person.notice())
        return OK

    def request_email_change(self, browser: str, email: str) -> str:
        stay = self.current(browser)
        refusal = self._unproved(stay)
        if stay is None or refusal:
            return refusal
        if self._may_be_undone(stay.person):
            return "undo_pending"
        address = ADDRESSES[email]
        if address == stay.person.address:
            return "address_unchanged"
        holder = self.holder(address=address)
        until = self.now + LIFETIMES["change-email"]
        link = Link("change-email", stay.person, address, email, until)
        self.write(holder.notice() if holder else Letter(email, link, stay.person))
        return OK

    def complete_email_change(self, browser: str, link: Link) -> str:
        stay = self.current(browser)
        if stay is None:
            return "not_logged_in"
        person = stay.person
        if link.person is not person or not self.works(link):
            return "invalid_token"
        if self.holder(address=link.address):
            return "address_taken"
        until = self.now + LIFETIMES["undo-email"]
        undo = Link("undo-email", person, person.address, person.spelled, until)
        person.address, person.spelled, person.undo_until = link.address, link.spelled, until
        self.void(person)
        self.end_all(person, keep=stay)
        self.rotate(browser, stay)
        self.write(Letter(undo.spelled, undo, person))
        return OK

    def undo_email_change(self, link: Link) -> str:
        if not self.works(link):
            return "invalid_token"
        if self.holder(address=link.address):
            return "address_taken"
        person = link.person
        person.address, person.spelled, person.undo_until, person.password = link.address, link.spelled, None, None
        link.dead = True
        self._cut_off(person)
        self.write(person.link("reset", self.now + LIFETIMES["reset"]))
        return OK

    def end_session(self, browser: str, session_id: str) -> str:
        stay = self.current(browser)
        refusal = self._unproved(stay)
        if stay is None or refusal:
            return refusal
        ended = [other for other in self.stays if other.person is stay.person and other.id == session_id]
        self.end(ended)
        return OK if ended else "unknown_session"

    def end_other_sessions(self, browser: str) -> str:
        stay = self.current(browser)
        refusal = self._unproved(stay)
        if stay is None or refusal:
            return refusal
        self.end_all(stay.person, keep=stay)
        return OK

    def close(self, browser: str) -> str:
        stay = self.current(browser)
        refusal = self._unproved(stay)
        if stay is None or refusal:
            return refusal
        if self._may_be_undone(stay.person):
            return "undo_pending"
        stay.person.state, stay.person.purge_at = "closed", self.now + CLOSED
        self.void(stay.person)
        self.end_all(stay.person)
        self.write(stay.person.notice())
        return OK

    def disable(self, identifier: str) -> str:
        return self._operate(identifier, "active", "disabled")

    def enable(self, identifier: str) -> str:
        return self._operate(identifier, "disabled", "active")

    def reopen(self, identifier: str) -> str:
        answer = self._operate(identifier, "closed", "active")
        return self._without_password(identifier) if answer == OK else answer

    def remove_password(self, identifier: str) -> str:
        answer = self._operate(identifier, "active", "active")
        return self._without_password(identifier, forget_devices=True) if answer == OK else answer

    def end_sessions(self, identifier: str) -> str:
        person = self.identified(identifier)
        if person is None:
            return "unknown_account"
        self.end_all(person)
        return OK

    def _confirm(self, browser: str, person: Person, name: str) -> str:
        if self.holder(address=person.address):
            return "address_taken"
        if self.holder(name=name):
            return "username_taken"
        person.name, person.state, person.purge_at = name, "active", None
        self.void(person)
        self.begin(browser, person)
        return OK

    def _link_pending(self, person: Person | None) -> None:
        self.write(person.link("confirm", person.purge_at) if person and person.purge_at else None)

    def _cut_off(self, person: Person) -> None:
        self.void(person)
        self.end_all(person)
        self.devices.pop(person, None)

    def _unproved(self, stay: Stay | None) -> str:
        if stay is None:
            return "not_logged_in"
        return "" if self.now < stay.proved + PROOF else "proof_needed"

    def _may_be_undone(self, person: Person) -> bool:
        return person.undo_until is not None and self.now < person.undo_until

    def _operate(self, identifier: str, before: str, after: str) -> str:
        person = self.identified(identifier)
        if person is None:
            return "unknown_account"
        if person.state != before:
            return "wrong_state"
        person.state, person.purge_at = after, None
        self.void(person)
        self.end_all(person)
        return OK

    def _without_password(self, identifier: str, *, forget_devices: bool = False) -> str:
        person = self.identified(identifier)
        if person is not None:
            person.password = None
            if forget_devices:
                self.devices.pop(person, None)
            self.write(person.link("reset", self.now + LIFETIMES["reset"]))
        return OK
