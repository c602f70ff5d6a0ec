"""Journal: writes events, and the letters they cause, into the transaction of the change (law L5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.events import OWNER, Event, EventKind, happened
from offbrand.domain.letters import Letter, LetterKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from offbrand.domain.account import Account
    from offbrand.domain.ports import Tokens, Transaction, UnitOfWork
    from offbrand.domain.values import AccountId, Client, EmailAddress


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Journal:
    """The hand that writes for every flow."""

    tokens: Tokens

    def new_id(self) -> UUID:
        """Return an id for what is written beside the event."""
        return self.tokens.new_id()

    def record(  # noqa: PLR0913 - one keyword for each thing an event remembers
        self,
        tx: Transaction,
        kind: EventKind,
        *,
        at: datetime,
        account_id: AccountId | None,
        client: Client | None = None,
        actor: str = OWNER,
        outcome: str = "success",
        identifier_digest: str | None = None,
    ) -> Event:
        """Record that something happened, and return it as the cause of letters."""
        event = happened(
            kind,
            id=self.tokens.new_id(),
            at=at,
            account_id=account_id,
            client=client,
            actor=actor,
            outcome=outcome,
            identifier_digest=identifier_digest,
        )
        tx.events.add(event)
        return event

    def notify(self, tx: Transaction, kind: LetterKind, event: Event, account: Account) -> None:
        """Write to the account's address about *event*, without a link."""
        tx.letters.add(self._letter(kind, event, account.id, account.email))

    def link(  # noqa: PLR0913 - what is written, where, about what, to whom and for how long
        self,
        tx: Transaction,
        kind: LetterKind,
        event: Event,
        account: Account,
        *,
        to: EmailAddress,
        expires_at: datetime,
    ) -> None:
        """Write to the address that the link proves; what the link says is fixed now and signed when it is sent."""
        letter = self._letter(kind, event, account.id, to)
        tx.letters.add(attrs.evolve(letter, claim_email=to, generation=account.generation, expires_at=expires_at))

    def link_pending(self, tx: Transaction, event: Event, pending: Account | None) -> None:
        """Write the link that confirms a pending account, which lives as long as the account; or to nobody."""
        if pending is None or pending.purge_at is None:
            self.link_nobody(tx, LetterKind.CONFIRMATION, event)
            return
        kind = LetterKind.CONFIRMATION if pending.password_hash else LetterKind.INVITATION
        self.link(tx, kind, event, pending, to=pending.email, expires_at=pending.purge_at)

    def link_nobody(self, tx: Transaction, kind: LetterKind, event: Event) -> None:
        """Write to nobody, so that a request costs the same whether somebody gets a letter or not (law L4)."""
        tx.letters.add(self._letter(kind, event, None, None))

    def record_failed_proof(
        self, unit_of_work: UnitOfWork, account_id: AccountId, client: Client, at: datetime
    ) -> None:
        """Record in a transaction of its own, which outlives the refusal, that a known account's password failed."""
        with unit_of_work.writing() as tx:
            self.record(tx, EventKind.PROOF_FAILED, at=at, account_id=account_id, client=client, outcome="refused")

    def _letter(
        self, kind: LetterKind, event: Event, account_id: AccountId | None, recipient: EmailAddress | None
    ) -> Letter:
        return Letter(
            id=self.tokens.new_id(),
            kind=kind,
            event_id=event.id,
            account_id=account_id,
            recipient=recipient,
            written_at=event.at,
            due_at=event.at,
            network=event.network,
            user_agent=event.user_agent,
        )
