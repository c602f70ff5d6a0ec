"""Doctor, on the database: what somebody may have done to it by hand, each on a real one."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs
import pytest
import sqlalchemy as sa

from offbrand import bootstrap
from offbrand.adapters.sql import inspection
from offbrand.entrypoints.cli.checks import clock
from offbrand.entrypoints.cli.checks.finding import Patient
from offbrand.settings import Settings
from tests.integration.cli.examined import KEY, examined
from tests.integration.cli.terminal import PASSWORD, Terminal
from tests.integration.sql.databases import server_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LATER = "UPDATE offbrand_alembic_version SET version_num = '0099'"


def change(terminal: Terminal, *statements: str) -> None:
    """Do to the SQLite file what no migration would."""
    with closing(sqlite3.connect(terminal.folder / "offbrand.db", isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def rewrite(terminal: Terminal, table: str, old: str, new: str) -> None:
    """Make a table again whose definition differs in one place; it must be empty."""
    with closing(sqlite3.connect(terminal.folder / "offbrand.db", isolation_level=None)) as database:
        query = "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC"
        definitions = [sql for (sql,) in database.execute(query, [table])]
        assert any(old in sql for sql in definitions), definitions
        database.execute(f"DROP TABLE {table}")
        for sql in definitions:
            database.execute(sql.replace(old, new))


@pytest.mark.parametrize(
    "url", ["postgresql://offbrand:canary@127.0.0.1:1/x", "mariadb://offbrand:canary@127.0.0.1:1/x"]
)
def test_a_database_that_does_not_answer(url: str, terminal: Terminal) -> None:
    """L9; and what it hides is told as skipped, not as well."""
    report = examined(terminal.but(OFFBRAND_DATABASE_URL=url, OFFBRAND_SECRET_KEYS=KEY))
    assert (report.exit_code, report.states("database")) == (78, {"bad"})
    for check in ("tables", "constraints", "clock", "throttle", "letters"):
        assert report.states(check) == {"skipped"}
    assert "canary" not in str(report)


def test_a_file_that_is_no_database(terminal: Terminal) -> None:
    (terminal.folder / "offbrand.db").write_bytes(b"no database at all" * 100)
    assert examined(terminal).states("database") == {"bad"}


def test_looking_makes_no_database(terminal: Terminal) -> None:
    (terminal.folder / "offbrand.db").unlink()
    report = examined(terminal)
    assert report.states("database") == {"bad"}
    assert "offbrand db upgrade" in report.says("database")
    assert not (terminal.folder / "offbrand.db").exists()


@pytest.mark.parametrize(
    ("statement", "says", "advises"),
    [
        ("DROP TABLE offbrand_alembic_version", "There are none yet", "Run: offbrand db upgrade"),
        (LATER, "those of 0099, newer than this version", "Install the version that upgraded it"),
    ],
)
def test_tables_of_another_version(statement: str, says: str, advises: str, terminal: Terminal) -> None:
    """To upgrade what is newer already would fail, so that nobody is sent there."""
    change(terminal, statement)
    report = examined(terminal)
    assert (report.states("tables"), report.states("throttle")) == ({"bad"}, {"skipped"})
    assert says in report.says("tables")
    assert advises in report.says("tables")
    assert ("db upgrade" in report.says("tables")) == (statement != LATER)


@pytest.mark.parametrize(
    ("table", "old", "new", "says"),
    [
        (
            "offbrand_accounts",
            "CONSTRAINT offbrand_accounts_claimed_email_uq UNIQUE (claimed_email)",
            "CHECK (1)",
            "Nothing keeps claimed_email in offbrand_accounts unique",
        ),
        ("offbrand_sessions", "token_digest VARCHAR(64) NOT NULL", "token_digest VARCHAR(64)", "may be NULL"),
        ("offbrand_sessions", "REFERENCES offbrand_accounts", "REFERENCES offbrand_events", "No foreign key leads"),
        ("offbrand_letters", "recipient VARCHAR(254),", "", "There is no column offbrand_letters.recipient"),
        (
            "offbrand_throttle",
            "CONSTRAINT offbrand_throttle_pk PRIMARY KEY (",
            "CONSTRAINT x UNIQUE (attempts, ",
            "primary key",
        ),
    ],
)
def test_a_constraint_that_is_gone(table: str, old: str, new: str, says: str, terminal: Terminal) -> None:
    """L1, L3, L8: nothing but these decides who holds a name, whose a session is, and how often was guessed."""
    rewrite(terminal, table, old, new)
    report = examined(terminal)
    assert (report.exit_code, report.states("constraints")) == (78, {"bad"})
    assert says in report.says("constraints")


def test_a_table_that_is_gone(terminal: Terminal) -> None:
    change(terminal, "DROP TABLE offbrand_devices")
    assert "There is no table offbrand_devices." in examined(terminal).says("constraints")


def test_a_unique_index_over_some_rows_is_not_enough(terminal: Terminal) -> None:
    rewrite(
        terminal,
        "offbrand_accounts",
        "CONSTRAINT offbrand_accounts_claimed_email_uq UNIQUE (claimed_email)",
        "CHECK (1)",
    )
    change(terminal, "CREATE UNIQUE INDEX x ON offbrand_accounts (claimed_email) WHERE id > 'a'")
    assert examined(terminal).states("constraints") == {"bad"}
    change(terminal, "CREATE UNIQUE INDEX y ON offbrand_accounts (claimed_email)")
    assert examined(terminal).states("constraints") == {"ok"}


def test_an_index_that_is_gone_is_slow_and_no_more(terminal: Terminal) -> None:
    change(terminal, "DROP INDEX offbrand_letters_state_due_at_ix")
    report = examined(terminal)
    assert (report.exit_code, report.states("constraints")) == (0, {"warning"})


def test_rows_that_refer_to_nothing(ada: Terminal) -> None:
    """Written while foreign keys were off."""
    change(ada, "PRAGMA foreign_keys = OFF", "DELETE FROM offbrand_accounts")
    assert "refer to what is not there" in examined(ada).says("constraints")


@attrs.frozen
class WrongClock:
    """The machine's clock, which goes on, but was set wrong."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (20, "warning"), (299, "warning"), (330, "bad")])
