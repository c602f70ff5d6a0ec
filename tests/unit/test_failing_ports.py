"""L11: failure closes; whatever a flow depends on fails, it denies, and nothing of the change is left."""

from __future__ import annotations

from typing import NoReturn

import pytest

from tests.unit.house import Broken
from tests.unit.stage import FLOWS, stage, stored

LETTING_IN = ("register", "confirm", "confirm anew", "log in", "fail to log in", "prove", "reset", "change password")


class Failing:
    """Any port, or a function in the place of one, that fails whatever it is asked."""

    was_asked = False

    def __getattr__(self, name: str) -> Failing:
        return self

    def __call__(self, *_: object, **__: object) -> NoReturn:
        self.was_asked = True
        raise Broken


@pytest.mark.parametrize(
    ("port", "asked"),
    [("unit_of_work", 8), ("clock", 8), ("throttle", 8), ("hasher", 8), ("tokens", 8), ("blocklist", 4)],
)
def test_l11_what_fails_denies_and_leaves_nothing_of_the_change(port: str, asked: int) -> None:
    """Above all a throttle that does not count: what cannot be counted is not answered, least of all by yes."""
    by = []
    for name in LETTING_IN:
        at, failing = stage(), Failing()
        before = stored(at.house)
        at.house.auth = at.house.assemble(**{port: failing})
        try:
            FLOWS[name](at)
        except Broken:
            assert stored(at.house) == before
            by.append(name)
        else:
            assert not failing.was_asked, name
    assert len(by) == asked
