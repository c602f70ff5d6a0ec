"""Keys: whether those that sign links could be guessed, or are known to others already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.cli.checks.finding import bad, ok, warning
from offbrand.settings.secret_keys import weakness_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient

_MANY = 5
_NEW_KEY = 'Add a new one last: python3 -c "import secrets; print(secrets.token_hex(32))"'


def look(patient: Patient) -> Iterator[Finding]:
    """Look at each key, and at all together."""
    settings = patient.settings
    keys = settings.secret_keys
    is_well = True
    for place, key in enumerate(keys, 1):
        if weakness := weakness_of(key):
            is_well = False
            yield bad(f"Key {place} of {len(keys)} {weakness}.", _NEW_KEY)
    if any(key in keys[:place] for place, key in enumerate(keys)):
        is_well = False
        yield bad("Two of the keys are the same.", "Keep each once, the newest last.")
    if settings.development_key in keys and settings.production:
        is_well = False
        yield bad("One of the keys is the one that was made for development.", _NEW_KEY)
    if len(keys) > _MANY:
        is_well = False
        yield warning(
            f"There are {len(keys)} keys, and whoever knows one of them can sign links.",
            "Drop those whose links have all expired.",
        )
    if is_well:
        found = "One key that cannot be guessed" if len(keys) == 1 else f"{len(keys)} keys that cannot be guessed"
        kept = "the environment" if settings.key_file is None else settings.key_file
        yield ok(f"{found}, in {kept}.")
