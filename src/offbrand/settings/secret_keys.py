"""Secret keys: those that sign and fingerprint; given in production, made and kept in development."""

from __future__ import annotations

import math
import os
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from offbrand.domain.values import Secret
from offbrand.settings.environment import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
_KEY_LETTERS = 10  # different ones; fewer are not random
# By how often each letter occurs: 32 random hexadecimal digits have 117, give or take 4, and anything else has more.
_BITS_MIN = 90.0
_SPOKEN = ("secret", "change", "example", "password", "offbrand", "0123456789", "abcdef0", "deadbeef", "random")


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


def weakness_of(key: Secret) -> str | None:
    """Return why a key that may be used had better not be, as the end of a sentence; None if it is random enough."""
    text = key.reveal()
    if len(text) > (period := (text + text).find(text, 1)):
        return f"repeats itself every {period} characters"
    if any(word in text.lower() for word in _SPOKEN):
        return "holds words that come from an example"
    steps = sum(abs(ord(one) - ord(next_)) == 1 for one, next_ in pairwise(text))
    if steps > len(text) / 2:
        return "counts up or down"
    if _bits(text) < _BITS_MIN:
        return "has too little variety to be random"
    return None


def kept_key(path: Path) -> Secret | None:
    """Return the key that development has made at *path*; None if there is none, or it cannot be read."""
    with suppress(OSError, ValueError):
        return Secret(path.read_text(encoding="ascii").strip())
    return None


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


def _bits(text: str) -> float:
    return -sum(count * math.log2(count / len(text)) for count in Counter(text).values())
