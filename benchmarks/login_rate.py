"""
Login rate: accepted logins a second through the library, beside bare Argon2 verification in as many threads as slots.

Run it with an interpreter that has ``offbrand[all]``: ``python benchmarks/login_rate.py``. Both hash at the default
cost, and are measured in turn, so that a noisy machine is noisy for both; the median of the ratios is the figure to
quote, and at least 0.9 is wanted. Every login comes from a network and a browser of its own, which is what costs most.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offbrand.adapters import memory
from offbrand.adapters.argon2_hasher import Argon2Hasher
from offbrand.adapters.argon2_hasher.line import Line
from offbrand.adapters.itsdangerous_tokens import ItsdangerousTokens
from offbrand.adapters.sql import schema
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.adapters.system_clock import SystemClock
from offbrand.domain.account import Account
from offbrand.domain.auth import Auth
from offbrand.domain.values import AccountId, Client, EmailAddress, Password, Secret, Username

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAIRS = 7
LOGINS = 40  # in each half of a pair
ACCOUNTS = 40
SLOTS = os.cpu_count() or 1
PASSWORD = Password("a lantern, a ladder and a loaf")
WANTED = 0.9

clock = SystemClock()
tokens = ItsdangerousTokens(keys=(Secret("0123456789abcdef" * 2),), base_url="https://example.org", clock=clock)
hasher = Argon2Hasher(SLOTS)
hasher.line = Line(SLOTS, patience=60)  # nobody is turned away here, however slow the machine
numbers = count()


class Timed:
    """A port, and how many seconds its calls and blocks take, under the port's name."""

    def __init__(self, name: str, port: object, seconds: Counter[str]) -> None:
        self._name = name
        self._port = port
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has
        found = getattr(self._port, name)

        def call(*arguments: object, **keywords: object) -> object:
            began = time.perf_counter()
            result = found(*arguments, **keywords)
            self._seconds[self._name] += time.perf_counter() - began
            return self._block(result, name) if hasattr(result, "__exit__") else result

        return call

    @contextmanager
    def _block(self, block: Any, name: str) -> Iterator[Any]:  # noqa: ANN401 - as above
        began = time.perf_counter()
        with block as opened:
            yield Timed("hashing", opened, self._seconds) if name == "admit" else opened
        if name != "admit":
            self._seconds[self._name] += time.perf_counter() - began


def core(unit_of_work: Any, throttle: Any) -> tuple[Callable[..., Auth], list[Username]]:  # noqa: ANN401 - of any adapter
    """Return how a core is assembled over these adapters, and the accounts that live there."""
    with hasher.admit(Client()) as place:
        password_hash = place.hash(PASSWORD)
    now = datetime.now(UTC)
    names = [Username.parse(f"member{number}") for number in range(ACCOUNTS)]
    for name in names:
        email = EmailAddress.parse(f"{name}@example.org")
        account = Account(
            id=AccountId(tokens.new_id()),
            email=email,
            username=name,
            password_hash=password_hash,
            roles=frozenset(),
            avatar_id=tokens.new_id(),
            registered_at=now,
            confirmed_at=now,
        )
        with unit_of_work.writing() as tx:
            tx.accounts.add(account)

    def assemble(watched: Callable[[str, Any], Any] = lambda _, port: port) -> Auth:
        return Auth.assemble(
            unit_of_work=watched("database", unit_of_work),
            hasher=watched("hasher", hasher),
            tokens=watched("tokens", tokens),
            mailer=memory.Mailbox(),
            clock=clock,
            throttle=watched("throttle", throttle),
            blocklist=memory.listed,
        )

    return assemble, names


def log_in(auth: Auth, names: list[Username]) -> None:
    """Log in as the next account, from where nobody was before."""
    number = next(numbers)
    client = Client(network=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", user_agent="benchmark")
    auth.login.log_in(names[number % len(names)], PASSWORD, client=client)


def rate(action: Callable[[], object], threads: int) -> float:
    """Return how often a second *action* is done."""
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(action) for _ in range(LOGINS)]:
            done.result()
    return LOGINS / (time.perf_counter() - began)


def compare(name: str, unit_of_work: Any, throttle: Any) -> bool:  # noqa: ANN401 - of any adapter
    """Tell the ratio of the rates and where the time of a login goes; return whether the ratio is good enough."""
    assemble, names = core(unit_of_work, throttle)
    auth, bare = assemble(), hasher.argon2
    stored = bare.hash(PASSWORD.reveal())
    ratios, best = list[float](), list[tuple[float, float]]()
    for _ in range(PAIRS):
        raw = rate(lambda: bare.verify(stored, PASSWORD.reveal()), SLOTS)
        # Twice as many, so that somebody hashes while somebody else writes; the hasher sees to it that no more do.
        ours = rate(lambda: log_in(auth, names), 2 * SLOTS)
        best.append((ours, raw))
        ratios.append(ours / raw)
    ratio = statistics.median(ratios)
    sys.stdout.write(
        f"{name}: {statistics.median(ours for ours, _ in best):.1f} logins a second, bare Argon2 "
        f"{statistics.median(raw for _, raw in best):.1f}; ratio {ratio:.2f}, {min(ratios):.2f} to {max(ratios):.2f}: "
        f"{'holds' if ratio >= WANTED else 'FAILS'}\n"
    )
    seconds = Counter[str]()
    watched = assemble(lambda port, adapter: Timed(port, adapter, seconds))
    began = time.perf_counter()
    for _ in range(LOGINS):
        log_in(watched, names)
    total = time.perf_counter() - began
    parts = {part: seconds[part] for part in ("hashing", "database", "throttle", "tokens")}
    parts["rest"] = total - sum(parts.values())
    told = ", ".join(f"{part} {spent / LOGINS * 1000:.1f} ms" for part, spent in parts.items())
    sys.stdout.write(f"  one login alone takes {total / LOGINS * 1000:.0f} ms: {told}\n")
    sys.stdout.flush()
    return ratio >= WANTED


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder)}/offbrand.db")
        schema.upgrade(engine)
        fast = [compare("SQLite", SqlUnitOfWork(engine), SqlThrottle(engine))]
        engine.dispose()
    store = memory.MemoryUnitOfWork(clock)
    fast.append(compare("memory", store, memory.MemoryThrottle()))
    sys.exit(not all(fast))
