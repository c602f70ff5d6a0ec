"""The contracts, kept by every port in memory."""

from __future__ import annotations

import pytest

from offbrand.adapters.memory import MovableClock, MemoryUnitOfWork
from offbrand.contracts.unit_of_work import UnitOfWorkContract


class TestMemoryUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(MovableClock())
