"""Planted early returns are noticed by the same measurement; otherwise it would prove nothing."""

from __future__ import annotations

import shutil
from random import Random
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.timing.asking import LOGIN
from tests.timing.conftest import TABLES, served
from tests.timing.planted import LEAKS, ROOT, Leak
from tests.timing.verdict import judge

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = 100


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_an_early_return_is_noticed(leak: Leak, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    source = shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    leak.apply(source)
    page = attrs.evolve(LOGIN, kinds=("wrong password", leak.kind))
    with served(tmp_path, request.config.stash[TABLES], PYTHONPATH=str(source)) as server:
        table = server.judged(page, SAMPLES)
    assert table.word_for(leak.kind) == "differs"


def samples_around(middle: float, random: Random) -> list[float]:
    return [random.gauss(middle, 4.0) for _ in range(400)]


@pytest.mark.parametrize(
    ("middle", "word"), [(30.0, "equal"), (32.0, "equal"), (40.0, "differs"), (20.0, "differs"), (3.0, "differs")]
)
def test_samples_of_known_origin_get_the_right_verdict(middle: float, word: str) -> None:
    random = Random(20)  # noqa: S311 - the same samples each time
    times = {"one": samples_around(30.0, random), "other": samples_around(middle, random)}
    assert judge("made up", times, random).word_for("other") == word


def test_few_and_wild_samples_are_no_proof_of_silence() -> None:
    random = Random(20)  # noqa: S311 - as above
    times = {name: [random.gauss(30.0, 40.0) for _ in range(20)] for name in ("one", "other")}
    assert judge("made up", times, random).word_for("other") == "unclear"
