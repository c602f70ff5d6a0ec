"""The fallback throttle: who counts what, who takes over, and how little is said about it (FLT-08)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import attrs
import pytest

from offbrand.adapters.fallback_throttle import FallbackThrottle
from offbrand.adapters.memory import MemoryThrottle
from offbrand.contracts.samples import AT
from offbrand.contracts.throttle import ThrottleContract
from offbrand.domain.errors import Unavailable
from offbrand.domain.passwords import is_of_account
from offbrand.domain.policy import Allowance
from tests.unit.house import ADA, CLIENT, STRANGER, WRONG, House, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

HOUR = timedelta(hours=1)
NETWORK, ACCOUNT = Allowance("network:n", 3, HOUR), Allowance("account:a", 5, None)


class Failing(MemoryThrottle):
    """A throttle that can be down, knows how often it was asked, and lets something happen ``meanwhile``, once."""

    def __init__(self) -> None:
        super().__init__()
        self.is_down = False
        self.asked = 0
        self.meanwhile: Callable[[], object] | None = None

    def count(self, allowances: Sequence[Allowance], at: datetime) -> tuple[str, timedelta | None] | None:
        self._answer()
        return super().count(allowances, at)

    def forget(self, key: str) -> None:
        self._answer()
        super().forget(key)

    def _answer(self) -> None:
        self.asked += 1
        happening, self.meanwhile = self.meanwhile, None
        if happening:
            happening()
        if self.is_down:
            raise Unavailable from TimeoutError()


class Pair:
    """Both throttles, the one over them, and the seconds that have gone by."""

    def __init__(self) -> None:
        self.quick, self.sure, self.seconds = Failing(), MemoryThrottle(), 0.0
        self.throttle = FallbackThrottle(
            self.quick, self.sure, lambda key: key.startswith("account:"), monotonic=lambda: self.seconds
        )

    def spent(self, *allowances: Allowance) -> str | None:
        answer = self.throttle.count(allowances, AT)
        return answer[0] if answer else None


class TestFallbackThrottle(ThrottleContract):
    """Some of the contract's keys are of one kind and some of the other."""

    forgets_by_itself: ClassVar[bool] = True

    @pytest.fixture
    def throttle(self) -> FallbackThrottle:
        return FallbackThrottle(MemoryThrottle(), MemoryThrottle(), lambda key: key.startswith("a"))


class TestFallbackThrottleWhileItFails(ThrottleContract):
    @pytest.fixture
    def throttle(self) -> FallbackThrottle:
        quick = Failing()
        quick.is_down = True
        return FallbackThrottle(quick, MemoryThrottle(), lambda key: key.startswith("a"))


def test_l8_what_stays_is_counted_by_the_sure_one_alone() -> None:
    pair = Pair()
    assert [pair.spent(NETWORK, ACCOUNT) for _ in range(4)] == [None] * 3 + ["network:n"]
    fresh = FallbackThrottle(Failing(), pair.sure, lambda key: key.startswith("account:"))
    assert [fresh.count([NETWORK, ACCOUNT], AT) for _ in range(3)] == [None, None, ("account:a", None)]
    assert pair.quick.count([ACCOUNT], AT) is None


def test_l8_what_is_counted_for_an_account_belongs_into_the_database_and_nothing_else() -> None:
    """Whatever keeps the other counts may be emptied."""
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    for client in (known, STRANGER):
        outcome_of(lambda: house.log_in(ADA, WRONG, client))  # noqa: B023
    house.auth.password_reset.request(ADA, client=CLIENT)
    counted = [call.arguments[0] for call in house.calls if call.name == "throttle.count"]
    keys = {allowance.key for allowances in counted for allowance in allowances}
    assert {key.partition(":")[0] for key in keys if is_of_account(key)} == {"account", "account-in-all", "device"}
    others = {key.partition(":")[0] for key in keys if not is_of_account(key)}
    assert others == {"network", "identifier", "registration", "request", "mail"}


def test_flt_08_the_sure_one_takes_over_and_an_outage_gives_no_more_than_one_allowance_more() -> None:
    pair = Pair()
    assert [pair.spent(NETWORK) for _ in range(2)] == [None] * 2
    pair.quick.is_down = True
    assert [pair.spent(NETWORK) for _ in range(5)] == [None] * 3 + ["network:n"] * 2
    pair.quick.is_down, pair.seconds = False, 10
    assert [pair.spent(NETWORK) for _ in range(2)] == [None, "network:n"]


