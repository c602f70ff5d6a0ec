"""RES-01: a crowd that logs in without end takes neither memory nor threads nor turns from anybody else."""

from __future__ import annotations

import re
import signal
import sys
import threading
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs
import pytest

from offbrand.adapters import memory
from offbrand.adapters.argon2_hasher import Argon2Hasher
from offbrand.adapters.argon2_hasher.line import Line
from offbrand.domain.auth import Auth
from offbrand.domain.lanes import WAITING_PER_SLOT
from offbrand.domain.values import EmailAddress, Password, Username
from offbrand.entrypoints import serving
from offbrand.entrypoints.stopping import Wish
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from offbrand.adapters.argon2_hasher.hasher import Argon2Place
    from offbrand.domain.values import Client

ADA, PASSWORD = EmailAddress("ada@example.org"), "a lantern, a ladder and a loaf"
SLOTS = 2
CROWD = 20
PATIENCE = 60.0  # seconds, for a machine that is busy; never waited for when all is well


class GatedHasher(Argon2Hasher):
    """
    A hasher behind a gate that the test opens; it notes who is inside, and how many ever were at once.

    Another gate stops those alone who come inside after it was put up.
    """

    def __init__(self) -> None:
        super().__init__(SLOTS, memory_kib=8, passes=1, lanes=1)
        self.line = Line(SLOTS, patience=PATIENCE)
        self.gate = threading.Event()
        self.gate.set()
        self.inside, self.most, self.turns = 0, 0, list[str | None]()
        self._guard = threading.Lock()

    @contextmanager
    def admit(self, client: Client) -> Iterator[Argon2Place]:
        with super().admit(client) as place:
            with self._guard:
                self.inside += 1
                self.most = max(self.most, self.inside)
                self.turns.append(client.network)
                gate = self.gate
            gate.wait(PATIENCE)
            try:
                yield place
            finally:
                with self._guard:
                    self.inside -= 1

    def shut(self) -> threading.Event:
        """Put up a gate that is shut; return the one that was there."""
        with self._guard:
            before, self.gate = self.gate, threading.Event()
        return before


@attrs.frozen
class Server:
    """The pages behind the threads that `offbrand serve` has, the hasher, and a form that anybody may send."""

    port: int
    hasher: GatedHasher
    cookie: str = ""
    token: str = ""

    def with_form(self) -> Server:
        """Return the server with a form that its login page has given out."""
        _, cookie, text = self.ask("GET", "/auth/login", "203.0.113.8")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        assert token
        return attrs.evolve(self, cookie=cookie, token=token[1])

    def ask(self, method: str, path: str, network: str, body: str = "", **headers: str) -> tuple[int, str, str]:
        """Return status, cookie and text of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        kind = "application/x-www-form-urlencoded"
        connection.request(method, path, body, {"X-Forwarded-For": network, "Content-Type": kind, **headers})
        answer = connection.getresponse()
        cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
        text = answer.read().decode()
        connection.close()
        return answer.status, cookie, text

    def log_in(self, network: str, answers: list[int], identifier: str, password: str = PASSWORD) -> threading.Thread:
        """Send the form in a thread of its own, which notes the status of the answer."""
        form = urlencode({"csrf_token": self.token, "identifier": identifier, "password": password})
        thread = threading.Thread(
            target=lambda: answers.append(self.ask("POST", "/auth/login", network, form, Cookie=self.cookie)[0])
        )
        thread.start()
        return thread

    def come(self, networks: int, answers: list[int]) -> list[threading.Thread]:
        """Let the whole crowd come, from that many networks, with names that nobody has."""
        numbers = range(CROWD)
        return [self.log_in(f"198.51.100.{n % networks}", answers, f"crowd.{n}@example.org") for n in numbers]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    clock = memory.MovableClock()
    store, hasher = memory.MemoryUnitOfWork(clock), GatedHasher()
    mailbox = memory.Mailbox(store)
    auth = Auth.assemble(
        unit_of_work=store,
        hasher=hasher,
        tokens=memory.MemoryTokens(clock),
        mailer=mailbox,
        clock=clock,
        throttle=memory.MemoryThrottle(store),
        blocklist=memory.listed,
    )
    mailbox.collect_from(auth.delivery.deliver)
    auth.registration.register(ADA, Username("ada"), Password(PASSWORD), client=memory.CLIENT)
    auth.confirmation.complete(mailbox.token(ADA), Password(PASSWORD), client=memory.CLIENT)
    sockets = serving.listen("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    settings = Settings.from_env(
        {
            "OFFBRAND_ENV": "development",
            "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/offbrand.db",
            "OFFBRAND_BASE_URL": f"http://127.0.0.1:{port}",
            "OFFBRAND_HASH_SLOTS": str(SLOTS),
            "OFFBRAND_TRUSTED_PROXIES": "1",
        }
    )
    wish, ready = Wish(), threading.Event()
    app = create_app(auth, settings)
    thread = threading.Thread(target=serving.run, args=(app, sockets, settings, wish, ready.set))
    thread.start()
    assert ready.wait(PATIENCE)
    yield Server(port, hasher).with_form()
    hasher.gate.set()
    wish.signal = signal.SIGTERM
    thread.join()


@pytest.mark.parametrize("networks", [1, CROWD])
def test_res_01_l7_a_crowd_leaves_slots_threads_and_turns_to_others(server: Server, networks: int) -> None:
    """The excess is refused while nobody moves on, pages are served, and who comes for the first time is next."""
    in_line = SLOTS * (1 + WAITING_PER_SLOT)
    before, crowd, person = list[int](), list[int](), list[int]()
    for thread in server.come(networks, before):
        thread.join()
    server.hasher.shut()
    server.hasher.turns.clear()
    threads = server.come(networks, crowd)
    until(lambda: len(crowd) == CROWD - in_line, PATIENCE)
    assert set(crowd) == {503}
    for path in ("/healthz", "/auth/login", "/auth/register"):
        assert server.ask("GET", path, "203.0.113.8")[0] == 200
    threads.append(server.log_in("203.0.113.9", person, str(ADA)))
    # For the person, somebody of the crowd has to go.
    until(lambda: len(crowd) == CROWD - in_line + 1, PATIENCE)
    until(lambda: len(server.hasher.turns) == SLOTS, PATIENCE)
    server.hasher.shut().set()
    # Behind those who had the slots, and beside those who got the others at the same moment: nobody has left since.
    until(lambda: len(server.hasher.turns) == 2 * SLOTS, PATIENCE)
    assert "203.0.113.9" in server.hasher.turns
    server.hasher.gate.set()
    for thread in threads:
        thread.join()
    assert (person, server.hasher.most) == ([303], SLOTS)
    assert set(crowd) == {401, 503}


@pytest.mark.usefixtures("server")
def test_res_01_l7_no_thread_keeps_the_interpreter_for_long() -> None:
    """A refusal gets it back a dozen times, from threads of which each is busy; all that has a second."""
    assert sys.getswitchinterval() <= 0.001
