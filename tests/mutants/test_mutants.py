"""Mutants: each planted bug is noticed by the tests that are named with it, and for the right reason."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.planted import MUTANTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Ended = subprocess.CompletedProcess[str]

# A test that noticed says what it found; one that merely broke down ends with the name of some other exception.
_NOTICED = re.compile(r"^FAILED (?P<node>[^\[ ]+).* - (?:AssertionError|assert |Failed: )", re.MULTILINE)
_SQLITE_ALONE = "not postgresql and not mariadb"


def copy_of_src(folder: Path) -> Path:
    """Copy ``src``, for one bug to be planted in it."""
    return shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))


def run(source: Path, *nodes: str) -> Ended:
    """Run the tests on the copy, in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(source.parent / "hypothesis"),
        "COLUMNS": "400",  # a line of the summary is cut where the terminal ends
    }
    options = ("-q", "--tb=no", "-p", "no:cacheprovider", "-k", _SQLITE_ALONE)
    return subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-m", "pytest", *options, *nodes],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def ends(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Ended]]]:
    """Start what the chosen mutants need, as many at once as there are cores: most of a run is waiting for Python."""
    # Made here, as pytest's own folders are not for threads.
    folder = tmp_path_factory.mktemp("mutants")

    def end(number: int, mutant: Mutant) -> Ended:
        source = copy_of_src(folder / str(number))
        mutant.apply(source)
        return run(source, *mutant.nodes)

    chosen = {item.name for item in request.session.items}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            mutant.title: pool.submit(end, number, mutant)
            for number, mutant in enumerate(MUTANTS)
            if f"{test_a_planted_bug_is_noticed.__name__}[{mutant.title}]" in chosen
        }
        pool.shutdown(cancel_futures=True)


@pytest.mark.usefixtures("ends")
def test_without_a_bug_every_named_test_passes(tmp_path: Path) -> None:
    """Otherwise a failure would say nothing about the bug."""
    ended = run(copy_of_src(tmp_path), *sorted({node for mutant in MUTANTS for node in mutant.nodes}))
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.title)
def test_a_planted_bug_is_noticed(mutant: Mutant, ends: dict[str, Future[Ended]]) -> None:
    """Each named test fails, and by what it asserts."""
    ended = ends[mutant.title].result()
    report = ended.stdout + ended.stderr
    assert ended.returncode == 1, report
    noticed = {match["node"] for match in _NOTICED.finditer(ended.stdout)}
    assert noticed == {node.partition("[")[0] for node in mutant.nodes}, report
