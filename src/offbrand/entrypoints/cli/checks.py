"""Checks: what `offbrand doctor` looks at."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import AuthError
from offbrand.entrypoints.failures import sentence_of
from offbrand.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen
class Check:
    """One thing that was looked at; *finding* is for people."""

    name: str
    ok: bool
    finding: str


def checks() -> Iterator[Check]:
    """Look at the deployment that the environment describes, as far as one finding lets the next be looked at."""
    from offbrand.bootstrap import check  # noqa: PLC0415 - help needs no adapter

    try:
        settings = Settings.from_env()
        check(settings)
    except SettingsError as error:
        yield Check("settings", ok=False, finding=str(error))
        return
    kind = "production" if settings.production else "development"
    yield Check("settings", ok=True, finding=f"Valid, for {kind} at {settings.base_url}.")
    yield from _database(settings)
    yield _mail(settings)
    yield _hash_cost(settings)
    yield _secret_file(settings)


def _database(settings: Settings) -> Iterator[Check]:
    from offbrand.bootstrap import revisions  # noqa: PLC0415 - help needs no adapter

    try:
        current, newest = revisions(settings)
    except AuthError as refusal:
        yield Check("database", ok=False, finding=sentence_of(refusal))
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        yield Check("database", ok=False, finding=f"It does not answer: {type(error).__name__}.")
        return
    yield Check("database", ok=True, finding="It answers.")
    if current == newest:
        yield Check("tables", ok=True, finding=f"Up to date ({newest}).")
    else:
        yield Check("tables", ok=False, finding=f"{current or 'none'} instead of {newest}; run: offbrand db upgrade")


def _mail(settings: Settings) -> Check:
    if settings.smtp_url is not None:
        return Check("mail", ok=True, finding="A mail server is configured.")
    folder = settings.mailbox.absolute()
    place = folder if folder.exists() else folder.parent
    if not os.access(place, os.W_OK | os.X_OK):
        return Check("mail", ok=False, finding=f"Letters cannot be kept in {folder}.")
    return Check("mail", ok=True, finding=f"Letters are kept in {folder}; nobody gets them.")


def _hash_cost(settings: Settings) -> Check:
    cost = f"{settings.hash_memory_kib} KiB, {settings.hash_passes} passes, {settings.hash_lanes} lanes"
    if settings.is_hash_dear_enough:
        return Check("hash", ok=True, finding=f"Dear enough: {cost}.")
    # Production does not even start with these.
    return Check("hash", ok=True, finding=f"Below what production needs: {cost}.")


def _secret_file(settings: Settings) -> Check:
    if settings.key_file is None:
        return Check("secret_keys", ok=True, finding="They are in the environment.")
    mode = stat.S_IMODE(settings.key_file.stat().st_mode)
    if mode & 0o077:
        return Check("secret_keys", ok=False, finding=f"Others can read them; run: chmod 600 {settings.key_file}")
    return Check("secret_keys", ok=True, finding=f"Only you can read {settings.key_file}.")
