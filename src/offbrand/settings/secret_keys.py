"""Secret keys: those that sign and fingerprint; given in production, made and kept in development."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from offbrand.domain.values import Secret
from offbrand.settings.environment import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
_KEY_LETTERS = 10  # different ones; fewer are not random


def secret_keys(raw: str, made_at: Path | None) -> tuple[Secret, ...]:
    """
    Return the keys in *raw*, newest last; or the one kept at *made_at*, which is made if there is none.

    Raises:
        SettingsError: If there are none, one is too short to be safe, or the file cannot be used.
    """
    if made_at is not None:
        raw = _kept_key(made_at)
    elif not raw:
        raise SettingsError("OFFBRAND_SECRET_KEYS is required in production: random text of at least 32 bytes.")
    keys = [key.strip() for key in raw.split(",")]
    for key in keys:
        if not _is_random_text(key):
            named = "OFFBRAND_SECRET_KEYS" if made_at is None else f"{made_at}, in place of OFFBRAND_SECRET_KEYS,"
            raise SettingsError(f"{named} must hold random text of at least {KEY_BYTES} bytes for each key.")
    return tuple(map(Secret, keys))


def _kept_key(path: Path) -> str:
    try:
        return _read_or_make(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no key"
        raise SettingsError(f"OFFBRAND_SECRET_KEYS is not set and {path} cannot be used: {reason}.") from None


def _read_or_make(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    fresh = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(KEY_BYTES).hex())
        # Under its name only when it is whole, as another process may be starting at the same moment.
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        except OSError:
            fresh.replace(path)  # the file system has no links
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def _is_random_text(key: str) -> bool:
    try:
        return len(key.encode()) >= KEY_BYTES and len(set(key)) >= _KEY_LETTERS
    except UnicodeEncodeError:  # bytes of the environment that are no text
        return False
