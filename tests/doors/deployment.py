"""Deployment: settings, a database and a mailbox of one test, as a developer would have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from offbrand import bootstrap
from offbrand.contracts.driver import Arrived
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

# Hashing costs next to nothing here; what it costs in truth is not what these tests are about.
CHEAP = {"OFFBRAND_HASH_MEMORY_KIB": "8", "OFFBRAND_HASH_PASSES": "1", "OFFBRAND_HASH_LANES": "1"}
_LINK = re.compile(r"/auth/(confirm|reset|change-email|undo-email)/([\w.-]+)")


@attrs.frozen
class Deployment:
    """One installation in the folder that is the current one, where its mailbox and its key lie."""

    environ: dict[str, str]
    settings: Settings

    @classmethod
    def over(cls, database_url: str) -> Deployment:
        """Install over a migrated database."""
        environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": database_url, **CHEAP}
        return cls(environ, Settings.from_env(environ))

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
