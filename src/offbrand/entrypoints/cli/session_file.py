"""Session file: where the session of ``offbrand login`` is kept, for this person's eyes only."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import Token
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.failures import EX_CANTCREAT, EX_CONFIG, EX_NOPERM

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIZE_MAX = 1024 * 1024


@attrs.frozen(kw_only=True)
class Kept:
    """What this terminal keeps of one deployment; log out drops the session and leaves the device known."""

    session: Token | None = None
    device: Token | None = None


@attrs.frozen
class SessionFile:
    """
    ``session.json`` in a directory that nobody else can enter, with an entry for each deployment's base URL.

    Raises:
        Stop: From every method, if the file could be seen or exchanged by others, or cannot be used.
    """

    directory: Path
    base_url: str

    @classmethod
    def of(cls, base_url: str) -> SessionFile:
        """Return the file of the person who runs the program."""
        given = os.environ.get("XDG_STATE_HOME", "")
        # The XDG specification has relative paths ignored.
        try:
            state = Path(given) if given.startswith("/") else Path("~/.local/state").expanduser()
        except RuntimeError:
            raise Stop("You have no home; set XDG_STATE_HOME.", EX_CONFIG, "session_file") from None
        return cls(state / "offbrand", base_url)

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.directory / "session.json"

    def read(self) -> Kept:
        """Return what is kept."""
        with self._explained():
            if not self.directory.exists():
                return Kept()
            _check(self.directory.lstat(), self.directory)
            entry = self._entries().get(self.base_url, {})
            return Kept(**{name: Token(entry[name]) for name in ("session", "device") if name in entry})

    def write(self, kept: Kept) -> None:
        """Keep this from now on."""
        with self._explained(), self._locked():
            tokens = {"session": kept.session, "device": kept.device}
            entry = {name: token.reveal() for name, token in tokens.items() if token is not None}
            self._replace(json.dumps({**self._entries(), self.base_url: entry}, indent=2) + "\n")

    def prepare(self) -> None:
        """Make sure that something can be kept, before there is something to keep."""
        with self._explained(), self._locked():
            self._entries()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, TypeError, AttributeError, RecursionError, InvalidToken):
            raise Stop(f"{self.path} is not a session file; please delete it.", EX_CONFIG, "session_file") from None
        except OSError as error:
            raise Stop(f"{self.path} cannot be used: {error.strerror}.", EX_CANTCREAT, "session_file") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(self.directory.lstat(), self.directory)
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _entries(self) -> dict[str, dict[str, str]]:
        try:
            # A pipe of that name must not have us wait for ever.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return {}
        with os.fdopen(descriptor, encoding="utf-8") as file:
            _check(os.fstat(descriptor), self.path)
            return dict(json.loads(file.read(_SIZE_MAX)))

    def _replace(self, text: str) -> None:
        fresh = self.path.with_suffix(f".{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            fresh.replace(self.path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise


def _check(found: os.stat_result, path: Path) -> None:
    expected = stat.S_ISREG if path.suffix else stat.S_ISDIR
    if not expected(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise Stop(
            f"{path} must be yours and closed to everybody else; see: ls -ld {path}", EX_NOPERM, "session_file_open"
        )
