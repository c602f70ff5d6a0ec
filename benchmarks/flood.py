"""
Flood: what a crowd of login clients does to one server, to its pages and to a person who logs in meanwhile (RES-01).

On a machine with /proc, and with an interpreter that has ``offbrand[all]``: ``python benchmarks/flood.py [seconds]``.
The server is `offbrand serve` in all but the clock around it: production, SQLite, hashes at their default cost. The
crowd comes from one network and from as many as it has clients; it runs at the lowest priority, because in truth its
machines are not the server's. A person comes when the crowd does; where its networks are many, and as new as the
person's, nobody can tell these apart, so that another counts, who comes when all of the crowd have been answered.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crowd import HOST, MEMBERS, TOKEN, flood

from offbrand.bootstrap import bootstrap, connected, upgrade
from offbrand.domain.values import Client, EmailAddress, Password, Username
from offbrand.entrypoints.serving import listen, run
from offbrand.entrypoints.stopping import stop_on_signals
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

PASSWORD = "a lantern, a ladder and a loaf"
PERSON = "ada"
MIB = 1 << 20
PAGE_EVERY, PERSON_EVERY = 0.2, 3.0  # seconds
PAGE_MEDIAN, PERSON_AT_MOST = 0.05, 5.0  # seconds that are wanted; for all else, one
REFUSALS = (429, 503)


def environ(folder: Path) -> dict[str, str]:
    """Return the settings of a small deployment behind one proxy, with hashing as it comes."""
    return {
        "OFFBRAND_DATABASE_URL": f"sqlite:///{folder}/offbrand.db",
        "OFFBRAND_SECRET_KEYS": "0123456789abcdef" * 2,
        "OFFBRAND_BASE_URL": f"https://{HOST}",
        "OFFBRAND_SMTP_URL": "smtp+plain://127.0.0.1:9",
        "OFFBRAND_MAIL_SENDER": "accounts@example.org",
        "OFFBRAND_DELIVERY_THREAD": "off",
        "OFFBRAND_TRUSTED_PROXIES": "1",
    }


def populate(folder: Path) -> None:
    """Make the tables, and let everybody register and confirm."""
    settings = Settings.from_env(environ(folder) | {"OFFBRAND_ENV": "development"})
    upgrade(settings)
    links: list[Any] = []
    auth = bootstrap(settings, links=lambda _, token: links.append(token) or HOST)
    for name in (PERSON, *MEMBERS):
        auth.registration.register(
            EmailAddress.parse(f"{name}@example.org"), Username.parse(name), Password(PASSWORD), client=Client()
        )
        auth.delivery.deliver()  # composes the letter, and with it the link; nobody takes it
        auth.confirmation.complete(links[-1], Password(PASSWORD), client=Client())


class Stopwatch:
    """The application, and the seconds between each request and its answer, by method and status."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self.seconds: list[tuple[str, int, float]] = []

    def __call__(self, environment: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer."""
        began = time.perf_counter()
        statuses: list[str] = []

        def start(status: str, *arguments: object) -> object:
            statuses.append(status)
            return start_response(status, *arguments)

        body = list(self._app(environment, start))
        self.seconds.append((environment["REQUEST_METHOD"], int(statuses[-1][:3]), time.perf_counter() - began))
        return body


def serve(folder: Path, port: multiprocessing.SimpleQueue[int]) -> None:
    """Serve until SIGTERM, and leave behind how long each answer took."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # as the command does
    settings = Settings.from_env(environ(folder))
    sockets = listen("127.0.0.1", 0)
    with connected(settings) as auth, stop_on_signals() as wish:
        app = Stopwatch(create_app(auth, settings))
        run(app, sockets, settings, wish, lambda: port.put(sockets[0].getsockname()[1]))
    (folder / "seconds.json").write_text(json.dumps(app.seconds))


class Visitor:
    """A browser, one request after another."""

    def __init__(self, port: int, networks: str = "192.0.2") -> None:
        self._port = port
        self._networks = networks
        self._network = f"{networks}.1"
        self._numbers = count()

    def ask(self, method: str, path: str, form: Mapping[str, str] | None = None, cookie: str = "") -> tuple[Any, str]:
        """Return the answer and its text."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        lines = {"Host": HOST, "X-Forwarded-For": self._network, "Origin": f"https://{HOST}", "Cookie": cookie}
        if form:
            lines["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form or {}), lines)
        told = connection.getresponse()
        text = told.read().decode()
        connection.close()
        return told, text

    def log_in(self) -> float:
        """Log in from where nobody was before, as often as it takes and as late as asked to; return the seconds."""
        self._network = f"{self._networks}.{next(self._numbers) % 256}"
        began = time.perf_counter()
        told, text = self.ask("GET", "/auth/login")
        cookie = told.headers.get_all("Set-Cookie")[-1].partition(";")[0]
        form = {"csrf_token": TOKEN.search(text).group(1), "identifier": PERSON, "password": PASSWORD}
        while True:
            told, text = self.ask("POST", "/auth/login", form, cookie)
            if told.status == 303:  # noqa: PLR2004 - See Other
                return time.perf_counter() - began
            if told.status not in REFUSALS:
                raise SystemExit(f"The person was refused with {told.status}: {text}")
            time.sleep(float(told.headers["Retry-After"]))

    def look(self, path: str) -> float:
        """Return how many seconds a page takes."""
        began = time.perf_counter()
        told, text = self.ask("GET", path)
        if told.status != 200:  # noqa: PLR2004 - OK
            raise SystemExit(f"{path} was refused with {told.status}: {text}")
        return time.perf_counter() - began


def repeat(action: Callable[[], float], every: float, until: float, results: list[float]) -> threading.Thread:
    """Act again and again in a thread."""

    def go_on() -> None:
        while time.monotonic() < until:
            results.append(action())
            time.sleep(every)

    thread = threading.Thread(target=go_on)
    thread.start()
    return thread


def memory(pid: int, name: str) -> float:
    """Return what /proc says of a process, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status).group(1)) / 1024


