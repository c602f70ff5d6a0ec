"""A unit of work over one JSON file: readers read it, writers lock, rewrite and replace it."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import Unavailable
from tests.third_party import repositories as over
from tests.third_party.codec import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@attrs.frozen
class FileTransaction:
    accounts: over.FileAccounts
    sessions: over.FileSessions
    devices: over.FileDevices
    events: over.FileEvents
    letters: over.FileLetters
    directory: over.FileDirectory


class FileUnitOfWork:
    """Any number of threads, processes and objects may share a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = threading.local()

    @contextmanager
    def reading(self) -> Iterator[FileTransaction]:
        # No lock: the file is only ever replaced as a whole.
        with self._block():
            tables = self._read()
            before = _text(tables)
            yield _transaction(tables)
            if _text(tables) != before:
                msg = "a reading block has written"
                raise RuntimeError(msg)

    @contextmanager
    def writing(self) -> Iterator[FileTransaction]:
        with self._block(), self._locked():
            tables = self._read()
            yield _transaction(tables)
            self._replace(_text(tables))

    def assert_idle(self) -> None:
        if getattr(self._open, "is_open", False):
            msg = "a transaction is open already"
            raise RuntimeError(msg)

    @contextmanager
    def _block(self) -> Iterator[None]:
        self.assert_idle()
        self._open.is_open = True
        try:
            yield
        finally:
            self._open.is_open = False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # A lock belongs to what was opened, so threads of one process wait for one another as well.
        with ExitStack() as stack:
            with _translated():
                lock = stack.enter_context(self._path.with_suffix(".lock").open("a"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> over.Tables:
        with _translated():
            text = self._path.read_text(encoding="ascii") if self._path.exists() else "[[], [], [], [], []]"
        accounts, sessions, devices, events, letters = from_json(json.loads(text))
        return over.Tables(
            accounts={each.id: each for each in accounts},
            sessions={each.id: each for each in sessions},
            devices={(account_id, digest): seen_at for account_id, digest, seen_at in devices},
            events=events,
            letters={each.id: each for each in letters},
        )

    def _replace(self, text: str) -> None:
        draft = self._path.with_suffix(".draft")
        with _translated():
            with draft.open("w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable from error


def _transaction(tables: over.Tables) -> FileTransaction:
    return FileTransaction(
        over.FileAccounts(tables),
        over.FileSessions(tables),
        over.FileDevices(tables),
        over.FileEvents(tables),
        over.FileLetters(tables),
        over.FileDirectory(tables),
    )


def _text(tables: over.Tables) -> str:
    devices = [[*key, seen_at] for key, seen_at in tables.devices.items()]
    rows = [*map(list, (tables.accounts.values(), tables.sessions.values())), devices]
    return json.dumps(to_json([*rows, tables.events, [*tables.letters.values()]]))