def test_flt_08_what_failed_is_left_alone_for_a_while_and_then_asked_by_one(caplog: pytest.LogCaptureFixture) -> None:
    """A request waits for it once in ten seconds, and the log says twice what happened: when it went, and came."""
    pair = Pair()
    pair.quick.is_down = True
    for second in range(25):
        pair.seconds = second
        pair.spent(NETWORK)
        pair.throttle.forget("mail:m")
    assert pair.quick.asked == 3
    pair.quick.is_down, pair.seconds = False, 30
    for _ in range(5):
        pair.spent(NETWORK)
    assert pair.quick.asked == 3 + 1 + 5  # once to forget what was to be forgotten meanwhile
    said = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert [level for level, _ in said] == [logging.WARNING] * 2
    assert "(TimeoutError)" in said[0][1]
    assert "again" in said[1][1]


def test_flt_08_while_one_asks_again_nobody_else_waits_for_the_answer() -> None:
    pair = Pair()
    pair.quick.is_down = True
    pair.spent(NETWORK)
    pair.quick.is_down, pair.seconds, pair.quick.asked = False, 10, 0
    pair.quick.meanwhile = lambda: pair.spent(NETWORK)
    pair.spent(NETWORK)
    assert pair.quick.asked == 1
    pair.spent(NETWORK)
    assert pair.quick.asked == 2


def test_flt_08_an_answer_that_was_on_its_way_is_no_sign_of_health(caplog: pytest.LogCaptureFixture) -> None:
    """Else a server that fails now and then would be asked, waited for and written about all the time."""
    pair = Pair()

    def fail() -> None:
        pair.quick.is_down = True
        pair.spent(NETWORK)
        pair.quick.is_down = False

    pair.quick.meanwhile = fail
    pair.spent(NETWORK)
    pair.quick.asked = 0
    pair.spent(NETWORK)
    assert (pair.quick.asked, len(caplog.records)) == (0, 1)


def test_what_an_outage_has_counted_is_forgotten_with_the_rest() -> None:
    """Else a mailbox whose links were voided could get no other one in the next outage (law L8)."""
    pair = Pair()
    mail = Allowance("mail:m", 1, HOUR)
    pair.spent(mail)
    pair.quick.is_down = True
    assert [pair.spent(mail) for _ in range(2)] == [None, "mail:m"]
    pair.quick.is_down, pair.seconds = False, 10
    assert pair.spent(mail) == "mail:m"
    pair.throttle.forget("mail:m")
    assert pair.spent(mail) is None
    pair.quick.is_down = True
    assert pair.spent(mail) is None


def test_what_is_forgotten_in_an_outage_is_forgotten_when_it_is_over() -> None:
    """And by whoever comes first then, even if the server fails once more in between."""
    pair = Pair()
    mails = [Allowance(f"mail:{name}", 1, HOUR) for name in "abc"]
    for mail in mails:
        pair.spent(mail)
    pair.quick.is_down = True
    for mail in mails:
        pair.throttle.forget(mail.key)
    pair.seconds = 10
    pair.spent(NETWORK)
    pair.quick.is_down, pair.seconds = False, 20
    assert [pair.spent(mail) for mail in mails] == [None] * 3
    assert [pair.spent(mail) for mail in mails] == [mail.key for mail in mails]


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_forgotten_while_one_asks_again_is_forgotten_as_well(fails: bool) -> None:  # noqa: FBT001 - a table
    """And not in the next outage, even if the server fails at just that."""
    pair = Pair()
    mail = Allowance("mail:m", 1, HOUR)
    pair.spent(mail)
    pair.quick.is_down = True
    pair.spent(NETWORK)
    pair.quick.is_down, pair.seconds = False, 10

    def forget() -> None:
        pair.throttle.forget(mail.key)
        if fails:
            pair.quick.meanwhile = fail

    def fail() -> None:
        pair.quick.is_down = True

    pair.quick.meanwhile = forget
    assert pair.spent(NETWORK) is None
    if fails:
        pair.quick.is_down, pair.seconds = False, 20
        pair.spent(NETWORK)
    assert pair.spent(mail) is None
    assert pair.spent(mail) == mail.key


def test_what_is_forgotten_as_the_server_comes_back_is_forgotten_in_the_end() -> None:
    """Whoever was refused a moment before may be overtaken by one who is answered again."""
    pair = Pair()
    mail = Allowance("mail:m", 1, HOUR)
    pair.spent(mail)

    class Overtaking(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "does not do its part" in record.getMessage():
                pair.quick.is_down, pair.seconds = False, 10
                pair.spent(NETWORK)

    log, overtaking = logging.getLogger("offbrand.adapters.fallback_throttle"), Overtaking()
    log.addHandler(overtaking)
    try:
        pair.quick.is_down = True
        pair.throttle.forget(mail.key)
    finally:
        log.removeHandler(overtaking)
    assert pair.spent(mail) is None
    assert pair.spent(mail) == mail.key


def test_what_is_over_is_swept_from_the_sure_one() -> None:
    pair = Pair()
    pair.quick.is_down = True
    pair.spent(NETWORK)
    assert pair.throttle.sweep(AT + HOUR) == 1
