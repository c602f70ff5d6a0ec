"""Mutants: each planted bug is noticed by the tests that are named with it, and for the right reason."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.mutants.planted import MUTANTS, ROOT, Mutant

if TYPE_CHECKING:
    from pathlib import Path

# A test that noticed says what it found; one that merely broke down ends with the name of some other exception.
_NOTICED = re.compile(r"^FAILED (?P<node>[^\[ ]+).* - (?:AssertionError|assert |Failed: DID NOT RAISE)", re.MULTILINE)
_SQLITE_ALONE = "not postgresql and not mariadb"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Copy ``src``, for one bug to be planted in it."""
    return shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))


def run(source: Path, *nodes: str) -> subprocess.CompletedProcess[str]:
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
        timeout=120,
    )


def test_without_a_bug_every_named_test_passes(source: Path) -> None:
    """Otherwise a failure would say nothing about the bug."""
    ended = run(source, *sorted({node for mutant in MUTANTS for node in mutant.nodes}))
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.adapter}: {mutant.name}")
def test_a_planted_bug_is_noticed(source: Path, mutant: Mutant) -> None:
    """Each named test fails, and by what it asserts."""
    mutant.apply(source)
    ended = run(source, *mutant.nodes)
    report = ended.stdout + ended.stderr
    assert ended.returncode == 1, report
    noticed = {match["node"] for match in _NOTICED.finditer(ended.stdout)}
    assert noticed == set(mutant.nodes), report
