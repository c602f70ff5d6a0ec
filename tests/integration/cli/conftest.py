"""What tests of the command line share: a database that was migrated once, copied for each."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a migrated database and its key."""
    folder = tmp_path_factory.mktemp("template")
    Terminal.at(folder).do("db", "upgrade")
    return folder


@pytest.fixture(scope="session")
def inhabited(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which Ada has joined and is logged in."""
    folder = tmp_path_factory.mktemp("inhabited")
    shutil.copytree(template, folder, dirs_exist_ok=True)
    Terminal.at(folder).join()
    return folder


@pytest.fixture
def terminal(template: Path, tmp_path: Path) -> Terminal:
    """Return a terminal over an empty database."""
    return _copied(template, tmp_path)


@pytest.fixture
def ada(inhabited: Path, tmp_path: Path) -> Terminal:
    """Return Ada's terminal, which is logged in."""
    return _copied(inhabited, tmp_path)


def _copied(original: Path, folder: Path) -> Terminal:
    shutil.copytree(original, folder, dirs_exist_ok=True)
    return Terminal.at(folder)
