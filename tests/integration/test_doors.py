"""Doors: on every database, every story ends alike through library, pages and commands (law L10)."""

from __future__ import annotations

import shutil
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from offbrand import bootstrap
from offbrand.adapters.sql.engine import make_engine
from offbrand.contracts.library_driver import LibraryDriver
from offbrand.entrypoints.web import create_app
from tests.doors.cli_driver import CliDriver
from tests.doors.deployment import Deployment
from tests.doors.web_driver import WebDriver
from tests.integration.sql.databases import KINDS, empty
from tests.scenarios import STORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from offbrand import Auth
    from offbrand.contracts.driver import Arrived, Driver


class _NoClock:
    def tick(self, **duration: float) -> None:
        msg = f"the machine's clock cannot be moved by {duration}"
        raise NotImplementedError(msg)


class _LibraryDriver(LibraryDriver):
    """Finds its letters where the other doors find theirs."""

    def __init__(self, deployment: Deployment, auth: Auth) -> None:
        super().__init__(auth, tuple, _NoClock())
        self._deployment = deployment

    def letters(self) -> Sequence[Arrived]:
        return self._deployment.letters()


def _library(deployment: Deployment, auth: Auth, folder: Path) -> Driver:
    del folder
    return _LibraryDriver(deployment, auth)


def _web(deployment: Deployment, auth: Auth, folder: Path) -> Driver:
    del folder
    return WebDriver(create_app(auth, deployment.settings), auth, deployment.letters, _NoClock())


def _cli(deployment: Deployment, auth: Auth, folder: Path) -> Driver:
    del auth
    return CliDriver(deployment.environ, folder, deployment.letters, _NoClock())


DOORS = {"library": _library, "web": _web, "cli": _cli}


@pytest.fixture(params=KINDS)
def install(request: pytest.FixtureRequest) -> Callable[[], Deployment]:
    """Return what installs in the current folder, over a database without rows, of each kind in turn."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        return lambda: Deployment.over(f"sqlite:///{shutil.copy(template, Path.cwd())}")
    url = request.getfixturevalue(f"{request.param}_url")

    def install() -> Deployment:
        engine = make_engine(url)
        empty(engine)
        engine.dispose()
        return Deployment.over(url)

    return install


def _told(
    story: Callable[[Driver], list[object]], folder: Path, install: Callable[[], Deployment]
) -> dict[str, list[object]]:
    told = {}
    for door, driver in DOORS.items():
        (folder / door).mkdir()
        with chdir(folder / door):
            deployment = install()
            with bootstrap.connected(deployment.settings) as auth:
                told[door] = story(driver(deployment, auth, folder / door))
    return told


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_l10_every_door_means_the_same(
    story: Callable[[Driver], list[object]], tmp_path: Path, install: Callable[[], Deployment]
) -> None:
    """D60: no rule lives in a page, a form or a command, so a story cannot end otherwise there."""
    told = _told(story, tmp_path, install)

    assert told["library"] == told["web"]
    assert told["library"] == told["cli"]
