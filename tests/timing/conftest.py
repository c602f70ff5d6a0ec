"""What timing tests share: a real server that hashes at a price, and the tables that are printed in the end."""

from __future__ import annotations

import os
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.settings import Settings
from tests.integration.cli.server import Server
from tests.integration.cli.terminal import Terminal
from tests.timing.asking import Page, measure
from tests.timing.crowd import Crowd
from tests.timing.verdict import Table, judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = pytest.StashKey[list[Table]]()
# The least that OWASP ASVS 5.0 allows (appendix C): dear enough to be seen, cheap enough to be paid thousands of times.
_COST = {"OFFBRAND_HASH_MEMORY_KIB": "19456", "OFFBRAND_HASH_PASSES": "2", "OFFBRAND_HASH_LANES": "1"}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if tables := terminalreporter.config.stash[TABLES]:
        terminalreporter.section("how long answers took")
        for table in tables:
            terminalreporter.line(str(table))
            terminalreporter.line("")


@attrs.frozen(kw_only=True)
class Served:
    """A server, who lives behind it, and where tables are kept."""

    port: int
    crowd: Crowd
    random: Random
    tables: list[Table]

    def judged(self, page: Page, samples: int, clients: int = 1) -> Table:
        """Ask, judge, and keep the table."""
        times = measure(page, self.crowd, self.port, self.random, samples=samples, clients=clients)
        title = page.name if clients == 1 else f"{page.name}, {clients} clients at once"
        # A hash of former parameters takes its own time until its owner logs in again.
        table = judge(title, times, self.random, reported=["old parameters"])
        self.tables.append(table)
        return table


@contextmanager
def served(folder: Path, tables: list[Table], **environ: str) -> Iterator[Served]:
    """Serve from *folder* as a program of its own until the block ends."""
    # Two slots, and so ten places for eight clients, however many cores there are.
    terminal = Terminal.at(folder).but(**_COST, OFFBRAND_HASH_SLOTS="2", OFFBRAND_TRUSTED_PROXIES="1", **environ)
    with Server(terminal, "serve", "--port", "0") as server:
        port = int(server.remarks().rstrip(".").rpartition(":")[2])
        crowd = Crowd.behind(Settings.from_env(terminal.environ))
        yield Served(port=port, crowd=crowd, random=Random(20), tables=tables)  # noqa: S311 - the same order each time


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve, once for all pages."""
    with served(tmp_path_factory.mktemp("timing"), request.config.stash[TABLES]) as server:
        yield server


@pytest.fixture(scope="session")
def samples() -> int:
    """Return how often each kind is asked about; fewer are for trying the tests out."""
    return int(os.environ.get("OFFBRAND_TEST_SAMPLES", "400"))
