"""Devices contract: which browsers an account knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.contracts.crowd import at_once, kinds
from offbrand.contracts.samples import AT, active, after, digest, store

if TYPE_CHECKING:
    from offbrand.domain.account import Account
    from offbrand.domain.ports import UnitOfWork


def _known(unit_of_work: UnitOfWork, account: Account, digests: list[str]) -> list[bool]:
    with unit_of_work.reading() as tx:
        return [tx.devices.knows(account.id, each) for each in digests]


class DevicesContract:
    """Needs a fixture ``unit_of_work``."""

    def test_a_device_is_known_to_its_account_only(self, unit_of_work: UnitOfWork) -> None:
        """What one account knows tells nothing to another (L8)."""
        account, other = active(), active("bea")
        store(unit_of_work, account, other)
        device = digest()
        with unit_of_work.writing() as tx:
            tx.devices.add(account.id, device, AT, 5)
        assert _known(unit_of_work, account, [device, digest()]) == [True, False]
        assert _known(unit_of_work, other, [device]) == [False], "L8 broke: another account knows the device"

    def test_an_accounts_devices_are_listed(self, unit_of_work: UnitOfWork) -> None:
        """Each of them once, and nobody else's, so that what was counted for them can be forgotten (L8)."""
        account, other = active(), active("bea")
        store(unit_of_work, account, other)
        first, second, theirs = (digest() for _ in range(3))
        with unit_of_work.writing() as tx:
            for owner, device in ((account, first), (account, second), (account, first), (other, theirs)):
                tx.devices.add(owner.id, device, AT, 5)
        with unit_of_work.reading() as tx:
            listed = [sorted(tx.devices.of(owner.id)) for owner in (account, other, active("cleo"))]
        assert listed == [sorted([first, second]), [theirs], []], f"L8 broke: the devices were listed as {listed}"

    def test_the_device_not_seen_for_longest_is_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """At most so many are known, by last use; known devices together may guess so often and no more (L8)."""
        account, other = active(), active("bea")
        store(unit_of_work, account, other)
        first, second, third, theirs = (digest() for _ in range(4))
        with unit_of_work.writing() as tx:
            tx.devices.add(other.id, theirs, after(hours=-1), 2)
            tx.devices.add(account.id, first, after(minutes=1), 2)
            tx.devices.add(account.id, second, after(minutes=2), 2)
            tx.devices.add(account.id, first, after(minutes=3), 2)
            tx.devices.add(account.id, third, after(minutes=4), 2)
        known = _known(unit_of_work, account, [first, second, third])
        assert known == [True, False, True], "L8 broke: not the device seen last but two was forgotten"
        assert _known(unit_of_work, other, [theirs]) == [True], "L8 broke: another account's device was forgotten"

    def test_a_new_device_is_known_even_in_the_same_moment(self, unit_of_work: UnitOfWork) -> None:
        """Who has just logged in is known, whatever the clock's resolution (L8)."""
        account = active()
        store(unit_of_work, account)
        for device in [digest() for _ in range(6)]:
            with unit_of_work.writing() as tx:
                tx.devices.add(account.id, device, AT, 2)
            assert _known(unit_of_work, account, [device]) == [True], "L8 broke: a device was forgotten at once"

    def test_a_device_that_a_clock_ahead_has_seen_is_the_first_to_be_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """Else no browser would become known before that time has come (L8)."""
        account = active()
        store(unit_of_work, account)
        ahead, first, second = digest(), digest(), digest()
        for device, at in ((ahead, after(days=30)), (first, after(minutes=1)), (second, AT)):
            with unit_of_work.writing() as tx:
                tx.devices.add(account.id, device, at, 2)
        known = _known(unit_of_work, account, [ahead, first, second])
        assert known == [False, True, True], "L8 broke: a device was forgotten at once"
        with unit_of_work.writing() as tx:
            tx.devices.add(account.id, second, AT, 1)
        assert _known(unit_of_work, account, [first, second]) == [False, True], (
            "L8 broke: a device was forgotten at once"
        )

    def test_all_devices_are_forgotten(self, unit_of_work: UnitOfWork) -> None:
        """Whoever takes an account back starts with strangers only (L8)."""
        account, other = active(), active("bea")
        store(unit_of_work, account, other)
        device = digest()
        with unit_of_work.writing() as tx:
            tx.devices.add(account.id, device, AT, 5)
            tx.devices.add(other.id, device, AT, 5)
            tx.devices.remove_all(account.id)
        assert _known(unit_of_work, account, [device]) == [False], "L8 broke: a device is still known"
        assert _known(unit_of_work, other, [device]) == [True], "L8 broke: another account's device was forgotten"

    def test_one_device_may_be_marked_by_many_at_once(self, unit_of_work: UnitOfWork) -> None:
        """Two logins from one browser at the same moment both succeed (L8, RAC-06)."""
        account = active()
        store(unit_of_work, account)
        device = digest()

        def mark(number: int) -> None:
            with unit_of_work.writing() as tx:
                tx.devices.add(account.id, device, after(seconds=number), 5)

        ended = kinds(at_once(8, mark))
        assert ended == {"ok": 8}, f"L8 broke: eight logins of one device ended as {ended}"
        assert _known(unit_of_work, account, [device]) == [True]
