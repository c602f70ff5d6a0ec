"""The import contracts of pyproject.toml: the tree keeps them, and each of them catches its sins."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import attrs
import grimp
import pytest

CHECKOUT = Path(__file__).parents[2]
PYPROJECT = CHECKOUT / "pyproject.toml"
CONTRACTS = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]


@attrs.frozen
class Sin:
    """An import that *contract* forbids; an importer that does not exist is made up, *report* is what betrays it."""

    contract: str
    importer: str
    imported: str
    report: str = attrs.field()

    @report.default
    def _chain(self) -> str:
        return f"{self.importer} -> {self.imported} ("

    def plant(self, parent: Path) -> None:
        """Commit the sin in the copy of the package that lies in *parent*."""
        module = parent.joinpath(*self.importer.split(".")).with_suffix(".py")
        with module.open("a") as file:
            file.write(f"\nimport {self.imported}\n")


SINS = [
    Sin("hexagon", "offbrand.settings.planted", "offbrand.entrypoints.failures"),
    Sin("hexagon", "offbrand.contracts.planted", "offbrand.adapters.sql"),
    Sin("hexagon", "offbrand.utils", "enum", report="- offbrand.utils\n"),
    Sin("domain", "offbrand.domain.ports", "offbrand.domain.services.login"),
    Sin("domain", "offbrand.domain.utils", "enum", report="- offbrand.domain.utils\n"),
    Sin("flows", "offbrand.domain.services.registration", "offbrand.domain.services.login"),
    Sin("adapters", "offbrand.adapters.system_clock", "offbrand.adapters.argon2_hasher"),
    Sin("doors", "offbrand.entrypoints.cli.planted", "offbrand.entrypoints.web"),
    Sin("pure", "offbrand.domain.account", "sqlalchemy"),
    Sin("pure", "offbrand.domain.account", "time"),
    Sin("thin", "offbrand.entrypoints.web.planted", "offbrand.adapters.sql"),
    Sin("fakes", "offbrand.bootstrap", "offbrand.adapters.memory"),
    Sin("optional", "offbrand.bootstrap", "offbrand.adapters.sql.procrastinate_handover"),
    Sin("judges", "offbrand.contracts.planted", "sqlalchemy"),
    Sin("untested", "offbrand.settings.planted", "pytest"),
    Sin("acyclic", "offbrand.contracts.one", "offbrand.contracts.two", report="in offbrand.contracts.\n"),
    Sin("acyclic", "offbrand.contracts.two", "offbrand.contracts.one", report="in offbrand.contracts.\n"),
]


def lint(parent: Path) -> subprocess.CompletedProcess[str]:
    """Check the copy of the package that lies in *parent*."""
    return subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [Path(sys.executable).with_name("lint-imports"), "--config", PYPROJECT, "--no-cache", "--no-logo"],
        cwd=parent,
        env={**os.environ, "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what each broken contract reports of a copy in which all sins were planted."""
    parent = tmp_path_factory.mktemp("sins")
    shutil.copytree(CHECKOUT / "src" / "offbrand", parent / "offbrand", ignore=shutil.ignore_patterns("__pycache__"))
    for sin in SINS:
        sin.plant(parent)
    details = lint(parent).stdout.partition("Broken contracts")[2]
    ids = {contract["name"]: contract["id"] for contract in CONTRACTS}
    _, *sections = re.split(rf"^({'|'.join(map(re.escape, ids))})$", details, flags=re.MULTILINE)
    return {ids[name]: report for name, report in zip(sections[::2], sections[1::2], strict=True)}


def test_the_tree_keeps_every_contract() -> None:
    linted = lint(CHECKOUT / "src")
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("sin", SINS, ids=lambda sin: f"{sin.contract}: {sin.importer} imports {sin.imported}")
def test_a_contract_catches(sin: Sin, reports: dict[str, str]) -> None:
    assert sin.report in reports.get(sin.contract, "")


def test_every_contract_has_been_seen_to_break() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {sin.contract for sin in SINS}


def test_the_domain_needs_attrs_alone() -> None:
    graph = grimp.build_graph("offbrand", include_external_packages=True, cache_dir=None)
    domain = {"offbrand.domain", *graph.find_descendants("offbrand.domain")}
    imported = {name for module in domain for name in graph.find_modules_directly_imported_by(module)}
    assert {"attrs"} == imported - domain - sys.stdlib_module_names
