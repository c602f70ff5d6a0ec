"""Environment: where settings come from, and the one sentence about each that is wrong."""

from __future__ import annotations

import difflib
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "OFFBRAND_"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LINE_MAX = 64


class SettingsError(Exception):
    """A setting is wrong or missing; the text is one sentence that names it."""


class Reader:
    """
    Takes settings out of an environment.

    Raises:
        SettingsError: From every method, if the setting is not what it must be.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """Return the setting without spaces around it."""
        self._known.add(PREFIX + name)
        return self._environ.get(PREFIX + name, default).strip()

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number."""
        raw = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", raw) or not low <= int(raw) <= high:
            raise SettingsError(f"{PREFIX}{name} must be a whole number from {low} to {high}.")
        return int(raw)

    def choice(self, name: str, usual: str, other: str) -> str:
        """Return one of two words."""
        raw = self.text(name, usual)
        if raw not in (usual, other):
            raise SettingsError(f"{PREFIX}{name} must be {usual} or {other}.")
        return raw

    def duration(self, name: str, default: timedelta) -> timedelta:
        """Return a duration."""
        raw = self.text(name) or f"{int(default.total_seconds())}s"
        match = re.fullmatch(r"([1-9]\d{0,8})([smhd])", raw)
        seconds = int(match[1]) * _UNITS[match[2]] if match else 0
        if not 0 < seconds <= 3650 * _UNITS["d"]:
            raise SettingsError(f"{PREFIX}{name} must be a duration such as 90s, 15m, 12h or 30d, at most 3650d.")
        return timedelta(seconds=seconds)

    def line(self, name: str, default: str) -> str:
        """Return text that fits into a header."""
        text = self.text(name, default)
        if not text.isprintable() or len(text) > _LINE_MAX:
            raise SettingsError(f"{PREFIX}{name} must be one line of at most {_LINE_MAX} characters.")
        return text

    def file(self, name: str) -> Path | None:
        """Return the path of a file that can be read."""
        raw = self.text(name)
        # In this order, as only the first never raises, whatever is in the way.
        if raw and not (os.access(raw, os.R_OK) and Path(raw).is_file()):
            raise SettingsError(f"{PREFIX}{name} must be a file that can be read.")
        return Path(raw) if raw else None

    def check_spelling(self) -> None:
        """Refuse names that are nearly those of settings that were read."""
        # Only near misses: an orchestrator may put variables of its own under this prefix.
        for name in self.unread():
            meant = difflib.get_close_matches(name, self._known, n=1, cutoff=0.85)
            if meant:
                raise SettingsError(f"{name} is not a setting; did you mean {meant[0]}?")

    def unread(self) -> tuple[str, ...]:
        """Return the names under our prefix that are no settings."""
        return tuple(sorted(name for name in self._environ if name.startswith(PREFIX) and name not in self._known))
