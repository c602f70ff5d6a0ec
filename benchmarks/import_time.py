"""
Import time: what ``import offbrand`` costs beside ``import flask``, both net of the interpreter's own start.

Run it with an interpreter that has both: ``python benchmarks/import_time.py``. The three starts are taken in turn, so
that a noisy machine is noisy for all of them; the median of the ratios is the figure to quote.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 21


def seconds(statement: str) -> float:
    """Return how long an interpreter lives that does only this."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)  # noqa: S603 - three statements of our own
    return time.perf_counter() - began


def ratio() -> float:
    """Return the net cost of ``import offbrand`` as a part of that of ``import flask``."""
    start, ours, theirs = (seconds(statement) for statement in ("pass", "import offbrand", "import flask"))
    return (ours - start) / (theirs - start)


if __name__ == "__main__":
    ratio()  # leaves compiled files behind for those that count
    ratios = sorted(ratio() for _ in range(ROUNDS))
    sys.stdout.write(f"offbrand / flask: median {statistics.median(ratios):.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f}\n")
