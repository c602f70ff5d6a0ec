"""The contracts, kept by the unit of work and the throttle in SQL, on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.contracts.throttle import ThrottleContract
from offbrand.contracts.unit_of_work import UnitOfWorkContract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from offbrand.contracts.durability import Reopen


class TestSqlUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self, engine: Engine) -> SqlUnitOfWork:
        return SqlUnitOfWork(engine)

    @pytest.fixture
    def reopen(self, engine: Engine, url: str) -> Iterator[Reopen]:
        other = make_engine(url)

        def reopen() -> SqlUnitOfWork:
            engine.dispose()  # every connection is closed, as when the process ends
            return SqlUnitOfWork(other)

        yield reopen
        other.dispose()


class TestSqlThrottle(ThrottleContract):
    @pytest.fixture
    def throttle(self, engine: Engine) -> SqlThrottle:
        return SqlThrottle(engine)
