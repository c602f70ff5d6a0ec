"""Accounts in SQL: the database decides who holds a name, by the key and by nothing else."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.tables import accounts
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.errors import AddressTaken, AuthError, UsernameTaken
from offbrand.domain.values import AccountId, EmailAddress, PasswordHash, Username
from tests.integration.sql.examples import HOUR, NOON, account, load, store

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from offbrand.domain.account import Account


def test_everything_about_an_account_comes_back(unit_of_work: SqlUnitOfWork) -> None:
    """Spelling, microseconds, any role's name and (D55) a hash of any length included."""
    ann = account(
        email=EmailAddress("Ann.O'Hara@example.org"),
        username=Username("Ännchen"),
        password_hash=PasswordHash("$" * 5_000),
        roles=frozenset({"User", "Site Admin, deputy", "Ärztin"}),
        generation=7,
        version=3,
        undo_email=EmailAddress("Old@example.org"),
        undo_until=NOON + HOUR,
        disabled_at=NOON + timedelta(microseconds=1),
        closed_at=NOON + timedelta(microseconds=2),
        last_seen_at=NOON + timedelta(microseconds=3),
        purge_at=NOON + timedelta(microseconds=999_999),
    )
    store(unit_of_work, ann)
    assert ann == load(unit_of_work, ann)
    assert "{0.email} {0.username}".format(load(unit_of_work, ann)) == "Ann.O'Hara@example.org Ännchen"


def test_ids_sort_as_in_python_whatever_their_version(unit_of_work: SqlUnitOfWork) -> None:
    """MariaDB's own type sorts some versions by their last bytes."""
    ids = [
        AccountId(uuid.UUID(int=0x0123456789AB << 80 | version << 76 | 2 << 62 | n))
        for version in (1, 4, 7)
        for n in (3, 1, 2)
    ]
    ids += [
        AccountId(uuid.uuid1()),
        AccountId(uuid.uuid4()),
        AccountId(uuid.UUID(int=0)),
        AccountId(uuid.UUID(int=2**128 - 1)),
    ]
    store(unit_of_work, *(account(f"ann{n}", id=id_) for n, id_ in enumerate(ids)))
    with unit_of_work.reading() as tx:
        assert sorted(ids) == [row.id for row in tx.directory.page(None, 50)]
        assert sorted(ids)[4:7] == [row.id for row in tx.directory.page(sorted(ids)[3], 3)]


@pytest.mark.parametrize(("one", "other"), [("jose", "josé"), ("oe", "ö"), ("ss.a", "ß.a"), ("ab", "ab_")])
def test_d26_names_are_one_only_if_their_keys_are(unit_of_work: SqlUnitOfWork, one: str, other: str) -> None:
    """No database compares more loosely than the key does; MariaDB would by itself."""
    first, second = account("a1", username=Username(one)), account("a2", username=Username(other))
    if first.username.key == second.username.key:
        with pytest.raises(UsernameTaken):
            store(unit_of_work, first, second)
        return
    store(unit_of_work, first, second)
    with unit_of_work.reading() as tx:
        assert second == tx.accounts.claimed_by(Username(other.upper() if len(other.upper()) == len(other) else other))


def test_d27_addresses_are_one_in_any_case(unit_of_work: SqlUnitOfWork) -> None:
    store(unit_of_work, account("ann", email=EmailAddress("Ann@example.org")))
    with pytest.raises(AddressTaken):
        store(unit_of_work, account("bob", email=EmailAddress("aNN@example.org")))


@pytest.mark.parametrize("column", ["claimed_email", "claimed_username"])
def test_d19_the_constraint_is_in_the_database(engine: Engine, column: str) -> None:
    """Not only in Python: a row that goes round the repository is refused as well."""
    with SqlUnitOfWork(engine).writing() as tx:
        tx.accounts.add(account("ann"))
        tx.accounts.add(account("bob"))
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.update(accounts).values({column: "same"}))


def test_d19_of_two_who_confirm_one_address_at_once_one_wins(unit_of_work: SqlUnitOfWork) -> None:
    """The unique constraint is the arbiter, and the loser gets a refusal."""
    rivals = [account(f"ann{n}", email=EmailAddress("ann@example.org"), confirmed_at=None) for n in range(2)]
    store(unit_of_work, *rivals)
    both_have_looked = threading.Barrier(2)

    def confirm(pending: Account) -> str:
        with unit_of_work.reading() as tx:
            assert tx.accounts.claimed_by(pending.email) is None
        both_have_looked.wait()
        try:
            with unit_of_work.writing() as tx:
                tx.accounts.save(pending.confirm(NOON))
        except AuthError as refusal:
            return refusal.code
        return "confirmed"

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(confirm, rivals)) == ["address_taken", "confirmed"]


def test_d20_moving_to_a_taken_address_is_refused_and_the_block_goes_on(unit_of_work: SqlUnitOfWork) -> None:
    """PostgreSQL would give up the whole transaction."""
    ann, bob = account("ann"), account("bob")
    store(unit_of_work, ann, bob)
    with unit_of_work.writing() as tx:
        with pytest.raises(AddressTaken):
            tx.accounts.save(bob.change_email(ann.email, undo_until=NOON))
        tx.accounts.save(bob.set_password(PasswordHash("new")))
    assert (bob.email, 2) == (load(unit_of_work, bob).email, load(unit_of_work, bob).version)


def test_a_refused_address_comes_before_a_refused_username(unit_of_work: SqlUnitOfWork) -> None:
    """As in memory, whichever index a database looks at first."""
    store(unit_of_work, account("ann"))
    with pytest.raises(AddressTaken):
        store(unit_of_work, account("ann"))


@pytest.mark.parametrize("name", ["claimed_email", "offbrand_accounts_claimed_email_uq"])
def test_a_name_like_a_column_is_not_taken_for_one(unit_of_work: SqlUnitOfWork, name: str) -> None:
    """Drivers quote the value in the message that names the constraint."""
    store(unit_of_work, account("ann", username=Username(name)))
    with pytest.raises(UsernameTaken):
        store(unit_of_work, account("bob", username=Username(name)))


def test_an_account_stored_twice_is_a_defect_and_no_refusal(unit_of_work: SqlUnitOfWork) -> None:
    ann = account("ann")
    store(unit_of_work, ann)
    with pytest.raises(RuntimeError):
        store(unit_of_work, account("bob", id=ann.id))
