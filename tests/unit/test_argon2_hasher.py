"""The slow hasher: right answers, equal work for nobody, and never more of it at once than was agreed."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offbrand.adapters.argon2_hasher import Argon2Hasher
from offbrand.adapters.argon2_hasher.hasher import DEAREST
from offbrand.adapters.argon2_hasher.line import Line
from offbrand.contracts.password_hasher import PasswordHasherContract
from offbrand.domain.errors import Busy
from offbrand.domain.values import Client, Password, PasswordHash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Client(network="192.0.2.1")
WORDS = Password("seven unrelated words")
SALT, TAG = "c29tZXNhbHRzb21lc2FsdA", "A" * 43


def cheap(slots: int = 1, memory_kib: int = 8, passes: int = 1, lanes: int = 1) -> Argon2Hasher:
    hasher = Argon2Hasher(slots, memory_kib, passes, lanes)
    # Threads that wait for their turn may have to wait for a busy machine as well.
    hasher.line = Line(slots, patience=60)
    return hasher


def hashed(hasher: Argon2Hasher, password: Password = WORDS) -> PasswordHash:
    with hasher.admit(HERE) as place:
        return place.hash(password)


def matches(hasher: Argon2Hasher, password: Password, stored: PasswordHash | None) -> bool:
    with hasher.admit(HERE) as place:
        return place.matches(password, stored)


class Noting(Line):
    """A line that notes whose turns were asked for."""

    def __init__(self, networks: list[str | None]) -> None:
        super().__init__(slots=1)
        self._networks = networks

    @contextmanager
    def slot(self, network: str | None) -> Iterator[None]:
        self._networks.append(network)
        with super().slot(network):
            yield


def phc(memory: int = 8, passes: int = 1, lanes: int = 1) -> PasswordHash:
    return PasswordHash(f"$argon2id$v=19$m={memory},t={passes},p={lanes}${SALT}${TAG}")


def in_threads(count: int, work: Callable[[], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_a_password_matches_its_own_hash_and_no_other() -> None:
    hasher = cheap()
    stored = hashed(hasher)
    assert matches(hasher, WORDS, stored)
    for near in ("seven unrelated word", "seven unrelated words ", "Seven unrelated words", ""):
        assert not matches(hasher, Password(near), stored)


@given(st.text(max_size=256))
def test_every_text_that_is_a_password_matches_itself_to_the_last_character(text: str) -> None:
    """Nothing is cut, folded or trimmed."""
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        return
    hasher = cheap()
    stored = hashed(hasher, Password(text))
    assert matches(hasher, Password(text), stored)
    if len(text) < 256:
        assert not matches(hasher, Password(text + "x"), stored)


def test_equal_passwords_have_different_hashes() -> None:
    hasher = cheap()
    assert hashed(hasher) != hashed(hasher)


def test_the_default_is_what_rfc_9106_recommends_with_little_memory() -> None:
    stored = hashed(Argon2Hasher(1))
    assert stored.reveal().startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_d17_for_nobody_the_answer_is_no_after_todays_work() -> None:
    """The decoy is no true hash, so no password can match it; but it costs what a true one costs."""
    hasher = cheap(memory_kib=64, passes=2, lanes=2)
    decoy = argon2.extract_parameters(hasher.decoy.reveal())
    assert decoy == argon2.extract_parameters(hashed(hasher).reveal())
    assert hasher.can_bear(hasher.decoy)
    assert not matches(hasher, WORDS, None)
    assert cheap().decoy != cheap().decoy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "plain",
        "$",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}$",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}${TAG}\n",
        f" $argon2id$v=19$m=8,t=1,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}${TAG}$",
        f"$argon2id$v=19$m=08,t=1,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=0,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=-1,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=7,t=1,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=2${SALT}${TAG}",
        f"$argon2id$v=19$t=1,m=8,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=1$$argon2id${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}${TAG[:-1]}B",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT[:-1]}B${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}${TAG[:-2]}",
        f"$argon2id$v=19$m=8,t=1,p=1$c2FsdA${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}$AAAA",
        f"$argon2id$v=16$m=8,t=1,p=1${SALT}${TAG}",
        f"$argon2id$m=8,t=1,p=1${SALT}${TAG}",
        f"$argon2i$v=19$m=8,t=1,p=1${SALT}${TAG}",
        f"$argon2d$v=19$m=8,t=1,p=1${SALT}${TAG}",
        "$2b$12$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu",
        "$argon2id$v=19$m=٨,t=1,p=1$" + f"{SALT}${TAG}",
        "\0",
        "\ud800",
        "é",
    ],
)
def test_d40_what_is_no_hash_of_ours_matches_nothing_and_breaks_nothing(text: str) -> None:
    stored = PasswordHash(text)
    assert not matches(cheap(), WORDS, stored)
    assert not matches(cheap(), Password(""), stored)
    assert cheap().needs_rehash(stored)


@given(st.text(max_size=120))
def test_no_stored_text_breaks_the_reader(text: str) -> None:
    assert not cheap().can_bear(PasswordHash(text))


def test_a_stored_hash_may_cost_four_times_as_much_but_not_more() -> None:
    """A row that a stranger wrote must not exhaust the machine, nor keep a slot for long."""
    low = argon2.profiles.RFC_9106_LOW_MEMORY
    memory, passes, lanes = low.memory_cost, low.time_cost, low.parallelism
    for borne in (
        phc(DEAREST * memory, passes, DEAREST * lanes),
        phc(memory, DEAREST * passes, DEAREST * lanes),
        phc(2 * memory, 2 * passes, 2 * lanes),
    ):
        assert cheap().can_bear(borne)
    for dear in (
        phc(DEAREST * memory + 1),
        phc(passes=DEAREST * passes + 1),
        phc(8 * 32, 1, DEAREST * lanes + 1),
        phc(DEAREST * memory, passes + 1),
        phc(memory + 1, DEAREST * passes),
        phc(2 * memory, 2 * passes + 1),
        phc(2**32 - 1, 2**32 - 1, 2**24 - 1),
    ):
        assert not cheap().can_bear(dear)
        assert not matches(cheap(), WORDS, dear)


def test_a_stored_hash_may_cost_more_where_todays_do() -> None:
    low = argon2.profiles.RFC_9106_LOW_MEMORY
    memory, passes, lanes = low.memory_cost, low.time_cost, low.parallelism
    raised = Argon2Hasher(1, memory_kib=2 * memory, passes=2 * passes, lanes=2 * lanes)
    assert raised.can_bear(phc(2 * DEAREST * memory, 2 * passes, 2 * DEAREST * lanes))
    assert raised.can_bear(phc(2 * memory, 2 * DEAREST * passes))
    assert not raised.can_bear(phc(2 * DEAREST * memory, 2 * passes + 1))


@pytest.mark.parametrize("changed", [{"memory_kib": 16}, {"passes": 2}, {"memory_kib": 16, "lanes": 2}])
def test_d55_a_hash_of_other_parameters_still_matches_and_needs_to_be_made_again(changed: dict[str, int]) -> None:
    stored = hashed(cheap())
    assert not cheap().needs_rehash(stored)
    assert cheap(**changed).needs_rehash(stored)
    assert matches(cheap(**changed), WORDS, stored)


def test_l7_who_is_inside_keeps_the_slot_and_who_is_turned_away_never_gets_inside() -> None:
    """L8: what is done inside, such as counting a guess, is done for those alone whose password is checked."""
    hasher = cheap(slots=1)
    hasher.line = Line(slots=1, patience=0.01)
    with hasher.admit(HERE) as place:
        with pytest.raises(Busy), hasher.admit(Client(network="198.51.100.1")):
            pytest.fail("inside, with no slot to check anything")
        assert place.matches(WORDS, place.hash(WORDS))
    assert matches(hasher, WORDS, hashed(hasher))


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [("2001:db8::1", "2001:db8:0:ffff::1", True), ("2001:db8::1", "2001:db8:1::1", False), (None, None, True)],
)
def test_l7_hst_02_one_site_has_one_lane(one: str | None, other: str | None, is_shared: bool) -> None:  # noqa: FBT001 - a table
    """Else who holds a /48 comes for the first time 65,536 times, and each time before all who were here before."""
    hasher, networks = cheap(), list[str | None]()
    hasher.line = Noting(networks)
    for network in (one, other):
        with hasher.admit(Client(network=network)):
            pass
    assert (networks[0] == networks[1]) is is_shared


def test_right_and_wrong_passwords_do_not_mix_among_threads() -> None:
    """75 of the incidents: a hash that was overwritten by another thread's."""
    hasher = cheap(slots=4)
    stored = {number: hashed(hasher, Password(f"password {number}")) for number in range(4)}
    wrong = list[tuple[int, int]]()

    def guess() -> None:
        for tried in range(4):
            for number, password_hash in stored.items():
                if matches(hasher, Password(f"password {tried}"), password_hash) != (tried == number):
                    wrong.append((tried, number))

    for thread in in_threads(8, guess):
        thread.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork")
def test_a_forked_process_has_all_its_slots() -> None:
    """Those who hash in the parent at that moment do not exist in the child, and will never leave."""
    hasher = cheap()
    with hasher.admit(HERE):
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if matches(hasher, WORDS, hashed(hasher)) else 1)
            finally:
                os._exit(2)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


class TestArgon2Hasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> Argon2Hasher:
        return cheap()

    @pytest.fixture
    def dearer(self) -> Argon2Hasher:
        return cheap(passes=2)
