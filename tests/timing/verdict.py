"""
Verdict: whether two kinds of people are answered equally fast, by a permutation test of medians.

Everybody is asked about once in each round, and what is compared is the two answers of one round: a machine that is
busier now than a minute ago is so for both.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

FLOOR = 5.0  # milliseconds that nobody can tell apart through a network
SHARE = 0.05  # of the median, the same for slow answers
CONFIDENCE = 0.95
SHUFFLES = 1000


@attrs.frozen(kw_only=True)
class Verdict:
    """What one kind takes longer than the reference, in milliseconds; ``margin`` is half of the 95 % interval."""

    kind: str
    samples: int
    median: float
    difference: float
    margin: float
    tolerance: float
    is_judged: bool = True

    @property
    def word(self) -> str:
        """``equal`` where the whole interval is tolerable, ``differs`` where it is not and lies beside zero."""
        if abs(self.difference) + self.margin <= self.tolerance:
            return "equal"
        return "differs" if abs(self.difference) > self.margin else "unclear"

    def __str__(self) -> str:
        low, high = self.difference - self.margin, self.difference + self.margin
        word = self.word if self.is_judged else f"{self.word} (reported only)"
        return (
            f"{self.kind:<16}{self.samples:>8}{self.median:>10.2f}{self.difference:>+10.2f}"
            f"  [{low:+.2f}, {high:+.2f}]".ljust(66)
            + f"{self.tolerance:>6.2f}  {word}"
        )


@attrs.frozen(kw_only=True)
class Table:
    """The verdicts about one page."""

    page: str
    reference: str
    verdicts: Sequence[Verdict]

    @property
    def is_equal(self) -> bool:
        """Whether every kind that is judged is answered as fast as the reference."""
        return all(verdict.word == "equal" for verdict in self.verdicts if verdict.is_judged)

    def word_for(self, kind: str) -> str:
        """Return the verdict about *kind* in one word."""
        return next(verdict.word for verdict in self.verdicts if verdict.kind == kind)

    def __str__(self) -> str:
        columns = f"{'kind':<16}{'samples':>8}{'median':>10}{'differs':>10}  {'95 % interval':<20}{'may':>8}  verdict"
        title = f"{self.page}: milliseconds, compared with {self.reference}"
        return "\n".join([title, columns, *map(str, self.verdicts)])


def judge(page: str, times: Mapping[str, Sequence[float]], random: Random, *, reported: Sequence[str] = ()) -> Table:
    """Compare every kind with the first, round by round; on those *reported* nothing depends."""
    reference, *others = times
    tolerance = max(FLOOR, SHARE * median(times[reference]))
    verdicts = []
    for kind in others:
        differences = [time - expected for expected, time in zip(times[reference], times[kind], strict=True)]
        verdicts.append(
            Verdict(
                kind=kind,
                samples=len(differences),
                median=median(times[kind]),
                difference=median(differences),
                margin=margin_of(differences, random),
                tolerance=tolerance,
                is_judged=kind not in reported,
            )
        )
    return Table(page=page, reference=f"{reference} ({median(times[reference]):.2f})", verdicts=verdicts)


def margin_of(differences: Sequence[float], random: Random) -> float:
    """Return how far from its true value the median of *differences* stays, in 95 of 100 cases, by chance alone."""
    middle = median(differences)
    # Were there nothing but chance, the two of a round could as well have changed places.
    rest = [difference - middle for difference in differences]
    by_chance = sorted(abs(median(random.choice((one, -one)) for one in rest)) for _ in range(SHUFFLES))
    return by_chance[round(CONFIDENCE * SHUFFLES) - 1]
