"""House: a whole core in memory whose every call to a port is written down, and the people who live in it."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import attrs

from offbrand.adapters.memory import (
    Mailbox,
    MemoryThrottle,
    MemoryTokens,
    MemoryUnitOfWork,
    MovableClock,
    PlainHasher,
    listed,
)
from offbrand.domain.auth import Auth
from offbrand.domain.errors import AuthError, Busy
from offbrand.domain.policy import Policy
from offbrand.domain.values import Client, EmailAddress, Password, PasswordHash, Token, Username

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from offbrand.domain.account import Account
    from offbrand.domain.events import EventKind
    from offbrand.domain.letters import Letter, LetterKind
    from offbrand.domain.ports import HashingPlace
    from offbrand.domain.visits import Opened

ADA, GRACE, EVE = (EmailAddress.parse(f"{name}@example.org") for name in ("ada", "grace", "eve"))
NEW_ADA = EmailAddress.parse("ada@example.com")
PASSWORD = Password("a lantern, a ladder and a loaf")
NEW_PASSWORD = Password("seven herons over the harbour")
WRONG = Password("not at all what ada had chosen")
CLIENT = Client(network="192.0.2.1", user_agent="unit")
STRANGER = Client(network="198.51.100.7", user_agent="strange")
DEFAULT = Policy()
_REPOSITORIES = ("accounts", "sessions", "devices", "events", "letters", "directory")


@attrs.frozen
class Call:
    """One call to a port, such as ``accounts.get``."""

    name: str
    arguments: tuple[Any, ...]

    @property
    def is_to_repository(self) -> bool:
        """Whether it reads or writes what is stored."""
        return self.name.partition(".")[0] in _REPOSITORIES


class Broken(Exception):
    """What a database says when it cannot go on."""


class Log(list[Call]):
    """The calls so far; the repository call that ``breaks_at`` counts down to fails."""

    breaks_at: int | None = None

    def enter(self, call: Call) -> None:
        """Write *call* down, unless it is the one that fails."""
        if self.breaks_at is not None and call.is_to_repository:
            if self.breaks_at == 0:
                raise Broken(call.name)
            self.breaks_at -= 1
        self.append(call)


class Recorder:
    """Passes every call on to an adapter, and to what the adapter opens, and writes it down."""

    def __init__(self, calls: Log, name: str, adapter: object) -> None:
        self._calls = calls
        self._name = name
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the adapter has
        found = getattr(self._adapter, name)
        if name in _REPOSITORIES:
            return Recorder(self._calls, name, found)
        if not callable(found):
            return found

        def call(*arguments: object, **keywords: object) -> object:
            self._calls.enter(Call(f"{self._name}.{name}", arguments))
            result = found(*arguments, **keywords)
            return self._opened(result) if isinstance(result, AbstractContextManager) else result

        return call

    @contextmanager
    def _opened(self, opening: AbstractContextManager[object]) -> Iterator[Recorder]:
        with opening as opened:
            yield Recorder(self._calls, self._name, opened)


class ScriptedHasher(PlainHasher):
    """A hasher whose line can be full, and that lets something happen ``meanwhile``: once, after the next match."""

    def __init__(self, unit_of_work: MemoryUnitOfWork) -> None:
        super().__init__(unit_of_work)
        self.is_full = False
        self.meanwhile: Callable[[], object] | None = None
        self.before_hash: Callable[[], object] | None = None

    @contextmanager
    def admit(self, client: Client) -> Iterator[HashingPlace]:
        if self.is_full:
            raise Busy(3)
        with super().admit(client) as place:
            yield place

    def hash(self, password: Password) -> PasswordHash:
        if self.before_hash:
            self.before_hash()
        return super().hash(password)

    def matches(self, password: Password, password_hash: PasswordHash | None) -> bool:
        result = super().matches(password, password_hash)
        happening, self.meanwhile = self.meanwhile, None
        if happening:
            happening()
        return result


class House:
    """A core in memory, and what a test does to it again and again."""

    def __init__(self, policy: Policy = DEFAULT) -> None:
        self.calls = Log()
        self.clock = MovableClock()
        self.store = MemoryUnitOfWork(self.clock)
        self.hasher = ScriptedHasher(self.store)
        self.throttle = MemoryThrottle(self.store)
        self.mailbox = Mailbox(self.store)
        self.tokens = MemoryTokens(self.clock)
        self.auth = self.assemble(policy=policy)
        self.mailbox.collect_from(self.deliver)

    def assemble(self, **others: Any) -> Auth:  # noqa: ANN401 - any port, or the policy
        """Return a core on the same ground, with *others* in the place of this house's own ports."""
        ports: dict[str, Any] = {
            "unit_of_work": Recorder(self.calls, "unit_of_work", self.store),
            "hasher": Recorder(self.calls, "hasher", self.hasher),
            "tokens": Recorder(self.calls, "tokens", self.tokens),
            "mailer": Recorder(self.calls, "mailer", self.mailbox),
            "clock": self.clock,
            "throttle": Recorder(self.calls, "throttle", self.throttle),
            "blocklist": listed,
        }
        return Auth.assemble(**(ports | others))

    def register(self, email: EmailAddress = ADA, username: str = "ada", password: Password = PASSWORD) -> Token:
        """Register, and return the link that confirms."""
        self.sign_up(email, username, password)
        return self.link(email)

    def sign_up(self, email: EmailAddress = ADA, username: str = "ada", password: Password = PASSWORD) -> None:
        """Register, whatever letter that may cause."""
        self.auth.registration.register(email, Username.parse(username), password, client=CLIENT)

    def join(self, email: EmailAddress = ADA, username: str = "ada", password: Password = PASSWORD) -> Opened:
        """Register and confirm."""
        return self.auth.confirmation.complete(self.register(email, username, password), password, client=CLIENT)

    def log_in(
        self, name: EmailAddress | Username = ADA, password: Password = PASSWORD, client: Client = CLIENT
    ) -> Opened:
        """Log in, by default as Ada."""
        return self.auth.login.log_in(name, password, client=client)

    def reset(self, email: EmailAddress = ADA) -> Token:
        """Ask for a reset, and return its link."""
        self.auth.password_reset.request(email, client=CLIENT)
        return self.link(email)

    def ask_for_change(self, session: Token, email: EmailAddress = NEW_ADA) -> Token:
        """Ask for another address, and return the link that its mailbox gets."""
        self.auth.email_change.request(session, email, client=CLIENT)
        return self.link(email)

    def move(self, session: Token, email: EmailAddress = NEW_ADA, former: EmailAddress = ADA) -> tuple[Opened, Token]:
        """Change the address; return the new session, and the link by which the former mailbox may undo it."""
        opened = self.auth.email_change.complete(session, self.ask_for_change(session, email), client=CLIENT)
        return opened, self.link(former)

    def account(self, name: EmailAddress | Username = ADA) -> Account:
        """Return the confirmed account of this name."""
        return self.auth.directory.show(name)

    def accounts(self) -> Sequence[Account]:
        """Return every account, pending ones too."""
        return self.auth.directory.list(limit=1000)

    def events(self) -> list[EventKind]:
        """Return what has happened."""
        return [event.kind for event in self.auth.audit.after(0, 10_000)]

    def deliver(self) -> None:
        """Deliver all that is due."""
        while any(self.auth.delivery.deliver().values()):
            pass

    def letters(self, email: EmailAddress = ADA) -> list[LetterKind]:
        """Return the kinds of the letters that *email* has got."""
        return [letter.kind for letter in self.mailbox.of(email)]

    def written(self) -> list[Letter]:
        """Return the letters that were written, sent or not, to somebody or nobody."""
        return [call.arguments[0] for call in self.calls if call.name == "letters.add"]

    def link(self, email: EmailAddress = ADA) -> Token:
        """Return the link of the last letter to *email*."""
        return self.mailbox.token(email)

    def is_logged_in(self, session: Token) -> bool:
        """Return whether the session is valid."""
        try:
            self.auth.login.account_of(session)
        except AuthError:
            return False
        return True

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Return a list that has the names of the calls made in the block when it ends."""
        before = len(self.calls)
        names: list[str] = []
        yield names
        names += [call.name for call in self.calls[before:]]


def outcome_of(action: Callable[[], object]) -> type[AuthError] | None:
    """Return the class of the refusal that *action* ends with, if it does."""
    try:
        action()
    except AuthError as refusal:
        return type(refusal)
    return None


def at_once(actions: Sequence[Callable[[], object]]) -> list[type[AuthError] | None]:
    """Start every action in a thread of its own at the same moment; return how each ended."""
    outcomes: list[type[AuthError] | None] = [AuthError] * len(actions)
    start = threading.Barrier(len(actions))

    def run(place: int) -> None:
        start.wait()
        outcomes[place] = outcome_of(actions[place])

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
