"""Doors: every story ends alike through the library, the pages and the commands (law L10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand import bootstrap
from offbrand.contracts.library_driver import LibraryDriver
from offbrand.entrypoints.web import create_app
from tests.doors.cli_driver import CliDriver
from tests.doors.deployment import Deployment
from tests.doors.web_driver import WebDriver
from tests.scenarios import STORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

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
    return CliDriver(deployment, folder)


DOORS = {"library": _library, "web": _web, "cli": _cli}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    Deployment.in_folder(folder)
    return folder / "offbrand.db"


def _told(story: Callable[[Driver], list[object]], folder: Path, template: Path) -> dict[str, list[object]]:
    told = {}
    for door, driver in DOORS.items():
        (folder / door).mkdir()
        deployment = Deployment.in_folder(folder / door, template)
        with bootstrap.connected(deployment.settings) as auth:
            told[door] = story(driver(deployment, auth, folder / door))
    return told


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_l10_every_door_means_the_same(story: Callable[[Driver], list[object]], tmp_path: Path, template: Path) -> None:
    """D60: no rule lives in a page, a form or a command, so a story cannot end otherwise there."""
    told = _told(story, tmp_path, template)

    assert told["library"] == told["web"]
    assert told["library"] == told["cli"]
