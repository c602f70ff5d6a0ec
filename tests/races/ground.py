"""Ground: an empty database on which a crew races, the people who live there, and what must hold afterwards."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import select

from offbrand.adapters.sql.tables import accounts, letters, sessions
from offbrand.domain.claims import Claim
from offbrand.domain.events import EventKind
from offbrand.domain.letters import CAUSES, LetterKind
from offbrand.domain.values import AccountId, Client, EmailAddress, Password, Token, Username
from tests.hashed import hashed
from tests.races.crew import Call, call
from tests.tallies import Tally
from tests.unit.people import active, pending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Engine

    from offbrand.adapters.mail.mailbox_mailer import MailboxMailer
    from offbrand.domain.account import Account
    from offbrand.domain.auth import Auth
    from offbrand.domain.claims import Purpose
    from tests.races.crew import Crew, Lane, Outcome, Round

# Short and without words, so that to judge them takes no longer than the rest of a call: races are to be close.
PASSWORD = Password("wqzvkjxhmpfybgd")
NEW_PASSWORD = Password("hzqkwvnjtgxbpmf")
# The share of calls that a database may turn away where only the rows of one account are locked.
RARELY = 0.05
_RAISING = {
    EventKind.CONFIRMED,
    EventKind.PASSWORD_RESET,
    EventKind.PASSWORD_CHANGED,
    EventKind.PASSWORD_REMOVED,
    EventKind.EMAIL_CHANGED,
    EventKind.EMAIL_RESTORED,
    EventKind.DISABLED,
    EventKind.ENABLED,
    EventKind.CLOSED,
    EventKind.REOPENED,
}


@attrs.frozen
class Person:
    """An account as it stood before the race, and its sessions."""

    account: Account
    sessions: Sequence[Token]

    @property
    def email(self) -> EmailAddress:
        return self.account.email

    @property
    def id(self) -> AccountId:
        return self.account.id


@attrs.frozen(kw_only=True)
class Ground:
    """One database of one kind; *auth* is a core of this process, for everything before and after a race."""

    kind: str
    environ: Mapping[str, str]
    engine: Engine
    auth: Auth
    mailbox: MailboxMailer
    crew: Crew
    tallies: list[Tally]

    def race(self, name: str, rounds: Sequence[Round], *refusals: str) -> list[list[list[Outcome]]]:
        """Race; every call succeeds or is refused with one of *refusals*, or the database is seldom unavailable."""
        outcomes = self.crew.race(self.environ, rounds)
        every = [outcome for lanes in outcomes for lane in lanes for outcome in lane]
        tally = Tally(name, self.kind, Counter(outcome.code for outcome in every))
        self.tallies.append(tally)
        assert [outcome.defect for outcome in every if outcome.defect][:1] == [], str(tally)
        assert set(tally.counts) <= {"ok", "unavailable", *refusals}, str(tally)
        # SQLite has one lock for everybody, whose waiting line is not served in turn.
        assert self.kind == "sqlite" or tally.counts["unavailable"] <= RARELY * len(every), str(tally)
        self.check()
        return outcomes

    def at_once(self, name: str, lanes: Round, *refusals: str) -> list[Outcome]:
        """Race one round of lanes with one call each."""
        return [lane[0] for lane in self.race(name, [lanes], *refusals)[0]]

    def check(self) -> None:
        """Check what holds after any race: changes, events, letters, claims and sessions belong together."""
        everybody = self.accounts()
        confirmed = [account for account in everybody if not account.is_pending]
        assert len({account.email.key for account in confirmed}) == len(confirmed)
        assert len({account.username.key for account in confirmed}) == len(confirmed)
        events = self.auth.audit.after(0, 1_000_000)
        raised = Counter(event.account_id for event in events if event.kind in _RAISING)
        assert {a.id: a.generation for a in everybody} == {a.id: 1 + raised[a.id] for a in everybody}
        with self.engine.connect() as connection:
            written = connection.execute(select(letters.c.event_id, letters.c.kind)).all()
            stays = select(sessions.c.account_id, sessions.c.generation)
            sat = connection.execute(stays).all()
        kinds = {event.id: event.kind for event in events}
        assert [kind for event_id, kind in written if LetterKind(kind) not in CAUSES[kinds[event_id]]] == []
        per_event = Counter(event_id for event_id, _ in written)
        assert not [count for count in per_event.values() if count > 1]
        expected = {key for key, kind in kinds.items() if CAUSES[kind] and kind is not EventKind.LOGGED_IN}
        assert expected - set(per_event) == set()
        generations = {account.id: account.generation for account in everybody if account.is_active}
        assert [stay for stay in sat if generations.get(stay.account_id) != stay.generation] == []

    def people(self, count: int, *, stays: int = 1, **changes: Any) -> list[Person]:  # noqa: ANN401 - any attribute
        """Settle *count* active people with *stays* sessions each."""
        login = self.auth.login
        settled = []
        with login.unit_of_work.writing() as tx:
            for account in self._made(active, count, {"generation": 2} | changes):
                now = datetime.now(UTC)
                tx.accounts.add(account)
                login.journal.record(tx, EventKind.CONFIRMED, at=now, account_id=account.id)
                begun = [login.visits.begin(tx, account, Client(), now, remember=False) for _ in range(stays)]
                settled.append(Person(account, [opened.session for opened in begun]))
        return settled

    def newcomers(self, count: int, **changes: Any) -> list[Account]:  # noqa: ANN401 - any attribute of an account
        """Return *count* pending accounts."""
        made = self._made(pending, count, {"purge_at": datetime.now(UTC) + timedelta(days=3)} | changes)
        with self.auth.login.unit_of_work.writing() as tx:
            for account in made:
                tx.accounts.add(account)
        return made

    def _made(self, form: Callable[..., Account], count: int, changes: Mapping[str, Any]) -> list[Account]:
        password_hash = hashed(self.auth, PASSWORD)
        made = []
        for _ in range(count):
            number = self.auth.login.tokens.new_id()
            own = {
                "id": AccountId(number),
                "avatar_id": number,
                "email": EmailAddress(f"a{number.hex}@example.org"),
                "username": Username(f"a{number.hex}"),
                "password_hash": password_hash,
            }
            made.append(form(**{**own, **changes}))
        return made

    def link(self, purpose: Purpose, account: Account, email: EmailAddress | None = None) -> Token:
        """Return the token of a link that would be in the mailbox of *email*, by default the account's own."""
        claim = Claim(
            purpose=purpose,
            account_id=account.id,
            generation=account.generation,
            expires_at=account.undo_until or datetime.now(UTC) + timedelta(hours=1),
            email=email or account.email,
        )
        return self.auth.delivery.tokens.sign(claim)

    @staticmethod
    def dawdle(calls: int) -> Lane:
        """Return calls that take a while and concern nobody, for a lane that is to act later than the others."""
        return [call("password_reset.request", EmailAddress("nobody@example.net")) for _ in range(calls)]

    def accounts(self) -> Sequence[Account]:
        """Return everybody, pending or not."""
        return self.auth.directory.list(limit=100_000)

    def now(self, person: Person | Account) -> Account:
        """Return the account as it is now."""
        return self.auth.directory.show(person.id)

    def is_valid(self, session: Token) -> bool:
        """Return whether the session is valid."""
        return Call("login.account_of", (session,), {}).on(self.auth).is_ok

    def opens(self, email: EmailAddress, password: Password) -> bool:
        """Return whether the password opens the account of *email*."""
        return call("login.log_in", email, password).on(self.auth).is_ok

    def events(self, kind: EventKind) -> int:
        """Return how often something happened."""
        return sum(event.kind is kind for event in self.auth.audit.after(0, 1_000_000))

    def letters(self, kind: LetterKind) -> int:
        """Return how many letters of *kind* were written to somebody."""
        query = select(letters.c.id).where(letters.c.kind == kind.value, letters.c.recipient.is_not(None))
        with self.engine.connect() as connection:
            return len(connection.execute(query).all())

    def claims(self) -> int:
        """Return how many accounts hold an address."""
        with self.engine.connect() as connection:
            return len(connection.execute(select(accounts.c.id).where(accounts.c.claimed_email.is_not(None))).all())


def winner(outcomes: Sequence[Outcome]) -> int | None:
    """Return which of these calls succeeded, at most one; none only where the database was not available to one."""
    winners = [place for place, outcome in enumerate(outcomes) if outcome.is_ok]
    codes = [outcome.code for outcome in outcomes]
    assert len(winners) == 1 or (not winners and "unavailable" in codes), codes
    return winners[0] if winners else None
