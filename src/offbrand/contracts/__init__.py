"""
Contracts: what any adapter must do, as test classes to subclass; each has a fixture to override.

    class TestMyThrottle(ThrottleContract):
        @pytest.fixture
        def throttle(self) -> Throttle:
            return MyThrottle()

`offbrand.contracts.machine` does the same for a whole door. Importing this package needs pytest and Hypothesis.
"""

from __future__ import annotations

import pkgutil

import pytest

# A failed assertion then shows its values, as in any test.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
