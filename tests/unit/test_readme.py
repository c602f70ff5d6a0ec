"""README: its Python is Python that works, and its numbers are those of the code."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from offbrand.adapters import memory
from offbrand.domain.letters import LetterKind
from offbrand.domain.policy import Policy

if TYPE_CHECKING:
    from offbrand.domain.policy import Rate

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
    assert not {name for name in names if name not in README.read_text(encoding="utf-8")}


def test_what_is_counted_is_what_the_policy_says() -> None:
    """ASVS 2.1.3 and 6.1.1: the table of limits that people rely on."""
    policy = Policy()
    guesses, mail = policy.guesses, policy.mail
    table = README.read_text(encoding="utf-8").partition("| what | for each |")[2].partition("\n\n")[0]
    numbers = [tuple(map(int, re.findall(r"\d+", row.split("|")[3]))) for row in table.splitlines()[2:]]
    assert {rate.limit for rate in mail.values()} == {5}
    assert numbers == [
        _numbers(guesses.network),
        _numbers(guesses.identifier),
        _numbers(guesses.account),
        (guesses.in_all.limit,),
        (guesses.device.limit,),
        (policy.registrations.narrow.limit,),
        (policy.requests.narrow.limit,),
        (5, *_numbers(mail[LetterKind.PASSWORD_RESET])[1:]),
        (policy.mail_by_account.limit, mail[LetterKind.EMAIL_CHANGE].limit),
    ]
    hourly = [
        policy.registrations.narrow,
        policy.requests.narrow,
        policy.mail_by_account,
        mail[LetterKind.CONFIRMATION],
    ]
    assert {rate.window for rate in hourly} == {timedelta(hours=1)}
    assert guesses.in_all.window is guesses.device.window is None
    pairs = [
        (guesses.network, guesses.wide_network),
        *((r.narrow, r.wide) for r in (policy.registrations, policy.requests)),
    ]
    for narrow, wide in pairs:
        assert (wide.limit, wide.window) == (4 * narrow.limit, narrow.window)
    assert policy.devices_at_most == 5


def _numbers(rate: Rate) -> tuple[int, int]:
    assert rate.window is not None
    return rate.limit, rate.window // timedelta(minutes=1)
