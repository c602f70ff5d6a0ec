"""Planted: early returns, as careless edits would make them, each in a copy of ``src``."""

from __future__ import annotations

from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]


@attrs.frozen(kw_only=True)
class Leak:
    """In *file*, *old* becomes *new*, and the answer about *kind* tells that there is such a person or none."""

    name: str
    file: str
    old: str
    new: str
    kind: str

    def apply(self, source: Path) -> None:
        """Plant it."""
        path = source / "offbrand" / self.file
        text = path.read_text(encoding="utf-8")
        assert text.count(self.old) == 1
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


_READ = "                    device = self.visits.known_device(tx, account, client)\n"
LEAKS = [
    Leak(
        name="nobody is refused at once",
        file="domain/services/login.py",
        old=_READ,
        new=f"{_READ}                if holder is None:\n                    raise InvalidCredentials\n",
        kind="unknown",
    ),
    Leak(
        name="no decoy for a pending account",
        file="domain/services/login.py",
        old=_READ,
        new=(
            f"{_READ}"
            '                    waits = "@" in identifier.text and tx.accounts.newest_pending(identifier)\n'
            "                if waits:\n                    raise InvalidCredentials\n"
        ),
        kind="pending",
    ),
    Leak(
        name="the decoy costs one pass less",
        file="adapters/argon2_hasher/hasher.py",
        old='f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}"',
        new='f"$argon2id$v=19$m={memory_kib},t={passes - 1},p={lanes}"',
        kind="unknown",
    ),
]
