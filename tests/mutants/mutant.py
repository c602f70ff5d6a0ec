"""Mutant: what one careless edit could do, and which tests must notice."""

from __future__ import annotations

from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]


@attrs.frozen(kw_only=True)
class Mutant:
    """
    One bug: in the module at *path*, below ``offbrand``, *old* becomes *new*, and each test of *nodes* fails.

    *nodes* are named as pytest names them, with a parameter only where all of them would take long. *rule* is the id of
    the law that the bug breaks, or of the defect that it brings back; what breaks the contract of a port has none.
    """

    path: str
    name: str
    old: str
    new: str
    nodes: tuple[str, ...]
    rule: str = ""

    @property
    def title(self) -> str:
        """What the bug is called in the list of tests."""
        return " ".join(filter(None, (f"{self.path}:", self.rule, self.name)))

    def apply(self, source: Path) -> None:
        """Plant the bug in a copy of ``src``."""
        file = source / "offbrand" / self.path
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(self.old, self.new), encoding="utf-8")


def breaks(  # noqa: PLR0913, PLR0917 - a row of a table
    rule: str, path: str, name: str, old: str, new: str, file: str, *tests: str
) -> Mutant:
    """Return a bug that breaks *rule*, to be noticed by *tests* of one *file* below ``tests``."""
    nodes = tuple(f"tests/{file}::{test}" for test in tests)
    return Mutant(rule=rule, path=path, name=name, old=old, new=new, nodes=nodes)
