"""Library driver: the core used as a Python library, without any door in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import attrs

from offbrand.contracts.driver import OK, Arrived, Visitor
from offbrand.domain.errors import AuthError
from offbrand.domain.letters import PURPOSES
from offbrand.domain.values import AccountId, Client, EmailAddress, Password, SessionId, Token, Username

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from offbrand.domain.auth import Auth
    from offbrand.domain.letters import ReadyLetter
    from offbrand.domain.visits import Opened

_OPERATOR = "operator"


class Movable(Protocol):
    """A clock that stands still until it is moved."""

    def tick(self, **duration: float) -> None:
        """Move on by a duration, spelled as for `datetime.timedelta`."""
        ...


_NO_SESSION = Token("")


@attrs.frozen
class _Browser:
    session: Token = _NO_SESSION
    device: Token | None = None


class LibraryDriver:
    """A `Driver` over an `Auth`; *arrived* returns what its mailer was given so far, oldest first."""

    def __init__(self, auth: Auth, arrived: Callable[[], Iterable[ReadyLetter]], clock: Movable) -> None:
        self._auth = auth
        self._arrived = arrived
        self._clock = clock
        self._browsers: dict[str, _Browser] = {}

    def register(self, browser: str, email: str, username: str, password: str) -> str:
        return self._code(
            lambda: self._auth.registration.register(
                EmailAddress.parse(email), Username.parse(username), Password(password), client=self._client(browser)
            )
        )

    def request_confirmation(self, browser: str, email: str) -> str:
        return self._code(
            lambda: self._auth.confirmation.request(EmailAddress.parse(email), client=self._client(browser))
        )

    def confirm(self, browser: str, token: str, password: str) -> str:
        return self._opening(
            browser,
            lambda client: self._auth.confirmation.complete(Token(token), Password(password), client=client),
        )

    def confirm_anew(self, browser: str, token: str, username: str, password: str) -> str:
        return self._opening(
            browser,
            lambda client: self._auth.confirmation.complete_anew(
                Token(token), Username.parse(username), Password(password), client=client
            ),
        )

    def discard(self, browser: str, token: str) -> str:
        return self._code(lambda: self._auth.confirmation.discard(Token(token), client=self._client(browser)))

    def log_in(self, browser: str, identifier: str, password: str, *, remember: bool = False) -> str:
        return self._opening(
            browser,
            lambda client: self._auth.login.log_in(_name(identifier), Password(password), remember, client=client),
        )

    def whoami(self, browser: str) -> Visitor:
        try:
            account = self._auth.login.account_of(self._session(browser))
        except AuthError as refusal:
            return Visitor(refusal.code)
        return Visitor(OK, str(account.email), str(account.username))

    def prove(self, browser: str, password: str) -> str:
        return self._opening(
            browser,
            lambda client: self._auth.login.prove(self._session(browser), Password(password), client=client),
        )

    def log_out(self, browser: str) -> str:
        # The dead token is kept, as by a host that forgets to drop it.
        return self._code(lambda: self._auth.login.log_out(self._session(browser), client=self._client(browser)))

    def request_reset(self, browser: str, email: str) -> str:
        return self._code(
            lambda: self._auth.password_reset.request(EmailAddress.parse(email), client=self._client(browser))
        )

    def complete_reset(self, browser: str, token: str, password: str) -> str:
        def complete() -> None:
            device = self._auth.password_reset.complete(Token(token), Password(password), client=self._client(browser))
            self._browsers[browser] = attrs.evolve(self._of(browser), device=device)

        return self._code(complete)

    def change_password(self, browser: str, current: str, new: str) -> str:
        return self._opening(
            browser,
            lambda client: self._auth.password_change.change(
                self._session(browser), Password(current), Password(new), client=client
            ),
        )

    def request_email_change(self, browser: str, email: str) -> str:
        return self._code(
            lambda: self._auth.email_change.request(
                self._session(browser), EmailAddress.parse(email), client=self._client(browser)
            )
        )

    def complete_email_change(self, browser: str, token: str) -> str:
        return self._opening(
            browser,
            lambda client: self._auth.email_change.complete(self._session(browser), Token(token), client=client),
        )

    def undo_email_change(self, browser: str, token: str) -> str:
        return self._code(lambda: self._auth.email_change.undo(Token(token), client=self._client(browser)))

    def sessions(self, browser: str) -> Sequence[str]:
        try:
            return [str(row.id) for row in self._auth.sessions.of(self._session(browser))]
        except AuthError:
            return []

    def end_session(self, browser: str, session_id: str) -> str:
        return self._code(
            lambda: self._auth.sessions.end(
                self._session(browser), SessionId(UUID(session_id)), client=self._client(browser)
            )
        )

    def end_other_sessions(self, browser: str) -> str:
        return self._code(lambda: self._auth.sessions.end_others(self._session(browser), client=self._client(browser)))

    def close(self, browser: str) -> str:
        return self._code(lambda: self._auth.closing.close(self._session(browser), client=self._client(browser)))

    def invite(self, email: str, username: str) -> str:
        return self._code(
            lambda: self._auth.invitation.invite(EmailAddress.parse(email), Username.parse(username), actor=_OPERATOR)
        )

    def disable(self, identifier: str) -> str:
        return self._code(lambda: self._auth.administration.disable(self._id(identifier), actor=_OPERATOR))

    def enable(self, identifier: str) -> str:
        return self._code(lambda: self._auth.administration.enable(self._id(identifier), actor=_OPERATOR))

    def reopen(self, identifier: str) -> str:
        return self._code(lambda: self._auth.closing.reopen(self._id(identifier), actor=_OPERATOR))

    def end_sessions(self, identifier: str) -> str:
        return self._code(lambda: self._auth.administration.end_sessions(self._id(identifier), actor=_OPERATOR))

    def remove_password(self, identifier: str) -> str:
        return self._code(lambda: self._auth.administration.remove_password(self._id(identifier), actor=_OPERATOR))

    def purge(self) -> str:
        return self._code(self._auth.housekeeping.purge)

    def deliver(self) -> None:
        while self._auth.delivery.deliver():
            pass

    def mail_status(self) -> Mapping[str, int]:
        return {state.value: count for state, count in self._auth.delivery.status().counts.items()}

    def letters(self) -> Sequence[Arrived]:
        return [_arrived(letter) for letter in self._arrived()]

    def copy_browser(self, browser: str, into: str) -> None:
        self._browsers[into] = self._of(browser)

    def tick(self, seconds: int) -> None:
        self._clock.tick(seconds=seconds)

    def _opening(self, browser: str, open_session: Callable[[Client], Opened]) -> str:
        def keep() -> None:
            opened = open_session(self._client(browser))
            device = opened.device or self._of(browser).device
            self._browsers[browser] = _Browser(session=opened.session, device=device)

        return self._code(keep)

    def _code(self, act: Callable[[], object]) -> str:
        try:
            act()
        except AuthError as refusal:
            return refusal.code
        return OK

    def _of(self, browser: str) -> _Browser:
        return self._browsers.get(browser, _Browser())

    def _session(self, browser: str) -> Token:
        return self._of(browser).session

    def _client(self, browser: str) -> Client:
        return Client(network="192.0.2.7", user_agent=browser, device=self._of(browser).device)

    def _id(self, identifier: str) -> AccountId:
        return self._auth.directory.show(_name(identifier)).id


def _name(identifier: str) -> EmailAddress | Username:
    return EmailAddress.parse(identifier) if "@" in identifier else Username.parse(identifier)


def _arrived(letter: ReadyLetter) -> Arrived:
    purpose = PURPOSES[letter.kind]
    if purpose is None or letter.token is None:
        return Arrived(str(letter.recipient))
    return Arrived(str(letter.recipient), purpose.value, letter.token.reveal())
