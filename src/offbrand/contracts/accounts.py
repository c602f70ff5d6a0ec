"""Accounts contract: claims, the optimistic lock, and who is found by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from offbrand.contracts.crowd import at_once, kinds
from offbrand.contracts.samples import AT, active, after, new_id, pending, session_of, shown, store, stored
from offbrand.domain.errors import AddressTaken, AuthError, StaleAccount, UsernameTaken
from offbrand.domain.values import AccountId, EmailAddress, PasswordHash, Username

if TYPE_CHECKING:
    from offbrand.domain.ports import UnitOfWork

_SAME_USERNAMES = [("ann", "ANN"), ("élodie", "ÉLODIE"), ("straße", "STRASSE"), ("σοφίας", "ΣΟΦΊΑΣ"), ("𐐨𐐩", "𐐀𐐁")]
_SAME_USERNAMES += [("élodie", "e\u0301lodie"), ("ǰan", "J\u030cAN")]
_OTHER_USERNAMES = [
    ("elodie", "élodie"),
    ("a_b", "axb"),
    ("a.b", "a_b"),
    ("ann", "ann1"),
    ("oe", "œ"),
    ("и", "й"),
    ("か", "カ"),
]


class AccountsContract:
    """Needs a fixture ``unit_of_work``."""

    def test_an_account_is_found_by_its_id(self, unit_of_work: UnitOfWork) -> None:
        """What was added is there in later transactions, and an unknown id is nobody (L5)."""
        account = pending()
        store(unit_of_work, account)
        assert shown(stored(unit_of_work, account)) == shown(account), "L5 broke: the account came back changed"
        with unit_of_work.reading() as tx:
            assert tx.accounts.get(AccountId(new_id())) is None

    def test_pending_accounts_claim_nothing(self, unit_of_work: UnitOfWork) -> None:
        """Any number of pending accounts may name one address and username, and none of them holds it (L1)."""
        store(unit_of_work, *(pending() for _ in range(3)))
        with unit_of_work.reading() as tx:
            held = (tx.accounts.claimed_by(EmailAddress("ann@example.org")), tx.accounts.claimed_by(Username("ann")))
        assert held == (None, None), "L1 broke: a pending account holds a claim"

    @pytest.mark.parametrize(
        "state", [{}, {"disabled_at": AT}, {"closed_at": AT}], ids=["active", "disabled", "closed"]
    )
    def test_confirmed_accounts_hold_their_claims(self, unit_of_work: UnitOfWork, state: dict[str, Any]) -> None:
        """An account is found by address and username once it is confirmed, shut or not (L1)."""
        account = active(**state)
        store(unit_of_work, pending(), account, active("bea"), pending())
        for name in (account.email, account.username):
            with unit_of_work.reading() as tx:
                holder = tx.accounts.claimed_by(name)
            assert holder is not None, f"L1 broke: nobody holds {name}"
            assert shown(holder) == shown(account), f"L1 broke: another account holds {name}"

    @pytest.mark.parametrize(("claimed", "spelled"), _SAME_USERNAMES)
    def test_a_username_is_claimed_in_every_case(self, unit_of_work: UnitOfWork, claimed: str, spelled: str) -> None:
        """Case twins are one username, in every script (L1, D26)."""
        account = active("ann", username=Username(claimed))
        store(unit_of_work, account)
        with unit_of_work.reading() as tx:
            holder = tx.accounts.claimed_by(Username(spelled))
        assert holder is not None, f"L1 broke: {claimed} is not found as {spelled}"
        assert holder.username.text == claimed, "the spelling that the owner chose is lost"
        with pytest.raises(UsernameTaken):
            store(unit_of_work, active("bea", username=Username(spelled)))

    @pytest.mark.parametrize(("claimed", "other"), _OTHER_USERNAMES)
    def test_accents_and_wildcards_tell_usernames_apart(
        self, unit_of_work: UnitOfWork, claimed: str, other: str
    ) -> None:
        """Only case is folded: no collation may find more than that equal (L1)."""
        store(unit_of_work, active("bea", username=Username(claimed)))
        with unit_of_work.reading() as tx:
            assert tx.accounts.claimed_by(Username(other)) is None, f"L1 broke: {other} is held by {claimed}"
        store(unit_of_work, active("cy", username=Username(other)))

    @pytest.mark.parametrize("spelled", ["ann.lee@example.org", "ANN.LEE@example.org"])
    def test_an_address_is_claimed_in_every_case(self, unit_of_work: UnitOfWork, spelled: str) -> None:
        """Case twins are one address, though letters go to the address as it was typed (L1, D27)."""
        store(unit_of_work, active("bea", email=EmailAddress("Ann.Lee@example.org")))
        with unit_of_work.reading() as tx:
            holder = tx.accounts.claimed_by(EmailAddress(spelled))
        assert holder is not None, f"L1 broke: Ann.Lee@example.org is not found as {spelled}"
        assert holder.email.text == "Ann.Lee@example.org", "the address is not what was typed"
        with pytest.raises(AddressTaken):
            store(unit_of_work, active("cy", email=EmailAddress(spelled)))

    @pytest.mark.parametrize("other", ["annxlee@example.org", "ann.lee@example.net", "%@example.org"])
    def test_wildcards_in_addresses_mean_nothing(self, unit_of_work: UnitOfWork, other: str) -> None:
        """``_`` and ``%`` stand in addresses for themselves (L1)."""
        store(unit_of_work, active("bea", email=EmailAddress("ann_lee@example.org")))
        with unit_of_work.reading() as tx:
            assert tx.accounts.claimed_by(EmailAddress(other)) is None, f"L1 broke: {other} is held by another address"

    @pytest.mark.parametrize(
        ("twin", "refusal"),
        [({"username": Username("bea")}, AddressTaken), ({"email": EmailAddress("b@example.org")}, UsernameTaken)],
        ids=["address", "username"],
    )
    def test_saving_cannot_take_a_claim(
        self, unit_of_work: UnitOfWork, twin: dict[str, Any], refusal: type[AuthError]
    ) -> None:
        """Of pending twins, one is confirmed; the others learn which claim they lost (L1, D19)."""
        account = pending(**twin)
        store(unit_of_work, active(), account)
        with pytest.raises(refusal), unit_of_work.writing() as tx:
            tx.accounts.save(attrs.evolve(account, confirmed_at=AT, purge_at=None))
        assert stored(unit_of_work, account).is_pending, "L1 broke: a refused confirmation was kept"

    def test_a_moved_account_frees_its_claims(self, unit_of_work: UnitOfWork) -> None:
        """The old address and username are free as soon as they are left (L1)."""
        account = active()
        store(unit_of_work, account)
        with unit_of_work.writing() as tx:
            tx.accounts.save(attrs.evolve(account, email=EmailAddress("b@example.org"), username=Username("bea")))
        store(unit_of_work, active())
        with unit_of_work.reading() as tx:
            holder = tx.accounts.claimed_by(Username("BEA"))
            assert holder is not None
            assert holder.id == account.id

    def test_the_newest_pending_account_is_found(self, unit_of_work: UnitOfWork) -> None:
        """Of several for one address the last registered counts, and of those of one moment the greatest id (L1)."""
        first, second = pending(), pending("bea", email=EmailAddress("ANN@example.org"))
        older = pending(registered_at=after(seconds=-1))
        store(unit_of_work, second, first, older, active(registered_at=after(days=1)), pending("cy"))
        with unit_of_work.reading() as tx:
            newest = tx.accounts.newest_pending(EmailAddress("Ann@example.org"))
            assert newest is not None
            assert newest.id == second.id, (
                "L1 broke: an older registration, or a confirmed one, was taken for the newest"
            )
            assert tx.accounts.newest_pending(EmailAddress("dee@example.org")) is None

    def test_saving_counts_versions(self, unit_of_work: UnitOfWork) -> None:
        """Every save raises the version by one, so that who read before it is refused (L2)."""
        account = active()
        store(unit_of_work, account)
        for version in (1, 2):
            current = stored(unit_of_work, account)
            assert current.version == version, f"L2 broke: after {version - 1} saves the version is {current.version}"
            with unit_of_work.writing() as tx:
                tx.accounts.save(current)

    def test_a_stale_account_is_not_saved(self, unit_of_work: UnitOfWork) -> None:
        """Saving compares and sets on the version (L2)."""
        account = active()
        store(unit_of_work, account)
        with unit_of_work.writing() as tx:
            tx.accounts.save(account.set_password(PasswordHash("the winner's")))
        for act in ("save", "remove"):
            with pytest.raises(StaleAccount), unit_of_work.writing() as tx:
                getattr(tx.accounts, act)(account.set_password(PasswordHash("the loser's")))
        kept = stored(unit_of_work, account).password_hash
        assert kept == PasswordHash("the winner's"), "L2 broke: a change was lost to one that had not seen it"

    def test_what_is_gone_is_not_saved(self, unit_of_work: UnitOfWork) -> None:
        """Saving never brings an account back (L2)."""
        account = pending()
        for act in ("save", "remove"):
            with pytest.raises(StaleAccount), unit_of_work.writing() as tx:
                getattr(tx.accounts, act)(account)
        with unit_of_work.reading() as tx:
            assert tx.accounts.get(account.id) is None, "L2 broke: saving has added an account"

    def test_a_removed_account_is_gone(self, unit_of_work: UnitOfWork) -> None:
        """Discarding deletes this pending account and no other (L1)."""
        account, twin = pending(), pending()
        store(unit_of_work, account, twin)
        with unit_of_work.writing() as tx:
            tx.accounts.remove(account)
        with unit_of_work.reading() as tx:
            assert tx.accounts.get(account.id) is None, "L1 broke: a discarded account is still there"
            assert tx.accounts.get(twin.id) is not None, "L1 broke: another's registration was discarded"

    def test_saving_leaves_last_seen_alone(self, unit_of_work: UnitOfWork) -> None:
        """``last_seen_at`` follows the sessions: no save sets it, or sets it back (L3)."""
        account = active()
        store(unit_of_work, account, session_of(account, seen_at=after(hours=1)))
        with unit_of_work.writing() as tx:
            tx.accounts.save(attrs.evolve(account, last_seen_at=after(days=7)))
        seen = stored(unit_of_work, account).last_seen_at
        assert seen == after(hours=1), f"L3 broke: saving an account has changed last_seen_at to {seen}"

    def test_permissions_are_not_stored(self, unit_of_work: UnitOfWork) -> None:
        """What roles mean is read afresh on each request, never from the row."""
        account = active(permissions=frozenset({"ADMIN"}))
        store(unit_of_work, account)
        assert stored(unit_of_work, account).permissions == frozenset(), "permissions were stored with a new account"
        with unit_of_work.writing() as tx:
            tx.accounts.save(account)
        assert stored(unit_of_work, account).permissions == frozenset(), "permissions were stored with the account"

    def test_one_of_many_saves_wins(self, unit_of_work: UnitOfWork) -> None:
        """Of changes that all began from the same version exactly one is kept (L2)."""
        account = active()
        store(unit_of_work, account)

        def save(number: int) -> None:
            with unit_of_work.writing() as tx:
                tx.accounts.save(account.set_password(PasswordHash(str(number))))

        ended = kinds(at_once(8, save))
        assert ended == {"ok": 1, "StaleAccount": 7}, f"L2 broke: eight saves of one version ended as {ended}"

    def test_one_of_many_twins_is_confirmed(self, unit_of_work: UnitOfWork) -> None:
        """The unique columns decide, however many confirm at once, and nobody gets anything but a refusal (L1, D19)."""
        twins = [pending() for _ in range(8)]
        store(unit_of_work, *twins)

        def confirm(number: int) -> None:
            with unit_of_work.writing() as tx:
                tx.accounts.save(twins[number].confirm(AT))

        results = at_once(8, confirm)
        losers = [result for result in results if result is not None]
        taken = all(isinstance(result, AddressTaken | UsernameTaken) for result in losers)
        assert len(losers) == 7, f"L1 broke: of eight twins {8 - len(losers)} were confirmed"
        assert taken, f"L1 broke: the losers got {kinds(results)}"

    def test_what_is_decided_is_what_is_saved(self, unit_of_work: UnitOfWork) -> None:
        """In a writing transaction ``get`` locks: whoever reads there saves without being refused (L2)."""
        account = active(roles=frozenset())
        store(unit_of_work, account)

        def grant(number: int) -> None:
            with unit_of_work.writing() as tx:
                current = tx.accounts.get(account.id)
                assert current is not None
                tx.accounts.save(attrs.evolve(current, roles=current.roles | {str(number)}))

        ended = kinds(at_once(8, grant))
        assert ended == {"ok": 8}, f"L2 broke: transactions that had read first ended as {ended}"
        roles = stored(unit_of_work, account).roles
        assert roles == frozenset("01234567"), f"L2 broke: of eight changes only {sorted(roles)} were kept"
