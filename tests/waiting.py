"""Waiting: for another thread or process, which a test cannot ask to hurry."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30  # seconds, for a machine that is busy; never waited for when all is well
_GLANCE = 0.02  # seconds between two looks


def until(is_so: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait until *is_so* says so; whoever could not look for so long has one more look."""
    deadline = time.monotonic() + patience
    is_over = False
    while not is_so():
        assert not is_over
        threading.Event().wait(_GLANCE)
        is_over = time.monotonic() >= deadline
