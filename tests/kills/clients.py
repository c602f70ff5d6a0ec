"""Clients: people who register, read their letters and confirm, and do what people do when a page does not come."""

from __future__ import annotations

import threading
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import attrs

from tests.kills.browser import Broken, Browser, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.kills.browser import Answer
    from tests.kills.post import Post

_REGISTER, _COMPLETE, _LOGIN = "/auth/register", "/auth/confirm/complete", "/auth/login"
_POLL = 0.05


@attrs.define(eq=False)
class Errand:
    """One account that somebody wants; ``acknowledged`` counts the registrations that were answered with success."""

    number: int
    email: str
    username: str
    logs_in: bool
    sent: int = 0
    acknowledged: int = 0
    read: int = 0
    ended: str = ""

    @property
    def password(self) -> str:
        return f"wqzvkjxhmpfybgd{self.number}"

    def browser(self, wire: Wire) -> Browser:
        """Return a new browser in a network of the errand's own, so that none has to wait for another's guesses."""
        return Browser(wire, f"10.{self.number >> 16}.{self.number >> 8 & 255}.{self.number & 255}")


def errands(count: int, clients: int) -> list[list[Errand]]:
    """
    Return for each client what it is to do.

    Once in five, two clients want the same address, or four the same username, and do so at about the same moment.
    """
    lists: list[list[Errand]] = [[] for _ in range(clients)]
    for number in range(count):
        turn, client = divmod(number, clients)
        email = f"two{turn}.{client // 2}" if turn % 10 == 0 else f"one{number}"
        username = f"four{turn}.{client // 4}" if turn % 10 == 5 else f"one{number}"
        lists[client].append(Errand(number, f"{email}@example.org", username, logs_in=turn % 4 == 0))
    return lists


class Person(threading.Thread):
    """One client on its errands, in a thread; ``counts`` tells what it has been through."""

    def __init__(self, errands: Sequence[Errand], post: Post, ports: Callable[[], Sequence[int]], seed: int) -> None:
        super().__init__(daemon=True)
        self.errands = errands
        self.counts: Counter[str] = Counter()
        self.wire = Wire(ports, Random(seed))  # noqa: S311 - a seed makes runs alike
        self.has_registered = threading.Event()
        self.may_go = threading.Event()
        self.defect: Exception | None = None
        self._post = post

    def run(self) -> None:
        """Register one after the other, turning to letters as soon as they come, until told that no more will."""
        try:
            for errand in self.errands:
                self._register(errand)
                self._read_letters()
            self.has_registered.set()
            while not self.may_go.is_set() and self._waiting():
                self._read_letters()
                time.sleep(_POLL)
            self._read_letters()
        except Exception as defect:  # noqa: BLE001 - raised by whoever waits for this thread
            self.defect = defect
        finally:
            self.has_registered.set()
            self.wire.close()

    def _waiting(self) -> list[Errand]:
        return [errand for errand in self.errands if not errand.ended]

    def _read_letters(self) -> None:
        for errand in self._waiting():
            links = self._post.links_to(errand.email)
            while errand.read < len(links) and not errand.ended:
                self._confirm(errand, links[errand.read])
                errand.read += 1

    def _register(self, errand: Errand) -> None:
        fields = {"email": errand.email, "username": errand.username}
        fields |= {"password": errand.password, "password2": errand.password}
        answer = None
        while answer is None:
            browser = errand.browser(self.wire)
            errand.sent += 1
            answer = self._submit(browser, _REGISTER, browser.see(_REGISTER), fields)
        if answer.status == 409:
            self._end(errand, "username taken")
            return
        _expect(answer, 303)
        errand.acknowledged += 1

    def _confirm(self, errand: Errand, link: str) -> None:
        """Confirm by *link*, unless it is about somebody else who has named the same address."""
        fields, username = {"password": errand.password}, errand.username
        is_unsure = False
        while True:
            browser = errand.browser(self.wire)
            _expect(browser.see(link), 303)
            page = browser.see(_COMPLETE)
            if page.status == 400 and not is_unsure:
                return
            if page.status == 400:
                # The answer was lost, and the link is spent: then it has done what it is for.
                break
            _expect(page, 200)
            if page.says(r"<strong>([^<]*)</strong>") != errand.username:
                return
            answer = self._submit(browser, _COMPLETE, page, fields)
            if answer is None:
                is_unsure = True
            elif answer.status == 409 and "Username already in use." in answer.text:
                username = f"anew{errand.number}"
                fields = {"username": username, "new_password": errand.password, "new_password2": errand.password}
                self.counts["usernames chosen anew"] += 1
            elif answer.status == 409:
                self._end(errand, "address taken")
                return
            else:
                _expect(answer, 303)
                break
        errand.username = username
        self._end(errand, "confirmed")
        if is_unsure or errand.logs_in:
            self._log_in(errand)

    def _log_in(self, errand: Errand) -> None:
        answer = None
        while answer is None:
            browser = errand.browser(self.wire)
            fields = {"identifier": errand.email, "password": errand.password}
            answer = self._submit(browser, _LOGIN, browser.see(_LOGIN), fields)
        _expect(answer, 303)
        self.counts["logged in"] += 1

    def _end(self, errand: Errand, how: str) -> None:
        errand.ended = how
        self.counts[how] += 1

    def _submit(self, browser: Browser, path: str, page: Answer, fields: dict[str, str]) -> Answer | None:
        """Return the answer to a form; None where the connection broke instead."""
        _expect(page, 200)
        try:
            return browser.submit(path, page, fields)
        except Broken:
            self.counts["forms sent again"] += 1
            return None


def _expect(answer: Answer, status: int) -> None:
    assert answer.status == status, f"{answer.status} instead of {status}: {answer.text}"
