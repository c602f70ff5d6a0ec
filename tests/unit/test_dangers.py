"""Dangers: what no module of ours uses, so that nothing of what visitors say can end in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parents[2] / "src" / "offbrand"
MODULES = {path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}
SCRIPTS = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.js")]
# What starts programs, what makes objects of text, what fetches addresses, and what only looks like chance.
NEVER_IMPORTED = {
    *("subprocess", "multiprocessing", "ctypes", "code", "pty"),
    *("pickle", "marshal", "shelve", "copyreg", "xml", "yaml"),
    *("urllib.request", "http.client", "ftplib", "requests", "httpx", "aiohttp"),
    *("random", "crypt"),
}
NEVER_CALLED = re.compile(r"(eval|exec|compile|__import__|os\.(system|popen|exec\w*|spawn\w*|posix_spawn\w*))")
SOUND_HASHES = {"sha256", "blake2b"}
TAKE_PATTERNS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
NEVER_IN_SCRIPTS = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "setTimeout("),
    *("localStorage", "sessionStorage", "indexedDB", "document.cookie"),
    *("__proto__", "prototype", "Object.assign", "JSON.parse", "fetch(", "XMLHttpRequest", "postMessage", '"message"'),
)


def imports_and_calls(source: str) -> Iterator[str]:
    """Return what *source* imports and calls of all this."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_never_imported(alias.name))
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (name for name in names if _is_never_imported(name))
        if isinstance(node, ast.Call) and NEVER_CALLED.fullmatch(ast.unparse(node.func)):
            yield ast.unparse(node.func)


def hashes(source: str) -> Iterator[str]:
    """Return the hash functions that *source* names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "hashlib":
            yield node.attr
        if isinstance(node, ast.ImportFrom) and node.module == "hashlib":
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.Constant) and re.fullmatch(r"md\d|sha-?\d+|blake\w+", str(node.value), re.IGNORECASE):
            yield str(node.value)


def made_patterns(source: str) -> Iterator[str]:
    """Return the regular expressions of *source* that are no plain text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKE_PATTERNS:
            is_made = node.args and not isinstance(node.args[0], ast.Constant)
            if ast.unparse(node.func.value) == "re" and is_made:
                yield ast.unparse(node)


def _is_never_imported(name: str) -> bool:
    return any(name == never or name.startswith(f"{never}.") for never in NEVER_IMPORTED)


def test_no_module_runs_loads_or_fetches_what_it_should_not() -> None:
    """ASVS 1.2.5, 1.3.2, 1.5.2, 11.5.1 and 13.2.4."""
    assert {name: found for name, text in MODULES.items() if (found := [*imports_and_calls(text)])} == {}


def test_no_hash_function_is_a_broken_one() -> None:
    """ASVS 11.4.1 and 11.4.3."""
    found = {name for text in MODULES.values() for name in hashes(text)}
    assert "sha256" in found
    assert not found - SOUND_HASHES


def test_regular_expressions_are_written_down_and_not_made_of_input() -> None:
    """ASVS 1.2.9: the one that is no plain text comes from a table in its own module."""
    found = {name: made for name, text in MODULES.items() if (made := [*made_patterns(text)])}
    assert found == {"entrypoints/web/wording.py": ["re.search(pattern, text)"]}


def test_our_script_makes_no_markup_of_text() -> None:
    """ASVS 3.2.2, 14.3.3 and 15.3.6: and it keeps nothing, asks nobody and copies no keys."""
    assert SCRIPTS
    assert not [danger for danger in NEVER_IN_SCRIPTS for script in SCRIPTS if danger in script]


@pytest.mark.parametrize(
    ("source", "search"),
    [
        ("import subprocess", imports_and_calls),
        ("import xml.sax", imports_and_calls),
        ("from urllib import request", imports_and_calls),
        ("from random import choice", imports_and_calls),
        ("def f(x):\n    return eval(x)", imports_and_calls),
        ("import os\nos.system('ls')", imports_and_calls),
        ("import hashlib\nhashlib.md5()", hashes),
        ("from hashlib import sha1", hashes),
        ("import hmac\nhmac.digest(b'', b'', 'sha1')", hashes),
        ("import re\nre.compile(f'{name}*')", made_patterns),
        ("import re\nre.search('a' + name, text)", made_patterns),
    ],
)
def test_dangers_are_found(source: str, search: object) -> None:
    assert callable(search)
    assert set(search(source)) - SOUND_HASHES
