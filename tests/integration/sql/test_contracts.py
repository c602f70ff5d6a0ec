"""The contracts, kept by the unit of work and the throttle in SQL, on each kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.contracts.throttle import ThrottleContract
from offbrand.contracts.unit_of_work import UnitOfWorkContract

if TYPE_CHECKING:
    from sqlalchemy import Engine


class TestSqlUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self, engine: Engine) -> SqlUnitOfWork:
        return SqlUnitOfWork(engine)


class TestSqlThrottle(ThrottleContract):
    @pytest.fixture
    def throttle(self, engine: Engine) -> SqlThrottle:
        return SqlThrottle(engine)
