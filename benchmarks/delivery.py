"""
Delivery: how many letters a second one worker hands over, and how many two do, to a mail server that takes 20 ms each.

Run it with an interpreter that has offbrand: ``python benchmarks/delivery.py`` measures SQLite; URLs of servers on
which databases may be made, such as ``postgresql+psycopg://postgres@127.0.0.1/postgres``, measure those instead. Each
worker is a process; rounds of one and of two take turns, so that a noisy machine is noisy for both; the ratio of the
medians is the figure to quote.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import secrets
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from offbrand.adapters.sql.tables import letters as table
from offbrand.bootstrap import connected, upgrade
from offbrand.contracts import samples
from offbrand.domain.letters import LetterKind
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier

LETTERS = 200
ROUNDS = 7
TAKES = 0.02  # seconds from the end of a letter to the server's answer
PATIENCE = 300  # seconds
_START = multiprocessing.get_context("spawn")


def sink(port: Connection) -> None:
    """Serve as a mail server that does nothing but wait, for as long as the process lives."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while command := (await reader.readline())[:4].upper():
            if command == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(TAKES)
            writer.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(take, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def work(environ: Mapping[str, str], start: Barrier, end: Connection) -> None:
    """Deliver until nothing is due; tell how many left, and when the last one had."""
    with connected(Settings.from_env(environ)) as auth:
        auth.delivery.status()  # connects before the clock runs
        start.wait(PATIENCE)
        count = 0
        while batch := auth.delivery.deliver():
            count += sum(batch.values())
        end.send((count, time.monotonic()))


def fill(environ: Mapping[str, str]) -> None:
    """Put letters with links of one account in the place of all that were there."""
    now = datetime.now(UTC)
    account = samples.active(f"a{secrets.token_hex(6)}")
    with connected(Settings.from_env(environ)) as auth, auth.delivery.unit_of_work.writing() as tx:
        tx.accounts.add(account)
        for _ in range(LETTERS):
            letter = samples.letter(
                kind=LetterKind.PASSWORD_RESET,
                account_id=account.id,
                claim_email=account.email,
                generation=account.generation,
                expires_at=now + timedelta(hours=1),
                written_at=now,
                due_at=now,
            )
            tx.letters.add(letter)


def empty(environ: Mapping[str, str]) -> None:
    """Forget the letters of the round before."""
    engine = sa.create_engine(environ["OFFBRAND_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(table.delete())
    engine.dispose()


def rate(environ: Mapping[str, str], workers: int) -> float:
    """Return how many letters a second that many workers hand over, until none is left."""
    empty(environ)
    fill(environ)
    start = _START.Barrier(workers + 1)
    ends, crew = [], []
    for _ in range(workers):
        mine, theirs = _START.Pipe(duplex=False)
        crew.append(_START.Process(target=work, args=(environ, start, theirs), daemon=True))
        ends.append(mine)
        crew[-1].start()
    start.wait(PATIENCE)
    began = time.monotonic()
    told: list[tuple[int, float]] = [end.recv() for end in ends]
    for worker in crew:
        worker.join()
    delivered = sum(count for count, _ in told)
    if delivered != LETTERS:
        raise SystemExit(f"{delivered} letters were delivered instead of {LETTERS}")
    return LETTERS / (max(moment for _, moment in told) - began)


@contextmanager
def database(server: str | None) -> Iterator[str]:
    """Lend the URL of a new database: a file of SQLite's, or one on *server*."""
    if server is None:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/offbrand.db"
        return
    name = f"offbrand_benchmark_{secrets.token_hex(6)}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield admin.url.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
            admin.dispose()


def measure(server: str | None, port: int) -> str:
    """Return what was measured on one database, in a line."""
    with database(server) as url:
        environ = {
            "OFFBRAND_ENV": "development",
            "OFFBRAND_DATABASE_URL": url,
            "OFFBRAND_SECRET_KEYS": secrets.token_hex(32),
            "OFFBRAND_SMTP_URL": f"smtp+plain://127.0.0.1:{port}",
        }
        upgrade(Settings.from_env(environ))
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(ROUNDS):
            for workers, found in rates.items():
                found.append(rate(environ, workers))
    one, two = (statistics.median(found) for found in rates.values())
    spread = ", ".join(f"{min(found):.1f} to {max(found):.1f}" for found in rates.values())
    return f"{url.partition(':')[0]}: {one:.1f} letters/s alone, {two:.1f} in twos ({spread}); ratio {two / one:.2f}\n"


if __name__ == "__main__":
    mine, theirs = _START.Pipe(duplex=False)
    server = _START.Process(target=sink, args=(theirs,), daemon=True)
    server.start()
    number = mine.recv()
    places: list[str | None] = [*sys.argv[1:]]
    for place in places or [None]:
        sys.stdout.write(measure(place, number))
        sys.stdout.flush()
