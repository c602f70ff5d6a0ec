"""Permissions: whether files that hold secrets are closed to everybody else on this machine."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import bad, ok
from offbrand.entrypoints.cli.session_file import SessionFile
from offbrand.entrypoints.cli.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient
    from offbrand.settings import Settings


def look(patient: Patient) -> Iterator[Finding]:
    """Look at every file and folder of this deployment that is there."""
    there = [(what, path) for what, path in _secret(patient.settings) if path.exists()]
    is_well = True
    for what, path in there:
        found = path.stat()
        if found.st_uid not in (os.geteuid(), 0):
            is_well = False
            yield bad(f"{what}, {path}, belongs to somebody else.", f"Run: chown {os.geteuid()} {path}")
        elif stat.S_IMODE(found.st_mode) & 0o077:
            is_well = False
            mode = "700" if path.is_dir() else "600"
            yield bad(f"Others can read {what.lower()}, {path}.", f"Run: chmod {mode} {path}")
    if is_well:
        yield ok("No secret file is open to others." if there else "There are no secret files.")


def _secret(settings: Settings) -> Iterator[tuple[str, Path]]:
    if settings.key_file is not None:
        yield "The key", settings.key_file
    if (database := settings.database_file) is not None:
        for suffix in ("", "-wal", "-shm"):
            yield "The database", database.with_name(database.name + suffix)
    if settings.keeps_letters:
        yield "The mailbox", settings.mailbox
    try:
        file = SessionFile.of(settings.base_url)
    except Stop:  # who has no home has no session either
        return
    yield "The folder of your session", file.directory
    yield "Your session", file.path