def test_a_clock_that_is_wrong(seconds: int, sign: int, state: str, terminal: Terminal) -> None:
    """Purging refuses beyond five minutes."""
    settings = Settings.from_env(terminal.environ)
    with bootstrap.connected(settings) as auth:
        wrong = attrs.evolve(auth.housekeeping, clock=WrongClock(timedelta(seconds=sign * seconds)))
        patient = Patient(settings=settings, auth=attrs.evolve(auth, housekeeping=wrong), target=timedelta(seconds=1))
        [finding] = clock.look(patient)
    assert finding.state == state


@pytest.mark.parametrize(
    ("trigger", "says"),
    [
        ("AFTER INSERT ON offbrand_throttle BEGIN DELETE FROM offbrand_throttle; END", "Guesses are not counted"),
        (
            "AFTER INSERT ON offbrand_throttle BEGIN UPDATE offbrand_throttle SET ends_at = NULL; END",
            "not for the time that they should be",
        ),
        (
            "BEFORE DELETE ON offbrand_throttle BEGIN SELECT RAISE(IGNORE); END",
            "Counts are not forgotten",
        ),
    ],
)
def test_a_throttle_that_does_not_do_what_it_says(trigger: str, says: str, terminal: Terminal) -> None:
    """L8."""
    change(terminal, f"CREATE TRIGGER sabotage {trigger}")
    report = examined(terminal)
    assert (report.exit_code, report.states("throttle")) == (78, {"bad"})
    assert says in report.says("throttle")


def test_the_guess_that_was_made_up_is_forgotten(terminal: Terminal) -> None:
    examined(terminal)
    with closing(sqlite3.connect(terminal.folder / "offbrand.db")) as database:
        assert database.execute("SELECT count(*) FROM offbrand_throttle").fetchone() == (0,)


