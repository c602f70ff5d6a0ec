"""Core: what commands work with; the adapters are loaded only when a command needs them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import click

from offbrand.domain.auth import Auth
from offbrand.domain.errors import AuthError, NotLoggedIn, ProofNeeded
from offbrand.domain.values import Client
from offbrand.entrypoints.cli import asking
from offbrand.entrypoints.cli.session_file import Kept, SessionFile
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.failures import EX_CONFIG
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.values import Token
    from offbrand.domain.visits import Opened

# There is no way down: what a later version has written, this one might not understand.
INSTEAD_OF_OLDER = "Install the version that upgraded it, or restore a backup from before that."


@attrs.define
class Visitor:
    """The person at the terminal: the core, and what this terminal keeps for them."""

    auth: Auth
    file: SessionFile
    kept: Kept

    @property
    def client(self) -> Client:
        """Who is asking, as flows want to know it."""
        return Client(user_agent="offbrand CLI", device=self.kept.device)

    @property
    def session(self) -> Token:
        """
        The session of the last login.

        Raises:
            NotLoggedIn: If there is none.
        """
        if self.kept.session is None:
            raise NotLoggedIn
        return self.kept.session

    def proved_session(self) -> Token:
        """
        Return the session with fresh proof, for which the password is asked if it was typed too long ago.

        Raises:
            NotLoggedIn: If there is no valid session.
            ProofNeeded: If the password was asked for and the input had ended.
            WrongPassword, TooManyAttempts, Busy: As for a login.
        """
        if not self.auth.sessions.current(self.session).is_proved:
            try:
                password = asking.password()
            except asking.NothingGiven:
                raise ProofNeeded from None
            self.keep(self.auth.login.prove(self.session, password, client=self.client))
        return self.session

    def keep(self, opened: Opened) -> None:
        """Keep a session that began or got a new token."""
        self._write(Kept(session=opened.session, device=opened.device or self.kept.device))

    def begin(self, opened: Opened) -> None:
        """Keep a session that began, and end the one that was kept before."""
        before = self.kept.session
        self.keep(opened)
        if before is not None:
            self.auth.login.log_out(before, client=self.client)

    def know(self, device: Token) -> None:
        """Keep the token by which the account knows this terminal."""
        self._write(Kept(session=self.kept.session, device=device))

    def forget(self) -> None:
        """Drop the session; the device stays known."""
        self._write(Kept(device=self.kept.device))

    def _write(self, kept: Kept) -> None:
        self.kept = kept
        self.file.write(kept)


@contextmanager
def core(settings: Settings | None = None) -> Iterator[Auth]:
    """
    Lend the core that the program was given, or that of the deployment which the environment describes.

    Raises:
        SettingsError: If it describes none.
        Stop: If something failed because the database's tables are not those of this version.
    """
    from offbrand.bootstrap import connected  # noqa: PLC0415 - help and mistyped commands need no adapter

    given = click.get_current_context().find_object(Auth)
    if given is not None:
        yield given
        return
    settings = settings or Settings.from_env()
    with connected(settings) as auth:
        try:
            yield auth
        except (AuthError, Stop, OSError):
            raise
        except Exception:
            check_tables(settings)
            raise


@contextmanager
def visiting() -> Iterator[Visitor]:
    """Lend the core together with what this terminal keeps."""
    settings = Settings.from_env()
    file = SessionFile.of(settings.base_url)
    kept = file.read()
    with core(settings) as auth:
        yield Visitor(auth, file, kept)


def check_tables(settings: Settings) -> None:
    """
    Check that the database's tables are those that this version works with.

    Raises:
        Stop: If they are not.
    """
    from offbrand.bootstrap import revisions  # noqa: PLC0415 - see `core`

    current, newest = revisions(settings)
    _refuse_newer(current)
    if current != newest:
        state = "has no tables yet" if current is None else "has tables of another version"
        raise Stop(f"The database {state}; run: offbrand db upgrade", EX_CONFIG, "tables")


def upgrade_tables(settings: Settings) -> None:
    """
    Bring the database's tables to the form of this version.

    Raises:
        Stop: If they have that of a later one.
    """
    from offbrand.bootstrap import revisions, upgrade  # noqa: PLC0415 - see `core`

    current, _ = revisions(settings)
    _refuse_newer(current)
    upgrade(settings)


def _refuse_newer(revision: str | None) -> None:
    from offbrand.bootstrap import is_known  # noqa: PLC0415 - see `core`

    if revision is not None and not is_known(revision):
        sentence = f"The database is newer than this version of offbrand. {INSTEAD_OF_OLDER}"
        raise Stop(sentence, EX_CONFIG, "newer_tables")
