"""Tallies: how races and kills have ended, printed when all tests are over, whichever process ran them."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROPERTY = "tally"


@attrs.frozen
class Tally:
    """What one race is remembered by."""

    race: str
    kind: str
    counts: Mapping[str, int]

    def __str__(self) -> str:
        counts = ", ".join(f"{code} {count}" for code, count in sorted(self.counts.items()))
        return f"{self.race} [{self.kind}]: {counts}"


@contextmanager
def remembered(test: pytest.Item) -> Iterator[list[Tally]]:
    """Lend a list of tallies that is printed in the end."""
    tallies: list[Tally] = []
    yield tallies
    # Properties of a test travel from the process that ran it to the one that reports.
    test.user_properties += [(_PROPERTY, str(tally)) for tally in tallies]


def print_tallies(reporter: pytest.TerminalReporter, title: str) -> None:
    """Print all tallies under *title*, if there are any."""
    reports = itertools.chain.from_iterable(reporter.stats.values())
    over = [report for report in reports if isinstance(report, pytest.TestReport) and report.when == "teardown"]
    told = [str(value) for report in over for name, value in report.user_properties if name == _PROPERTY]
    if told:
        reporter.section(title)
        for line in told:
            reporter.line(line)
