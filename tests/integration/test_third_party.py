"""The contracts and the machine, kept by an adapter that a stranger might write; and the page that says how."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from offbrand import contracts
from offbrand.adapters import memory
from offbrand.contracts import samples
from offbrand.contracts.library_driver import LibraryDriver
from offbrand.contracts.machine import machine
from offbrand.contracts.stage import ROOMY
from offbrand.contracts.unit_of_work import UnitOfWorkContract
from offbrand.contracts.watchful import WatchfulHasher, WatchfulMailer, WatchfulThrottle
from offbrand.domain.auth import Auth
from offbrand.domain.errors import Unavailable
from tests.third_party.file_unit_of_work import FileUnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.contracts.durability import Reopen

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


class TestFileUnitOfWork(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self, tmp_path: Path) -> FileUnitOfWork:
        return FileUnitOfWork(tmp_path / "offbrand.json")

    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Reopen:
        return lambda: FileUnitOfWork(tmp_path / "offbrand.json")


@contextmanager
def my_door() -> Iterator[LibraryDriver]:
    clock, mailbox = memory.MovableClock(), memory.Mailbox()
    with TemporaryDirectory() as folder:
        unit_of_work = FileUnitOfWork(Path(folder) / "offbrand.json")
        auth = Auth.assemble(
            unit_of_work=unit_of_work,
            hasher=WatchfulHasher(memory.PlainHasher(), unit_of_work.assert_idle),
            tokens=memory.MemoryTokens(clock),
            mailer=WatchfulMailer(mailbox, unit_of_work.assert_idle),
            clock=clock,
            throttle=WatchfulThrottle(memory.MemoryThrottle(), unit_of_work.assert_idle),
            blocklist=memory.listed,
            policy=ROOMY,
        )
        yield LibraryDriver(auth, lambda: mailbox.arrived, clock)


TestMyDoor = machine(my_door)


# What another process does with the file.
_APPEND = """
import sys
from pathlib import Path
from offbrand.contracts.samples import event, store
from tests.third_party.file_unit_of_work import FileUnitOfWork

for step in range(10):
    store(FileUnitOfWork(Path(sys.argv[1])), event(outcome=f"{sys.argv[2]}.{step}"))
"""
_DIE = """
import os, sys
from pathlib import Path
from offbrand.contracts.samples import event
from tests.third_party.file_unit_of_work import FileUnitOfWork

with FileUnitOfWork(Path(sys.argv[1])).writing() as tx:
    tx.events.add(event())
    os._exit(9)
"""


def start(program: str, path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program, str(path), *arguments], cwd=ROOT)  # noqa: S603 - our own


def test_processes_wait_for_one_another(tmp_path: Path) -> None:
    """What threads must not lose (L5), processes must not lose either."""
    path = tmp_path / "offbrand.json"
    assert [process.wait() for process in [start(_APPEND, path, str(number)) for number in range(4)]] == [0] * 4
    with FileUnitOfWork(path).reading() as tx:
        events = tx.events.after(0, 100)
    assert {event.outcome for event in events} == {f"{number}.{step}" for number in range(4) for step in range(10)}
    assert [event.position for event in events] == list(range(1, 41))


def test_a_process_that_dies_leaves_nothing_and_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "offbrand.json"
    kept = samples.event()
    assert start(_DIE, path).wait() == 9
    samples.store(FileUnitOfWork(path), kept)
    with FileUnitOfWork(path).reading() as tx:
        assert [event.id for event in tx.events.after(0, 9)] == [kept.id]


def test_a_folder_that_is_gone_is_no_answer(tmp_path: Path) -> None:
    """What stands behind a port raises nothing of its own (L11)."""
    unit_of_work = FileUnitOfWork(tmp_path / "gone" / "offbrand.json")
    with pytest.raises(Unavailable), unit_of_work.writing():
        pytest.fail("a block was opened over nothing")


def run(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(block, "docs/adapters.md", "exec"), names)  # noqa: S102 - our own text
    return names


TestSqliteThrottle = run(BLOCKS[0])["TestSqliteThrottle"]


def test_the_page_shows_a_failure_as_it_is(tmp_path: Path) -> None:
    """The page says which edit leads to which message."""
    broken = BLOCKS[0].replace("attempts >= allowance.limit", "attempts > allowance.limit")
    names = run(broken)
    with pytest.raises(AssertionError) as failure:
        names["TestSqliteThrottle"]().test_as_many_attempts_are_free_as_allowed(
            names["SqliteThrottle"](tmp_path / "throttle.db")
        )
    first = str(failure.value).splitlines()[0]
    assert f"\nAssertionError: {first}\n" in PAGE


@pytest.mark.parametrize("block", BLOCKS[1:], ids=["contract", "machine"])
def test_the_page_quotes_this_file(block: str) -> None:
    """What it shows of an adapter over a file is what runs here, and it says where all of offbrand's names are."""
    imports, _, code = block.partition("\n\n\n")
    here = Path(__file__).read_text(encoding="utf-8")
    assert code in here
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert imported(imports) == imported(here) & used
    run(imports)


def test_every_path_on_the_page_leads_somewhere() -> None:
    for path in re.findall(r"`(offbrand(?:\.\w+)+)", PAGE):
        pkgutil.resolve_name(path)


def imported(program: str) -> set[str]:
    """Return the names that a program imports from offbrand."""
    lines = (node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.ImportFrom))
    return {alias.name for line in lines if str(line.module).startswith("offbrand") for alias in line.names}


def test_the_page_names_every_contract_fixture_and_law() -> None:
    """A contract that is added, or asks for another fixture, is explained."""
    wanted = set()
    for module in (
        pkgutil.resolve_name(f"{contracts.__name__}.{each.name}") for each in pkgutil.iter_modules(contracts.__path__)
    ):
        wanted |= {f"| {law} |" for law in re.findall(r"\bL\d+\b", inspect.getsource(module))}
        for name, contract in inspect.getmembers(module, inspect.isclass):
            if name.endswith("Contract") and contract.__module__ == module.__name__:
                source = inspect.getsource(contract)
                wanted |= {name, *(f"`{each}`" for each in re.findall(r"@pytest.fixture\n    def (\w+)", source))}
    assert {word for word in wanted if word not in PAGE} == set()
