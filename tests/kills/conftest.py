"""What kills share: a place of each kind where they happen, and the counts that are printed in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.sql.databases import KINDS, migrated_engine
from tests.kills.place import Place
from tests.kills.post import delivered_to
from tests.tallies import print_tallies, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tallies import Tally


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    print_tallies(terminalreporter, "kills, and what they left behind")


@pytest.fixture
def tallies(request: pytest.FixtureRequest) -> Iterator[list[Tally]]:
    """Lend where counts are kept until they are printed."""
    with remembered(request.node) as tallies:
        yield tallies


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Lend an empty database of each kind in turn, and a post."""
    with migrated_engine(request.param, tmp_path) as engine, delivered_to() as post:
        yield Place.at(tmp_path, engine, post)
    assert post.defects == []
