"""Mutants are current: what `tests/mutants` wants to change is still there, and so are the tests that must notice."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from offbrand import contracts
from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.planted import MUTANTS
from tests.timing.planted import LEAKS, Leak

CONTRACTS = frozenset(Path(contracts.__path__[0]).glob("*.py"))
LAWS = {f"L{number}" for number in range(1, 12)}


def title_of(mutant: Mutant) -> str:
    return mutant.title


@cache
def defined_in(path: Path) -> frozenset[str]:
    """Return the names of the functions and classes of a module, and of the methods of its classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = [*tree.body, *(member for each in tree.body if isinstance(each, ast.ClassDef) for member in each.body)]
    return frozenset(each.name for each in defined if isinstance(each, ast.FunctionDef | ast.ClassDef))


@pytest.mark.parametrize("mutant", MUTANTS, ids=title_of)
def test_what_a_mutant_changes_is_there_exactly_once(mutant: Mutant) -> None:
    """An edit that moves the text moves the mutant too, or the next one would be planted nowhere."""
    text = (ROOT / "src" / "offbrand" / mutant.path).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
    assert mutant.old != mutant.new


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_what_a_leak_changes_is_there_exactly_once(leak: Leak) -> None:
    """Likewise for what `tests/timing` plants."""
    text = (ROOT / "src" / "offbrand" / leak.file).read_text(encoding="utf-8")
    assert text.count(leak.old) == 1


@pytest.mark.parametrize("mutant", MUTANTS, ids=title_of)
def test_the_tests_that_must_notice_exist(mutant: Mutant) -> None:
    assert mutant.nodes
    for node in mutant.nodes:
        file, *cases, test = node.partition("[")[0].split("::")
        assert defined_in(ROOT / file) >= set(cases or [test])
        # What a contract promises is written where all its adapters share it.
        assert not cases or any(test in defined_in(path) for path in CONTRACTS)


def test_no_two_mutants_are_the_same() -> None:
    assert len({(mutant.path, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)
    assert len({mutant.title for mutant in MUTANTS}) == len(MUTANTS)


def test_every_law_has_mutants() -> None:
    assert {mutant.rule for mutant in MUTANTS} >= LAWS
    assert sum(bool(mutant.rule) for mutant in MUTANTS) >= 20
