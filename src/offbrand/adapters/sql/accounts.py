"""Accounts in SQL: rows in, accounts out; the only place that knows versions and unique constraints."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import attrs
from sqlalchemy import Connection, delete, exc, insert, select, update

from offbrand.adapters.sql.tables import accounts
from offbrand.domain.account import Account
from offbrand.domain.errors import AddressTaken, StaleAccount, UsernameTaken
from offbrand.domain.values import AccountId, EmailAddress, PasswordHash, Username

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement, RowMapping


@attrs.frozen
class SqlAccounts:
    """`Accounts` over a table; ``locks`` in a writing transaction."""

    _connection: Connection
    _locks: bool

    def get(self, account_id: AccountId) -> Account | None:
        """Look up by id, and lock the row where the transaction writes."""
        query = select(accounts).where(accounts.c.id == account_id)
        # SQLite has no such clause and leaves it out; there the transaction holds the lock of the whole database.
        row = self._connection.execute(query.with_for_update() if self._locks else query).mappings().one_or_none()
        return to_account(row) if row else None

    def claimed_by(self, name: EmailAddress | Username) -> Account | None:
        """Look up by the unique columns."""
        column = accounts.c.claimed_email if isinstance(name, EmailAddress) else accounts.c.claimed_username
        return self._first(column == name.key)

    def newest_pending(self, email: EmailAddress) -> Account | None:
        """Look up by address among those that claim nothing."""
        return self._first(accounts.c.email_key == email.key, accounts.c.confirmed_at.is_(None))

    def add(self, account: Account) -> None:
        """Insert a row."""
        with self._claiming(account):
            self._connection.execute(insert(accounts).values(to_row(account)))

    def save(self, account: Account) -> None:
        """Update the row of this id and version."""
        changes = {
            **to_row(account),
            "version": account.version + 1,
            "last_seen_at": accounts.c.last_seen_at,
        }
        with self._claiming(account):
            saved = self._connection.execute(update(accounts).where(_is_current(account)).values(changes))
        if not saved.rowcount:
            raise StaleAccount

    def remove(self, account: Account) -> None:
        """Delete the row of this id and version."""
        if not self._connection.execute(delete(accounts).where(_is_current(account))).rowcount:
            raise StaleAccount

    def _first(self, *conditions: ColumnElement[bool]) -> Account | None:
        newest_first = (accounts.c.registered_at.desc(), accounts.c.id.desc())
        query = select(accounts).where(*conditions).order_by(*newest_first).limit(1)
        row = self._connection.execute(query).mappings().one_or_none()
        return to_account(row) if row else None

    @contextmanager
    def _claiming(self, account: Account) -> Iterator[None]:
        try:
            with self._statement():
                yield
        except exc.IntegrityError as error:
            violated = _violated(error, self._connection.dialect.name)
            if accounts.c.claimed_email.name in violated:
                raise AddressTaken from None
            if accounts.c.claimed_username.name in violated:
                # Both may be taken, and no two databases look at their constraints in the same order.
                raise (AddressTaken if self._is_held(account) else UsernameTaken) from None
            raise

    def _is_held(self, account: Account) -> bool:
        holder = self.claimed_by(account.email)
        return holder is not None and holder.id != account.id

    def _statement(self) -> AbstractContextManager[object]:
        # PostgreSQL alone gives up a whole transaction over one refused statement.
        return self._connection.begin_nested() if self._connection.dialect.name == "postgresql" else nullcontext()


def _is_current(account: Account) -> ColumnElement[bool]:
    return (accounts.c.id == account.id) & (accounts.c.version == account.version)


def _violated(error: exc.IntegrityError, dialect: str) -> str:
    """Return text that names the violated constraint or its column, and quotes no value."""
    driver: Any = error.orig
    match dialect:
        case "sqlite":
            return str(driver)
        case "postgresql":
            return driver.diag.constraint_name or ""
        case _:
            return str(driver.args[-1]).rpartition("for key")[2]


def to_row(account: Account) -> dict[str, Any]:
    """Return the account as a row."""
    return {
        "id": account.id,
        "email": account.email.text,
        "email_key": account.email.key,
        "username": account.username.text,
        "claimed_email": None if account.is_pending else account.email.key,
        "claimed_username": None if account.is_pending else account.username.key,
        "password_hash": account.password_hash.reveal() if account.password_hash else None,
        "roles": account.roles,
        "avatar_id": account.avatar_id,
        "undo_email": account.undo_email.text if account.undo_email else None,
        "undo_until": account.undo_until,
        "generation": account.generation,
        "version": account.version,
        "registered_at": account.registered_at,
        "confirmed_at": account.confirmed_at,
        "disabled_at": account.disabled_at,
        "closed_at": account.closed_at,
        "last_seen_at": account.last_seen_at,
        "purge_at": account.purge_at,
    }


def to_account(row: RowMapping | Mapping[Any, Any]) -> Account:
    """Return the account of a row, which may be joined with others."""
    column = accounts.c
    password_hash, undo_email = row[column.password_hash], row[column.undo_email]
    return Account(
        id=AccountId(row[column.id]),
        email=EmailAddress(row[column.email]),
        username=Username(row[column.username]),
        password_hash=None if password_hash is None else PasswordHash(password_hash),
        roles=row[column.roles],
        avatar_id=row[column.avatar_id],
        undo_email=None if undo_email is None else EmailAddress(undo_email),
        undo_until=row[column.undo_until],
        generation=row[column.generation],
        version=row[column.version],
        registered_at=row[column.registered_at],
        confirmed_at=row[column.confirmed_at],
        disabled_at=row[column.disabled_at],
        closed_at=row[column.closed_at],
        last_seen_at=row[column.last_seen_at],
        purge_at=row[column.purge_at],
    )
