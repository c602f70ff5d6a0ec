"""README: its Python is Python that works."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from offbrand.adapters import memory

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def imports_of(tree: ast.Module) -> list[ast.ImportFrom]:
    return [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]


def is_installed(node: ast.ImportFrom) -> bool:
    return importlib.util.find_spec(str(node.module).partition(".")[0]) is not None


def test_there_is_something_to_test() -> None:
    assert len(BLOCKS) >= 2


def test_the_first_example_runs_as_it_stands() -> None:
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[0], str(README), "exec"), names)  # noqa: S102 - our own text
    assert names["auth"].login.account_of(names["opened"].session).email == names["ada"]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_name_of_offbrand_in_an_example_exists(block: str) -> None:
    """Also where the example needs a framework that is not installed here."""
    tree = ast.parse(block)
    known: dict[str, Any] = {"auth": memory.auth()[0]}
    for node in filter(is_installed, imports_of(tree)):
        module = importlib.import_module(str(node.module))
        for alias in node.names:
            if not hasattr(module, alias.name):
                importlib.import_module(f"{node.module}.{alias.name}")
            known[alias.asname or alias.name] = getattr(module, alias.name)
    for chain in ast.walk(tree):
        words = _words(chain)
        if words and words[0] in known:
            found = known[words[0]]
            for word in words[1:]:
                found = getattr(found, word)


def _words(node: ast.AST) -> list[str]:
    """Return ``auth.login.log_in`` as a list; nothing for what is no such chain of names."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (words := _words(node.value)):
        return [*words, node.attr]
    return []


def test_every_setting_is_in_the_table() -> None:
    """A misspelt one is refused, so somebody must be able to look its name up."""
    code = "".join(path.read_text(encoding="utf-8") for path in (README.parent / "src/offbrand/settings").glob("*.py"))
    names = set(re.findall(r'read\.[a-z]+\("([A-Z_]+)"', code)) | set(re.findall(r'"([A-Z_]+_LIFETIME)"', code))
    assert len(names) > 20
    assert not {name for name in names - {"THROTTLE_URL"} if name not in README.read_text(encoding="utf-8")}
