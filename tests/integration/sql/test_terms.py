"""Terms: what an operator says in the URL about pool and patience holds, and what makes no sense stops the start."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.engine import make_engine
from offbrand.domain.errors import Unavailable
from offbrand.entrypoints.cli.app import offbrand

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ["sqlite:///x.db", "postgresql+psycopg://127.0.0.1/x", "mariadb+pymysql://127.0.0.1/x"]


def answer(url: str, question: str) -> object:
    """Return what the database answers."""
    engine = make_engine(url)
    with blocks.reading(engine) as connection:
        found: object = connection.exec_driver_sql(question).scalar_one()
    engine.dispose()
    return found


def test_blocks_that_find_no_place_in_the_pool_are_refused_in_time(url: str) -> None:
    """Two places, one of them in the overflow; whoever comes third waits as long as the URL says."""
    engine = make_engine(f"{url}?pool_size=1&max_overflow=1&pool_timeout=1")
    with blocks.reading(engine), blocks.reading(engine), pytest.raises(Unavailable), blocks.reading(engine):
        pass
    with blocks.reading(engine), blocks.reading(engine):
        pass
    engine.dispose()


def test_a_block_that_waits_for_a_place_gets_the_next(url: str) -> None:
    engine = make_engine(f"{url}?pool_size=1&max_overflow=0&pool_timeout=30")
    got, asks = threading.Event(), threading.Event()

    def wait() -> None:
        asks.set()
        with blocks.reading(engine):
            got.set()

    with blocks.reading(engine):
        waiting = threading.Thread(target=wait)
        waiting.start()
        asks.wait()
        assert not got.is_set()
    waiting.join()
    assert got.is_set()
    engine.dispose()


def test_a_lock_is_waited_for_as_long_as_the_url_says(url: str) -> None:
    question, answered = {
        "sqlite": ("PRAGMA busy_timeout", 7000),
        "postgresql+psycopg": ("SHOW lock_timeout", "7s"),
        "mariadb+pymysql": ("SELECT @@innodb_lock_wait_timeout", 7),
    }[url.partition(":")[0]]
    assert answer(f"{url}?lock_timeout=7", question) == answered


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_options_for_postgresql_come_beside_those_that_the_laws_need(url: str) -> None:
    asked = f"{url}?options=-c%20statement_timeout%3D900"
    limits = [answer(asked, f"SHOW {name}") for name in ("statement_timeout", "lock_timeout")]
    assert limits == ["900ms", "5s"]


@pytest.mark.parametrize("url", ["mariadb"], indirect=True)
def test_a_first_command_for_mariadb_comes_beside_those_that_the_laws_need(url: str) -> None:
    asked = f"{url}?init_command=SET%20SESSION%20sql_mode%3D%27ANSI_QUOTES%27"
    assert answer(asked, "SELECT @@sql_mode") == "ANSI_QUOTES,STRICT_ALL_TABLES"


@pytest.mark.parametrize("url", KINDS)
@pytest.mark.parametrize(
    "term",
    [
        "pool_size=0",
        "pool_size=1001",
        "pool_size=many",
        "pool_size=1&pool_size=2",
        "pool_size=%D9%A3",
        "max_overflow=-1",
        "pool_timeout=0",
        "pool_timeout=1.5",
        "lock_timeout=26",
        "lock_timeout=5s",
    ],
)
def test_a_term_that_makes_no_sense_is_named(url: str, term: str) -> None:
    with pytest.raises(ValueError, match=rf"^{term.partition('=')[0]} must be one whole number from \d+ to \d+$"):
        make_engine(f"{url}?{term}")


@pytest.mark.parametrize("url", KINDS)
def test_a_parameter_that_no_driver_knows_is_named(url: str) -> None:
    """A misspelt `sslmode` must not pass for one."""
    with pytest.raises(ValueError, match=r"^sslmod is no parameter"):
        make_engine(f"{url}?sslmod=verify-full")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://?pool_size=2", "in memory has one connection"),
        ("sqlite:///x.db?timeout=20", "lock_timeout and not timeout"),
        ("sqlite:///file:x.db?uri=true&timeout=20", "lock_timeout and not timeout"),
        ("sqlite:///x.db?detect_types=s3cret", "a value of the wrong kind"),
        ("mariadb+pymysql://127.0.0.1/x?connect_timeout=s3cret", "a value of the wrong kind"),
        ("mariadb+pymysql://127.0.0.1/x?charset=latin1", "charset must be utf8mb4"),
    ],
)
def test_other_words_that_make_no_sense_are_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        make_engine(url)
    assert "s3cret" not in str(refused.value)


def test_a_wrong_term_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    environ = {
        "OFFBRAND_ENV": "development",
        "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/offbrand.db?pool_size=none",
        "OFFBRAND_SECRET_KEYS": "0123456789abcdef0123456789abcdef",
    }
    result = CliRunner().invoke(offbrand, ["db", "current"], env=environ)
    sentence = "OFFBRAND_DATABASE_URL cannot be used: pool_size must be one whole number from 1 to 1000."
    assert result.exit_code == 78
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
