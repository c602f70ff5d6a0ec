"""Asking: somebody who fills in a page's form again and again, and looks at the clock."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import count, cycle
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

from tests.timing.crowd import WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from tests.timing.crowd import Crowd

PATIENCE = 60  # seconds, for a machine that is busy; never waited for when all is well
WARM_UPS = 50
_TRIES = 5
_COOKIE = re.compile(r"offbrand-flask=[^;]+")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_networks = count(1)


@attrs.frozen(kw_only=True)
class Page:
    """
    A form, the kinds of people it is asked about, the first of them for comparison, and the answer they all get.

    Each address is typed ``uses`` times, so that no limit is reached which is not meant to be.
    """

    name: str
    path: str
    kinds: tuple[str, ...]
    status: int
    field: str = "email"
    fields: Mapping[str, str] = attrs.Factory(dict)
    uses: int = 4
    members_only: bool = False


LOGIN = Page(
    name="login",
    path="/auth/login",
    field="identifier",
    fields={"password": WRONG.reveal()},
    kinds=("wrong password", "unknown", "disabled", "pending", "passwordless", "throttled", "old parameters"),
    status=401,
    uses=9,
)
REGISTRATION = Page(
    name="registration",
    path="/auth/register",
    fields={"username": "somebody", "password": WRONG.reveal(), "password2": WRONG.reveal()},
    kinds=("unknown", "active", "pending"),
    status=303,
)
RESET = Page(
    name="reset",
    path="/auth/reset",
    kinds=("unknown", "active", "pending", "disabled", "passwordless", "expired"),
    status=303,
)
RESEND = Page(
    name="resend",
    path="/auth/confirm",
    kinds=("unknown", "active", "pending", "invited", "expired"),
    status=303,
)
EMAIL_CHANGE = Page(
    name="email change",
    path="/auth/change-email",
    kinds=("unknown", "active", "pending", "disabled"),
    status=303,
    members_only=True,
)


class Asker:
    """One browser on one connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._connection.request("GET", "/auth/login")
        answer = self._connection.getresponse()
        cookie = _COOKIE.search(answer.headers["Set-Cookie"])
        token = _TOKEN.search(answer.read().decode())
        assert cookie is not None
        assert token is not None
        self._cookie, self._token = cookie[0], token[1]

    def ask(self, page: Page, typed: str, session: str | None) -> float:
        """Send the form, anew while the server is busy; return how many milliseconds the answer took."""
        for _ in range(_TRIES):
            status, text, took = self._send(page, typed, session)
            # Whoever stands in the line for longer than anybody should is told so, as where the machine stood still.
            if status != HTTPStatus.SERVICE_UNAVAILABLE:
                break
        assert status == page.status, text
        return took

    def _send(self, page: Page, typed: str, session: str | None) -> tuple[int, str, float]:
        """Send the form from a network of its own."""
        number = next(_networks)
        body = urlencode({"csrf_token": self._token, page.field: typed, **page.fields})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{self._cookie}; offbrand={session}" if session else self._cookie,
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }
        began = time.perf_counter_ns()
        self._connection.request("POST", page.path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        took = (time.perf_counter_ns() - began) / 1e6
        return answer.status, text.decode(), took

    def leave(self) -> None:
        """Close the connection."""
        self._connection.close()


def measure(  # noqa: PLR0913 - what is asked about whom and where, in which order, how often and by how many
    page: Page, crowd: Crowd, port: int, random: Random, *, samples: int, clients: int = 1
) -> dict[str, list[float]]:
    """Ask *samples* times about each kind, in rounds of random order, after `WARM_UPS`; return milliseconds."""
    people = {kind: cycle(crowd.settle(kind, -(-(samples + WARM_UPS) // page.uses))) for kind in page.kinds}
    members: Iterator[str | None] = cycle([None])
    if page.members_only:
        # An account may ask for twenty letters an hour.
        members = cycle(crowd.sessions((len(page.kinds) * samples + WARM_UPS) // 20 + 1))
    warm_ups = random.choices(page.kinds, k=WARM_UPS)
    turns = [kind for _ in range(samples) for kind in random.sample(page.kinds, len(page.kinds))]
    kinds = [*warm_ups, *turns]
    errands = deque((place, next(people[kind]), next(members)) for place, kind in enumerate(kinds))
    times: dict[int, float] = {}
    askers = [Asker(port) for _ in range(clients)]

    def work(asker: Asker) -> None:
        while True:
            try:
                place, typed, session = errands.popleft()
            except IndexError:
                return
            times[place] = asker.ask(page, typed, session)

    threads = [threading.Thread(target=work, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for asker in askers:
        asker.leave()
    assert len(times) == len(kinds)
    in_turn = range(WARM_UPS, len(kinds))
    return {kind: [times[place] for place in in_turn if kinds[place] == kind] for kind in page.kinds}
