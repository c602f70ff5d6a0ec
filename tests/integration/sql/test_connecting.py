"""Connecting: whoever operates a database that cannot be reached learns why, and nothing secret with it (law L9)."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.guest import adopted
from offbrand.domain.errors import Unavailable
from tests.integration.sql.databases import SERVERS, server_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

CANARY = "canary-hunter2"
KINDS = {kind: url.partition(":")[0] for kind, (_, url) in SERVERS.items()}


def logged(engine: Engine, caplog: pytest.LogCaptureFixture) -> str:
    """Return the one line that is logged of a block over a database that cannot be reached."""
    for block in (blocks.reading, blocks.writing):
        caplog.clear()
        with pytest.raises(Unavailable) as refused, block(engine):
            pass
        assert CANARY not in repr(refused.value)
        [record] = caplog.records
        message = record.getMessage()
        assert message.startswith("The database did not do its part: ")
        assert (CANARY in message, "\n" in message, message == message.strip()) == (False, False, True)
    engine.dispose()
    return message


@pytest.mark.parametrize("whose", ["ours", "a host's"])
@pytest.mark.parametrize(
    ("place", "reasons"),
    [
        ("127.0.0.1:1/x", ["Connection refused"]),
        # The other is what is said while nobody answers who knows names.
        ("nowhere.invalid/x", ["Name or service not known", "Temporary failure in name resolution"]),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_not_there(
    kind: str, place: str, reasons: list[str], whose: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{KINDS[kind]}://ann:{CANARY}@{place}"
    told = logged(make_engine(url) if whose == "ours" else adopted(sa.create_engine(url)), caplog)
    assert [reason for reason in reasons if reason in told], told


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_or_a_user_that_is_not_there(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with server_database(kind) as url:
        there = sa.make_url(url)
    gone = there.set(password=CANARY) if kind == "postgresql" else there
    assert f"{there.database}" in logged(make_engine(gone.render_as_string(hide_password=False)), caplog)
    nobody = there.set(username="offbrand_nobody", password=CANARY).render_as_string(hide_password=False)
    assert "offbrand_nobody" in logged(make_engine(nobody), caplog)


def test_a_file_that_cannot_be_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert "unable to open database file" in logged(make_engine(f"sqlite:///{tmp_path}/missing/x.db"), caplog)
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    assert "SQLITE_NOTADB: file is not a database" in logged(make_engine(f"sqlite:///{tmp_path}/x.db"), caplog)


@contextmanager
def refusing(words: str) -> Iterator[int]:
    """Run what speaks like PostgreSQL, asks for the password, and refuses in these words; give its port."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client:
                    client.recv(4096)
                    client.sendall(b"R\0\0\0\x08\0\0\0\x03")
                    client.recv(4096)
                    fields = b"SFATAL\0VFATAL\0C28P01\0M" + words.encode() + b"\0\0"
                    client.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("words", "user", "password", "is_told"),
    [
        ("password authentication failed for user", "ann", CANARY, True),
        (f"no {CANARY} is right", "ann", CANARY, False),
        ("user offbrand may not", "offbrand", "offbrand", True),
        ("no place for p", "ann", "p", False),
        ("no place for people", "ann", "p", True),
    ],
)
def test_what_a_server_says_is_logged_unless_it_quotes_the_password(
    words: str,
    user: str,
    password: str,
    is_told: bool,  # noqa: FBT001 - a case
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where user and password are the same word, it is no secret that somebody has to find in a log."""
    with refusing(words) as port:
        place = f"127.0.0.1:{port}/x?sslmode=disable"
        for url in (f"postgresql://{user}:{password}@{place}", f"postgresql://{user}@{place}&password={password}"):
            assert (words in logged(make_engine(url), caplog)) == is_told


@pytest.mark.parametrize("kind", KINDS)
def test_the_rest_of_a_password_is_not_taken_for_a_host(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """An @ that is not written as %40 ends the password too early."""
    with pytest.raises(ValueError, match="is written as %40") as refused:
        make_engine(f"{KINDS[kind]}://ann:p@{CANARY}@127.0.0.1/x")
    assert CANARY not in str(refused.value)
    assert logged(make_engine(f"{KINDS[kind]}://ann:p@{CANARY}.invalid/word@127.0.0.1/x"), caplog)
