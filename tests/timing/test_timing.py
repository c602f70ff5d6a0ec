"""
Timing: how long an answer takes tells nobody whether an address has an account (law L4).

400 samples of each kind, interleaved at random, after 50 to warm up; it passes when the 95 % interval of what a kind
takes longer lies within 5 ms, or 5 % of the median if that is more. What fails is tried once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from tests.timing.asking import EMAIL_CHANGE, LOGIN, REGISTRATION, RESEND, RESET

if TYPE_CHECKING:
    from tests.timing.asking import Page
    from tests.timing.conftest import Served


@pytest.mark.parametrize("page", [LOGIN, REGISTRATION, RESET, RESEND, EMAIL_CHANGE], ids=lambda page: page.name)
def test_enu_02_nobody_learns_from_the_clock(page: Page, server: Served, samples: int) -> None:
    """ENU-02, ENU-04, ENU-06, ENU-08."""
    assert any(server.judged(page, samples).is_equal for _ in range(2))


def test_enu_02_nobody_learns_from_the_clock_while_others_ask(server: Served, samples: int) -> None:
    """Eight clients at once stand in the hasher's line and wait for the database. Fewer kinds, to save time."""
    page = attrs.evolve(LOGIN, kinds=("wrong password", "unknown", "pending", "throttled"))
    assert any(server.judged(page, samples, clients=8).is_equal for _ in range(2))
