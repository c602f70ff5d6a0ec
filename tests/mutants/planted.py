"""Planted: every mutant there is."""

from __future__ import annotations

from tests.mutants.accounts import ACCOUNTS
from tests.mutants.adapters import ADAPTERS
from tests.mutants.doors import DOORS
from tests.mutants.flows import FLOWS
from tests.mutants.sharing import SHARING
from tests.mutants.storage import STORAGE
from tests.mutants.upkeep import UPKEEP

MUTANTS = [*ACCOUNTS, *SHARING, *FLOWS, *UPKEEP, *DOORS, *ADAPTERS, *STORAGE]
