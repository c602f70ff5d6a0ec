"""Read committed: what a database server may show of others' commits within one transaction, in memory."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import attrs

from offbrand.domain.values import PasswordHash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from offbrand.adapters.memory.store import MemoryTransaction, MemoryUnitOfWork
    from offbrand.domain.account import Account
    from offbrand.domain.values import AccountId


@attrs.frozen
class Overtaken:
    """Accounts whose password somebody else has replaced by the time they are locked."""

    accounts: Any

    def get(self, account_id: AccountId) -> Account | None:
        self.accounts.save(self.accounts.get(account_id).set_password(PasswordHash("theirs")))
        locked: Account | None = self.accounts.get(account_id)
        return locked

    def __getattr__(self, name: str) -> object:
        return getattr(self.accounts, name)


def overtaken(tx: MemoryTransaction) -> MemoryTransaction:
    """Let another commit come between the query for a session and the lock of its account."""
    accounts: Any = Overtaken(tx.accounts)
    return attrs.evolve(tx, accounts=accounts)


@attrs.frozen
class ReadCommitted:
    """A unit of work whose writing transactions see others' commits in their midst, as *meanwhile* makes them."""

    store: MemoryUnitOfWork
    meanwhile: Callable[[MemoryTransaction], MemoryTransaction] = overtaken

    def reading(self) -> AbstractContextManager[MemoryTransaction]:
        return self.store.reading()

    @contextmanager
    def writing(self) -> Iterator[MemoryTransaction]:
        with self.store.writing() as tx:
            yield self.meanwhile(tx)
