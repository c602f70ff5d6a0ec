"""Directory: operators find accounts by what they know of them."""

from __future__ import annotations

from uuid import UUID

import pytest

from offbrand.domain.errors import UnknownAccount
from offbrand.domain.values import EmailAddress, Username
from tests.unit.house import ADA, EVE, GRACE, NEW_ADA, House


def test_an_account_is_shown_by_id_address_or_username() -> None:
    house = House()
    house.join()
    account = house.account()
    for name in (account.id, EmailAddress("ADA@example.org"), Username("ADA")):
        assert house.auth.directory.show(name) == account
    assert account.can("WRITE")


def test_a_pending_account_is_shown_by_its_id_only() -> None:
    """Any number of them may have the same names."""
    house = House()
    house.register()
    (pending,) = house.accounts()
    assert house.auth.directory.show(pending.id).state == "pending"
    for name in (ADA, Username("ada"), UUID(int=7), EVE):
        with pytest.raises(UnknownAccount):
            house.auth.directory.show(name)


def test_a_former_address_leads_nowhere() -> None:
    house = House()
    house.move(house.join().session)
    assert house.auth.directory.show(NEW_ADA).undo_email == ADA
    with pytest.raises(UnknownAccount):
        house.auth.directory.show(ADA)


def test_pages_follow_each_other_without_gap_or_overlap() -> None:
    house = House()
    for email, username in ((ADA, "ada"), (GRACE, "grace"), (EVE, "eve")):
        house.register(email, username)
        house.clock.tick(seconds=1)
    first = house.auth.directory.list(limit=2)
    rest = house.auth.directory.list(after=first[-1].id, limit=2)
    assert [account.email for account in (*first, *rest)] == [ADA, GRACE, EVE]
    assert house.auth.directory.list(after=rest[-1].id) == []
    assert len(house.auth.directory.list()) == 3
    assert first[0].permissions == {"FOLLOW", "COMMENT", "WRITE"}
