"""Upkeep: planted bugs in what happens to letters, links, accounts and roles beside that."""

from __future__ import annotations

from tests.mutants.mutant import breaks

UPKEEP = [
    breaks(
        "L1",
        "domain/services/roles.py",
        "a pending account is granted roles",
        "if account.is_pending:",
        "if account.closed_at:",
        "unit/test_roles.py",
        "test_d8_a_pending_account_is_granted_nothing",
    ),
    breaks(
        "L2",
        "domain/services/landing.py",
        "looking at a link uses it",
        "with self.unit_of_work.reading() as tx:\n"
        "            account = claim.check(tx.accounts.get(claim.account_id), self.clock.now())",
        "with self.unit_of_work.writing() as tx:\n"
        "            account = claim.check(tx.accounts.get(claim.account_id), self.clock.now())\n"
        "            tx.accounts.save(account._next())",
        "integration/web/test_landing.py",
        "test_d30_following_a_link_changes_nothing",
    ),
    breaks(
        "L3",
        "domain/services/administration.py",
        "disabling leaves the sessions where they are",
        "disable(now))\n            tx.sessions.remove_all(account_id)\n",
        "disable(now))\n",
        "unit/test_old_links.py",
        "test_d6_l3_a_session_is_over_after",
    ),
    breaks(
        "L4",
        "domain/services/delivery.py",
        "a name that a stranger chose reaches a mailbox that is not proved",
        "if account and _is_owners(letter, account)",
        "if account",
        "unit/test_delivery.py",
        "test_nobody_gets_a_letter_with_a_name_that_a_stranger_chose",
    ),
    breaks(
        "L5",
        "domain/services/closing.py",
        "an event is recorded in a transaction of its own",
        "            tx.sessions.remove_all(account.id)\n",
        "            tx.sessions.remove_all(account.id)\n        with self.unit_of_work.writing() as tx:\n",
        "unit/test_atomicity.py",
        "test_l5_wherever_the_database_fails_nothing_of_the_change_is_left",
    ),
    breaks(
        "L5",
        "domain/services/delivery.py",
        "a letter that is delayed is forgotten",
        "return letter.delayed(at, error)",
        "return letter.void()",
        "unit/test_delivery.py",
        "test_d44_a_letter_that_is_delayed_leaves_later",
    ),
    breaks(
        "L5",
        "domain/services/delivery.py",
        "a letter whose link is void is sent",
        "if claim and claim.is_moot(account):",
        "if claim and account is None:",
        "unit/test_delivery.py",
        "test_a_link_that_means_nothing_any_more_is_not_sent",
    ),
    breaks(
        "L5",
        "domain/services/delivery.py",
        "a letter whose link has died is sent",
        "now >= letter.expires_at:",
        "now < letter.written_at:",
        "unit/test_delivery.py",
        "test_a_link_that_would_arrive_dead_is_not_sent",
    ),
    breaks(
        "L6",
        "domain/services/delivery.py",
        "a letter is sent inside a transaction",
        "            self.mailer.send(self._ready(letter, account, claim, now))\n",
        "            with self.unit_of_work.reading():\n"
        "                self.mailer.send(self._ready(letter, account, claim, now))\n",
        "unit/test_atomicity.py",
        "test_l6_nothing_slow_happens_inside_a_transaction",
    ),
    breaks(
        "L9",
        "domain/services/closing.py",
        "the password hash is exported",
        '"has_password": account.password_hash is not None,',
        '"has_password": account.password_hash and account.password_hash.reveal(),',
        "unit/test_closing.py",
        "test_l9_an_export_holds_no_secret",
    ),
    breaks(
        "L11",
        "domain/services/housekeeping.py",
        "a clock that is wrong purges what is not due",
        "> self.policy.clock_tolerance:",
        "> 1000 * self.policy.clock_tolerance:",
        "unit/test_housekeeping.py",
        "test_clocks_that_differ_too_much_purge_nothing",
    ),
]
