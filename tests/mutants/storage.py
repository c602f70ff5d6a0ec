"""Storage: planted bugs in the repositories and throttles, each to be noticed by what a contract promises."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_TEST_FILES = {"memory": "tests/unit/test_memory_contracts.py", "sql": "tests/integration/sql/test_contracts.py"}


def _planted(adapter: str, file: str, name: str, old: str, new: str, *tests: str) -> Mutant:
    case = f"Test{adapter.capitalize()}{'Throttle' if file == 'throttle.py' else 'UnitOfWork'}"
    nodes = tuple(f"{_TEST_FILES[adapter]}::{case}::{test}" for test in tests)
    return Mutant(path=f"adapters/{adapter}/{file}", name=name, old=old, new=new, nodes=nodes)


def _sql(file: str, name: str, old: str, new: str, *tests: str) -> Mutant:
    return _planted("sql", file, name, old, new, *tests)


def _memory(file: str, name: str, old: str, new: str, *tests: str) -> Mutant:
    return _planted("memory", file, name, old, new, *tests)


STORAGE = [
    _sql(
        "accounts.py",
        "a save looks at no version",
        "& (accounts.c.version == account.version)",
        "& (accounts.c.version > 0)",
        "test_a_stale_account_is_not_saved",
        "test_one_of_many_saves_wins",
    ),
    _sql(
        "accounts.py",
        "a save writes last_seen_at",
        '"last_seen_at": accounts.c.last_seen_at,',
        "",
        "test_saving_leaves_last_seen_alone",
    ),
    _sql(
        "accounts.py",
        "usernames are folded by lower() where they are claimed",
        "else account.username.key",
        "else account.username.text.lower()",
        "test_a_username_is_claimed_in_every_case",
    ),
    _sql(
        "accounts.py",
        "a confirmed account is taken for a pending one",
        ", accounts.c.confirmed_at.is_(None)",
        "",
        "test_the_newest_pending_account_is_found",
    ),
    _sql(
        "sessions.py",
        "a session begins under a former password",
        "accounts.c.generation == session.generation",
        "accounts.c.generation >= session.generation",
        "test_no_session_begins_in_an_account_that_is_not_as_it_was",
    ),
    _sql(
        "sessions.py",
        "the sessions that were used least are ended, not the oldest",
        "sessions.c.began_at.desc()",
        "sessions.c.seen_at.desc()",
        "test_the_oldest_sessions_end",
    ),
    _sql(
        "sessions.py",
        "a session begun by a clock that was ahead is the newest",
        "(sessions.c.began_at <= session.began_at + FARTHEST_AHEAD).desc(),",
        "",
        "test_a_session_that_a_clock_ahead_has_begun_is_the_oldest",
    ),
    _sql(
        "sessions.py",
        "saving an ended session is ignored",
        "raise NotLoggedIn",
        "return",
        "test_what_was_ended_stays_ended",
        "test_one_of_many_rotations_wins",
    ),
    _sql(
        "sessions.py",
        "anybody may end a session whose id is known",
        "(sessions.c.id == session_id, sessions.c.account_id == account_id)",
        "(sessions.c.id == session_id,)",
        "test_a_session_is_ended_by_its_own_account_only",
    ),
    _sql(
        "sessions.py",
        "idle sessions are never swept",
        "min(session.expires_at, session.seen_at + session.idle)",
        "session.expires_at",
        "test_ended_sessions_are_swept",
    ),
    _sql(
        "devices.py",
        "the new device may be the one that is forgotten",
        "(devices.c.device_digest == digest).desc()",
        "(devices.c.device_digest == digest)",
        "test_a_new_device_is_known_even_in_the_same_moment",
    ),
    _sql(
        "devices.py",
        "everybody's devices are listed for each account",
        "select(devices.c.device_digest).where(devices.c.account_id == account_id)",
        "select(devices.c.device_digest)",
        "test_an_accounts_devices_are_listed",
    ),
    _sql(
        "letters.py",
        "a lease is kept for ever",
        "letters.c.leased_until <= at",
        "letters.c.leased_until > farthest",
        "test_a_leased_letter_is_taken_over_when_its_lease_is_over",
    ),
    _sql(
        "letters.py",
        "what a wrong clock has put off waits until that time",
        ", letters.c.due_at > farthest)",
        ")",
        "test_what_a_clock_that_was_ahead_has_put_off_is_due",
    ),
    _sql(
        "letters.py",
        "letters are handed out and not leased",
        "        if leased:\n",
        "        if not leased:\n",
        "test_no_more_letters_are_leased_than_asked_for",
        "test_no_two_leasers_hold_one_letter",
    ),
    _sql(
        "letters.py",
        "an operator who names one letter gets all of them",
        "dead if letter_id is None else dead.where(letters.c.id == letter_id)",
        "dead",
        "test_one_dead_letter_is_sent_on_its_way_again",
    ),
    _sql(
        "letters.py",
        "letters that nobody has tried yet are shown as troubled",
        ", letters.c.attempts > 0)",
        ")",
        "test_letters_that_could_not_leave_are_shown_the_dead_first",
        "test_a_letter_that_was_requeued_is_no_trouble",
    ),
    _sql(
        "letters.py",
        "who comes back late settles once more",
        "update(letters).where(letters.c.id == letter.id, is_waiting, is_mine)",
        "update(letters).where(letters.c.id == letter.id)",
        "test_settling_a_settled_letter_is_ignored",
    ),
    _sql(
        "events.py",
        "an account's first events are shown for its last",
        "owned.order_by(events.c.position.desc())",
        "owned.order_by(events.c.position)",
        "test_an_accounts_last_events_come_newest_first",
    ),
    _sql(
        "directory.py",
        "a reopened account is erased all the same",
        "is_due = (accounts.c.id == account_id, accounts.c.purge_at <= at)",
        "is_due = (accounts.c.id == account_id,)",
        "test_what_is_not_due_any_more_is_not_erased",
    ),
    _sql(
        "directory.py",
        "erasing leaves who was behind the events",
        "self._connection.execute(update(events).where(events.c.account_id == account_id).values(_NO_CLIENT))",
        "pass",
        "test_erasing_an_account_erases_what_leads_to_it",
    ),
    _sql(
        "blocks.py",
        "a reading block may write",
        '_pragma(connection, "ON")',
        '_pragma(connection, "OFF")',
        "test_a_reading_block_cannot_write",
    ),
    _sql(
        "column_types.py",
        "microseconds are cut",
        "in_utc.replace(tzinfo=None)",
        "in_utc.replace(tzinfo=None, microsecond=0)",
        "test_due_letters_are_leased_the_oldest_first",
        "test_what_was_committed_is_there_after_reopening",
    ),
    _sql(
        "throttle.py",
        "one attempt fewer is free",
        "if attempts > allowance.limit:",
        "if attempts >= allowance.limit:",
        "test_as_many_attempts_are_free_as_allowed",
        "test_a_crowd_gets_exactly_its_allowance",
    ),
    _sql(
        "throttle.py",
        "every attempt prolongs the window",
        "else_=throttle.c.ends_at)",
        "else_=ends_at)",
        "test_a_spent_key_tells_how_long_to_wait",
        "test_a_window_ends_and_begins_anew",
    ),
    _memory(
        "accounts.py",
        "a pending account holds claims",
        "if not account.is_pending and held.key == name.key:",
        "if held.key == name.key:",
        "test_pending_accounts_claim_nothing",
    ),
    _memory(
        "accounts.py",
        "a save looks at no version",
        "if stored is None or stored.version != account.version:",
        "if stored is None:",
        "test_a_stale_account_is_not_saved",
        "test_one_of_many_saves_wins",
    ),
    _memory(
        "accounts.py",
        "permissions are kept with an account",
        "last_seen_at=stored.last_seen_at,\n            permissions=frozenset(),",
        "last_seen_at=stored.last_seen_at,",
        "test_permissions_are_not_stored",
    ),
    _memory(
        "store.py",
        "a failed block keeps what it has written",
        "self.write_blocks += 1\n            tables = self._tables.copy()",
        "self.write_blocks += 1\n            tables = self._tables",
        "test_a_failed_block_leaves_nothing",
        "test_a_lease_that_is_rolled_back_is_none",
    ),
    _memory(
        "store.py",
        "blocks are separate, but nobody waits",
        "with self._lock:",
        "with threading.Lock():",
        "test_a_reader_misses_nothing_that_is_written_beside_it",
    ),
    _memory(
        "sessions.py",
        "the old token works beside the new one",
        "        del self._tables.sessions[digest]\n",
        "",
        "test_a_session_moves_to_another_token",
    ),
    _memory(
        "sessions.py",
        "what one account knows, all know",
        "return (account_id, digest) in self._tables.devices",
        "return any(key[1] == digest for key in self._tables.devices)",
        "test_a_device_is_known_to_its_account_only",
        "test_all_devices_are_forgotten",
    ),
    _memory(
        "events.py",
        "an event brings its own position",
        "position = max(self._tables.events, default=0) + 1",
        "position = event.position or max(self._tables.events, default=0) + 1",
        "test_events_stand_in_the_order_of_their_positions",
    ),
    _memory(
        "letters.py",
        "troubled letters are shown in any order",
        "for state in in_turn for letter in last_due_first if letter.state is state",
        "for letter in last_due_first if letter.state in in_turn",
        "test_letters_that_could_not_leave_are_shown_the_dead_first",
    ),
    _memory(
        "letters.py",
        "requeued letters remember their attempts",
        "attempts=0, ",
        "",
        "test_dead_letters_are_sent_on_their_way_again",
    ),
]
