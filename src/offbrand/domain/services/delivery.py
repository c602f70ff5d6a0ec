"""Delivery: letters leave, after the change that caused them is safe and with no transaction open."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from offbrand.domain.claims import Claim
from offbrand.domain.errors import AuthError, MailDelayed, MailRefused, UnknownLetter
from offbrand.domain.letters import PURPOSES, Letter, LetterKind, LetterState, ReadyLetter
from offbrand.domain.values import AccountId, EmailAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from offbrand.domain.account import Account
    from offbrand.domain.policy import Policy
    from offbrand.domain.ports import Clock, Mailer, Tokens, UnitOfWork

_NOBODY = EmailAddress("nobody@example.org")
_SHOWN_OF_AN_ERROR = 200


def _silent(_state: LetterState) -> None:
    pass


def _never() -> bool:
    return False


@attrs.frozen(kw_only=True)
class MailStatus:
    """How many letters are in each state, and the *troubled* ones that need an operator's eye first."""

    counts: Mapping[LetterState, int]
    troubled: Sequence[Letter]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Delivery:
    """Leases, signs, sends and settles letters."""

    unit_of_work: UnitOfWork
    tokens: Tokens
    mailer: Mailer
    clock: Clock
    policy: Policy

    def deliver(
        self,
        limit: int = 20,
        *,
        progress: Callable[[LetterState], None] = _silent,
        until: Callable[[], bool] = _never,
    ) -> Mapping[LetterState, int]:
        """
        Send up to *limit* due letters; return how many ended in which state, ``waiting`` meaning delayed.

        May run in any number of processes: a letter is leased to one of them at a time. *progress* is told how each
        letter has ended; *until* is asked before each, and ends the work when it says yes.
        """
        outcome: Counter[LetterState] = Counter()
        defects: list[Exception] = []
        letter = self._turn(None, lease=limit > 0 and not until())
        while letter is not None:
            try:
                settled = self._send(letter)
            except AuthError:
                raise
            except Exception as defect:  # noqa: BLE001 - raised below; a bad letter must not hold up those behind it
                defects.append(defect)
                settled = self._later(letter, self.clock.now(), type(defect).__name__)
            outcome[settled.state] += 1
            letter = self._turn(settled, lease=outcome.total() < limit and not until())
            progress(settled.state)
        if defects:
            raise defects[0]
        return outcome

    def status(self, limit: int = 10) -> MailStatus:
        """Return how many letters are in each state, and up to *limit* of those that could not leave."""
        with self.unit_of_work.reading() as tx:
            return MailStatus(counts=tx.letters.counts(), troubled=tx.letters.troubled(limit))

    def retry(self, letter_ids: Collection[UUID] | None = None) -> int:
        """
        Send dead letters on their way again, all or those of *letter_ids*; return how many there were.

        Raises:
            UnknownLetter: If one of them is not a dead letter's; then all stay where they are.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            if letter_ids is None:
                return tx.letters.requeue(now)
            wanted = set(letter_ids)
            for letter_id in wanted:
                if not tx.letters.requeue(now, letter_id):
                    raise UnknownLetter(f"{letter_id} is none.")
            return len(wanted)

    def _turn(self, settled: Letter | None, *, lease: bool) -> Letter | None:
        """
        Put one letter down and take up the next that is due, in one transaction, as commits are what takes time.

        Each is leased alone, so that no slow one before it eats its lease.
        """
        now = self.clock.now()
        with self.unit_of_work.writing() as tx:
            if settled is not None:
                tx.letters.settle(settled)
            leased = tx.letters.lease(1, now, now + self.policy.lease_lasts) if lease else ()
            return next(iter(leased), None)

    def _send(self, letter: Letter) -> Letter:
        now = self.clock.now()
        # Read as late as can be: what voids the link after this moment voids it in the mailbox as well.
        with self.unit_of_work.reading() as tx:
            account = tx.accounts.get(letter.account_id) if letter.account_id else None
        claim = letter.claim
        if letter.expires_at is not None and now >= letter.expires_at:
            return letter.expired()
        if claim and claim.is_moot(account):
            return letter.void()
        try:
            self.mailer.send(self._ready(letter, account, claim, now))
        except MailRefused as error:
            return letter.dead(_shown(error))
        except MailDelayed as error:
            return self._later(letter, now, _shown(error))
        return letter.sent(now) if letter.recipient else letter.void()

    def _later(self, letter: Letter, at: datetime, error: str) -> Letter:
        if letter.attempts + 1 >= self.policy.send_attempts:
            return letter.dead(error)
        return letter.delayed(at, error)

    def _ready(self, letter: Letter, account: Account | None, claim: Claim | None, now: datetime) -> ReadyLetter:
        purpose = PURPOSES[letter.kind]
        if claim is None and purpose is not None:
            # A letter to nobody is signed and composed as any other, so that the time it takes tells nothing.
            claim = Claim(
                purpose=purpose,
                account_id=AccountId(letter.id),
                generation=0,
                expires_at=self.policy.expiry(purpose, now),
                email=_NOBODY,
            )
        return ReadyLetter(
            id=letter.id,
            kind=letter.kind,
            recipient=letter.recipient,
            # Not in a mailbox that is not proved to be the owner's: a stranger may have chosen a name that reads as a
            # host's, of which mail programs make links.
            username=str(account.username) if account and _is_owners(letter, account) else None,
            written_at=letter.written_at,
            token=self.tokens.sign(claim) if claim else None,
            expires_at=claim.expires_at if claim else None,
            account_state=account.state if account else None,
            purge_at=account.purge_at if account and account.closed_at else None,
            network=letter.network,
            user_agent=letter.user_agent,
        )


def _is_owners(letter: Letter, account: Account) -> bool:
    """Return whether the letter goes to a mailbox that the account's owner has proved."""
    return not account.is_pending and letter.kind is not LetterKind.EMAIL_CHANGE


def _shown(error: Exception) -> str:
    return "".join(c if c.isprintable() else " " for c in str(error)[:_SHOWN_OF_AN_ERROR])
