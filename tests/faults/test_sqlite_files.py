"""A SQLite file that is full, read-only, broken or missing: no success without stored state, and no restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.tables import accounts, events, letters, sessions
from tests.faults.proxy import HOST
from tests.faults.site import PASSWORD, Site, credentials, opened
from tests.integration.cli.terminal import Terminal, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.browser import Answer
    from tests.faults.conftest import Log

NETWORK = f"network:{HOST}"
WRONG = "wrong, wrong and wrong"
# More pages than any disk has.
_ROOMY = 2**30
_TABLES = (accounts, sessions, events, letters)


@attrs.define
class Disk:
    """What the file lies on, as every connection meets it."""

    is_full: bool = False
    is_read_only: bool = False

    def meet(self, connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - SQLAlchemy's hook
        # Below what the file has already, SQLite takes that instead.
        connection.execute(f"PRAGMA max_page_count = {1 if self.is_full else _ROOMY}")

    def mount(self, _dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> None:
        if self.is_read_only:
            arguments[0], options["uri"] = f"file:{arguments[0]}?mode=ro", True


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def site(file: Path, disk: Disk, tmp_path: Path) -> Iterator[Site]:
    """Serve pages over a file on that disk."""
    engine = make_engine(f"sqlite:///{file}")
    sa.event.listen(engine, "checkout", disk.meet)
    sa.event.listen(engine, "do_connect", disk.mount)
    with opened(engine, tmp_path) as site:
        yield site


def rows(site: Site) -> tuple[int, ...]:
    """Return how many accounts, sessions, events and letters are stored."""
    with site.engine.connect() as connection:
        return tuple(
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in _TABLES
        )


def forms(site: Site) -> dict[str, tuple[Callable[[int], Answer], int, tuple[int, ...]]]:
    """Return ways to send each form, its status if all is well, and which rows must have been stored then."""
    ada, stranger = site.settle(), site.at_login()
    new = {"password": PASSWORD, "password2": PASSWORD}
    return {
        "register": (
            lambda number: stranger.send(
                "/auth/register", email=f"n{number}@example.org", username=f"n{number}", **new
            ),
            303,
            (1, 0, 1, 1),
        ),
        # Afresh each time, as who has logged in is no stranger any more.
        "login": (lambda _: site.at_login().send("/auth/login", **credentials(ada)), 303, (0, 1, 1, 1)),
        "guess": (
            lambda number: stranger.send("/auth/login", identifier=f"n{number}@example.org", password=WRONG),
            401,
            (0, 0, 1, 0),
        ),
    }


def test_flt_05_on_a_full_disk_nothing_succeeds_that_is_not_stored(site: Site, disk: Disk, log: Log) -> None:
    """FLT-05, L5, L11: what still fits is done whole, and the rest is refused, the count of a guess included."""
    for name, (send, status, stored) in forms(site).items():
        disk.is_full = True
        refused = 0
        for number in range(100):
            before, counted = rows(site), site.attempts(NETWORK)
            answer = send(number)
            gained = tuple(after - earlier for after, earlier in zip(rows(site), before, strict=True))
            if answer.is_refusal:
                refused += 1
                assert (gained, len(log.new())) == ((0, 0, 0, 0), 1), name
            else:
                assert (answer.status, gained) == (status, stored), name
                assert name == "register" or site.attempts(NETWORK) == counted + 1
            if refused == 3:
                break
        assert refused == 3, name
        disk.is_full = False
        assert send(200).status == status, name
    assert log.new() == []


def test_flt_05_a_file_that_only_reads_lets_nobody_in_and_nobody_believe(site: Site, disk: Disk, log: Log) -> None:
    """FLT-05: who is logged in may go on reading, and is not told to be logged out."""
    ada = site.settle()
    member, stranger = site.member(ada), site.at_login()
    before = rows(site), site.attempts(NETWORK)
    disk.is_read_only = True
    site.engine.dispose()
    asked = [
        stranger.send("/auth/login", **credentials(ada)),
        stranger.send("/auth/login", **credentials(ada, WRONG)),
        stranger.send("/auth/reset", email=str(ada.email)),
        member.send("/auth/logout"),
        member.send("/auth/sessions/end-others"),
    ]
    assert [answer.status for answer in asked if not answer.is_refusal] == []
    assert len(log.new()) == len(asked)
    assert member.get("/auth/account").status == 200
    assert (rows(site), site.attempts(NETWORK)) == before
    disk.is_read_only = False
    site.engine.dispose()
    assert stranger.send("/auth/login", **credentials(ada)).is_done
    assert member.send("/auth/logout").is_done
    assert log.new() == []


@pytest.mark.parametrize("intact", [0, 4096], ids=["whole", "but for its head"])
def test_flt_05_a_broken_file_is_a_refusal_until_it_is_mended(
    intact: int, site: Site, file: Path, tmp_path: Path, log: Log
) -> None:
    """FLT-05: a backup that is put in its place needs no restart."""
    ada = site.settle()
    browser, member = site.at_login(), site.member(ada)
    site.engine.dispose()
    sound = file.read_bytes()
    file.write_bytes(sound[:intact] + b"\xa5" * (len(sound) - intact))
    asked = [browser.send("/auth/login", **credentials(ada)), member.get("/auth/account"), browser.get("/readyz")]
    assert [answer.status for answer in asked if not answer.is_refusal] == []
    assert len(log.new()) == len(asked)
    terminal = Terminal.at(tmp_path)
    for command in ("login ada", "mail status", "db upgrade"):
        assert refusal(terminal.run(*command.split(), lines=(PASSWORD,))) == (75, "unavailable"), command
    assert terminal.run("doctor").exit_code == 78
    site.engine.dispose()
    file.write_bytes(sound)
    assert browser.send("/auth/login", **credentials(ada)).is_done
    assert member.get("/auth/account").status == 200


def test_flt_05_a_missing_file_is_told_to_the_operator_alone(site: Site, file: Path, tmp_path: Path, log: Log) -> None:
    """A database without tables is a mistake of the deployment: the pages say no more than that, commands name it."""
    ada = site.settle()
    browser = site.at_login()
    site.engine.dispose()
    file.unlink()
    answer = browser.send("/auth/login", **credentials(ada))
    assert (answer.status, answer.is_refusal) == (500, False)
    [line] = log.new()
    assert line.startswith("Defect on offbrand.login: RuntimeError")
    terminal = Terminal.at(tmp_path)
    result = terminal.run("login", "ada", lines=(PASSWORD,))
    assert refusal(result) == (78, "tables")
    assert "offbrand db upgrade" in result.stderr
