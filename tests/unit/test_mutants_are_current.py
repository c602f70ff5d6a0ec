"""Mutants are current: what `tests/mutants` wants to change is still there, and so are the tests that must notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from offbrand import contracts
from tests.mutants.planted import MUTANTS, ROOT, Mutant

CONTRACTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(contracts.__path__[0]).glob("*.py")))


def name_of(mutant: Mutant) -> str:
    return f"{mutant.adapter}: {mutant.name}"


@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_what_a_mutant_changes_is_there_exactly_once(mutant: Mutant) -> None:
    """An edit that moves the text moves the mutant too, or the next one would be planted nowhere."""
    text = (ROOT / "src" / mutant.path).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
    assert mutant.old != mutant.new


@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_the_tests_that_must_notice_exist(mutant: Mutant) -> None:
    assert mutant.tests
    for node in mutant.nodes:
        file, case, test = node.split("::")
        assert f"class {case}(" in (ROOT / file).read_text(encoding="utf-8")
        assert f"def {test}(" in CONTRACTS


def test_no_two_mutants_are_the_same() -> None:
    assert len({(mutant.path, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS) >= 12