def cpu(pid: int) -> float:
    """Return the seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(folder: Path) -> Iterator[tuple[multiprocessing.Process, int]]:
    """Lend a server and its port."""
    port = multiprocessing.SimpleQueue()
    server = multiprocessing.Process(target=serve, args=(folder, port))
    server.start()
    try:
        yield server, port.get()
    finally:
        os.kill(server.pid, signal.SIGTERM)
        server.join()


def percentile(values: list[float], part: float) -> float:
    """Return the value that *part* of all are not above."""
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]


def measure(clients: int, networks: int, seconds: float) -> bool:
    """Let the crowd loose on a fresh server; tell what was seen, and return whether it may be so."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        populate(folder)
        settings = Settings.from_env(environ(folder))
        with served(folder) as (server, port):
            person, page = Visitor(port, "203.0.113"), Visitor(port)
            for _ in range(20):
                page.look("/auth/login")
            calm = person.log_in()
            idle = memory(server.pid, "VmRSS")
            news = multiprocessing.SimpleQueue()
            crowd = multiprocessing.Process(target=flood, args=(port, clients, networks, seconds, news))
            crowd.start()
            news.get()
            began, used = time.monotonic(), cpu(server.pid)
            until = began + seconds
            pages, health, logins, early = list[float](), list[float](), list[float](), list[float]()
            threads = [
                repeat(lambda: page.look("/auth/login"), PAGE_EVERY, until, pages),
                repeat(lambda: page.look("/healthz"), PAGE_EVERY, until, health),
            ]
            if networks > 1:
                # Told of, but held to nothing.
                companion = Visitor(port, "192.0.0")
                threads.append(threading.Thread(target=lambda: early.append(companion.log_in())))
                threads[-1].start()
                news.get()
            threads.append(repeat(person.log_in, PERSON_EVERY, until, logins))
            for thread in threads:
                thread.join()
            crowd.join()
            share = (cpu(server.pid) - used) / (time.monotonic() - began) / (os.cpu_count() or 1)
            peak = memory(server.pid, "VmHWM")
        answered = json.loads((folder / "seconds.json").read_text())
    while not isinstance(told := news.get(), dict):
        pass
    refused = [took for method, status, took in answered if method == "POST" and status in REFUSALS]
    bound = 1.2 * (idle + settings.hash_slots * settings.hash_memory_kib / 1024)
    checks = {
        f"memory {idle:.0f} MiB idle, {peak:.0f} MiB at most, {bound:.0f} MiB allowed": peak <= bound,
        f"refused within {max(refused, default=0):.2f} s (median {statistics.median(refused or [0]):.3f} s)": max(
            refused, default=0
        )
        <= 1,
        f"page median {statistics.median(pages) * 1000:.0f} ms": statistics.median(pages) <= PAGE_MEDIAN,
        f"page p95 {percentile(pages, 0.95) * 1000:.0f} ms": percentile(pages, 0.95) <= 1,
        f"/healthz median {statistics.median(health) * 1000:.0f} ms, p95 {percentile(health, 0.95) * 1000:.0f} ms": (
            percentile(health, 0.95) <= 1
        ),
        f"a person logs in within {max(logins):.2f} s (median {statistics.median(logins):.2f} s, calm {calm:.2f} s)": (
            max(logins) <= PERSON_AT_MOST
        ),
    }
    where = f"{networks} networks" if networks > 1 else "one network"
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(told.items()))
    sys.stdout.write(f"{clients} clients in {where}; the server had {share:.0%} of the machine; answers: {answers}\n")
    for sentence, holds in checks.items():
        sys.stdout.write(f"  {'holds' if holds else 'FAILS'}: {sentence}\n")
    for took in early:
        sys.stdout.write(f"  a person who comes at the same moment as the crowd: {took:.2f} s\n")
    sys.stdout.flush()
    return all(checks.values())


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    multiprocessing.set_start_method("spawn")
    held = [measure(clients, networks, length) for clients in (64, 500) for networks in (1, clients)]
    sys.exit(not all(held))
