"""Crowd: many threads that do something at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")


def at_once(count: int, work: Callable[[int], _Result]) -> list[_Result | Exception]:
    """Let *count* threads call *work* with their numbers at once; return what they returned or raised."""
    barrier = threading.Barrier(count)

    def join_in(number: int) -> _Result | Exception:
        barrier.wait()
        try:
            return work(number)
        except Exception as error:  # noqa: BLE001 - what a thread raised is what the caller asks about
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(join_in, range(count)))


def kinds(results: list[_Result | Exception]) -> dict[str, int]:
    """Return how many threads ended how: ``ok``, or the name of what they raised."""
    names = [type(result).__name__ if isinstance(result, Exception) else "ok" for result in results]
    return {name: names.count(name) for name in sorted(set(names))}