def test_letters_that_nobody_delivers(terminal: Terminal) -> None:
    terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    assert "None is late; 1 on the way." in examined(terminal).says("letters")
    is_due = "UPDATE offbrand_letters SET due_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '-{} minutes')"
    for minutes, state in ((2, "warning"), (70, "bad")):
        change(terminal, is_due.format(minutes))
        report = examined(terminal)
        assert report.states("letters") == {state}
        assert "offbrand mail deliver --watch" in report.says("letters")
    # Whoever has leased it is delivering it.
    change(terminal, "UPDATE offbrand_letters SET leased_until = strftime('%Y-%m-%d %H:%M:%f000', 'now', '1 minute')")
    assert examined(terminal).states("letters") == {"ok"}
    change(terminal, "UPDATE offbrand_letters SET state = 'dead'")
    assert "1 letter was given up" in examined(terminal).says("letters")


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal over a migrated PostgreSQL database."""
    with server_database("postgresql") as url:
        yield _on(url, tmp_path)


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal over a migrated MariaDB database."""
    with server_database("mariadb") as url:
        yield _on(url, tmp_path)


def _on(url: str, folder: Path) -> Terminal:
    terminal = Terminal.at(folder).but(OFFBRAND_DATABASE_URL=url, OFFBRAND_SECRET_KEYS=KEY)
    terminal.do("db", "upgrade")
    return terminal


def _execute(terminal: Terminal, *statements: str) -> None:
    engine = sa.create_engine(terminal.environ["OFFBRAND_DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_postgresql_as_it_should_be_and_not(postgresql: Terminal) -> None:
    """The tests' own databases do not wait for the disk, which is found, too."""
    report = examined(postgresql)
    assert (report.exit_code, report.states("constraints")) == (0, {"warning"})
    assert "synchronous_commit is off" in report.says("constraints")
    name = sa.make_url(postgresql.environ["OFFBRAND_DATABASE_URL"]).database
    _execute(postgresql, f"ALTER DATABASE {name} RESET synchronous_commit")
    assert examined(postgresql).states("constraints") == {"ok"}
    _execute(
        postgresql,
        "ALTER TABLE offbrand_accounts DROP CONSTRAINT offbrand_accounts_claimed_username_uq",
        "ALTER TABLE offbrand_sessions DROP CONSTRAINT offbrand_sessions_account_id_fk",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'offbrand_letters_account_id_ix'::regclass",
    )
    says = examined(postgresql).says("constraints")
    assert "Nothing keeps claimed_username in offbrand_accounts unique" in says
    assert "No foreign key leads from offbrand_sessions to offbrand_accounts" in says
    assert "The index offbrand_letters_account_id_ix is invalid" in says


def test_a_database_whose_clock_is_wrong(postgresql: Terminal) -> None:
    """As far as it can tell: a function of that name stands before the server's own."""
    _execute(
        postgresql,
        "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
        " AS 'SELECT pg_catalog.clock_timestamp() + interval ''10 minutes'''",
    )
    url = postgresql.environ["OFFBRAND_DATABASE_URL"]
    wrong = postgresql.but(OFFBRAND_DATABASE_URL=f"{url}?options=-csearch_path%3Dpublic,pg_catalog")
    report = examined(wrong)
    assert (report.exit_code, report.states("clock")) == (78, {"bad"})
    (told,) = re.findall(r"differs by ([\d.]+) s, so that nothing is purged", report.says("clock"))
    # Less what a busy machine takes to ask.
    assert 500 < float(told) <= 600


def test_mariadb_as_it_should_be_and_not(mariadb: Terminal) -> None:
    """D57: a collation that folds lets two names be one."""
    assert examined(mariadb).states("constraints") <= {"ok", "warning"}
    _execute(
        mariadb,
        "ALTER TABLE offbrand_accounts DROP INDEX offbrand_accounts_claimed_email_uq",
        "ALTER TABLE offbrand_accounts MODIFY claimed_username VARCHAR(255) COLLATE utf8mb4_general_ci",
        "ALTER TABLE offbrand_throttle ENGINE=Aria",
    )
    says = examined(mariadb).says("constraints")
    assert "Nothing keeps claimed_email in offbrand_accounts unique" in says
    assert "offbrand_accounts.claimed_username compares by utf8mb4_general_ci" in says
    assert "offbrand_throttle knows no transactions" in says


def test_an_engine_of_a_host_is_put_right_before_it_is_looked_at(terminal: Terminal) -> None:
    """A host may give an engine of its own, which keeps no foreign keys and forgets sooner; blocks see to that."""
    engine = sa.create_engine(f"sqlite:///{terminal.folder}/offbrand.db")
    found = inspection.inspect(engine)
    engine.dispose()
    assert [deviation.sentence for deviation in found if deviation.is_unsafe] == []
