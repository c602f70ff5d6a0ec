"""Deployment: settings, an SQLite file and a mailbox of one test, as a developer would have them."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import attrs

from offbrand import bootstrap
from offbrand.contracts.driver import Arrived
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Hashing costs next to nothing here; what it costs in truth is not what these tests are about.
CHEAP = {"OFFBRAND_HASH_MEMORY_KIB": "8", "OFFBRAND_HASH_PASSES": "1", "OFFBRAND_HASH_LANES": "1"}
_LINK = re.compile(r"/auth/(confirm|reset|change-email|undo-email)/([\w.-]+)")


@attrs.frozen
class Deployment:
    """One installation in a folder of its own."""

    environ: dict[str, str]
    settings: Settings

    @classmethod
    def in_folder(cls, folder: Path, template: Path | None = None) -> Deployment:
        """Install in *folder*, with the tables of *template* if there is one to copy."""
        database = folder / "offbrand.db"
        environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{database}", **CHEAP}
        settings = Settings.from_env(environ)
        if template is None:
            bootstrap.upgrade(settings)
        else:
            shutil.copy(template, database)
        return cls(environ, settings)

    def letters(self) -> Sequence[Arrived]:
        """Return what the mailbox holds, oldest first."""
        mailbox = bootstrap.mailbox(self.settings)
        assert mailbox is not None
        # Their ids are in the order in which they were written; their dates are too coarse for that.
        heads = sorted(mailbox.letters(), key=lambda head: head.id)
        return [_arrived(head.to, mailbox.read(head.id).text) for head in heads]


def _arrived(address: str, text: str) -> Arrived:
    link = _LINK.search(text)
    return Arrived(address, *link.groups()) if link else Arrived(address)
