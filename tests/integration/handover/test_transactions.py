"""The hand-over to Procrastinate: one transaction with the change, nothing secret, and refusals where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.procrastinate_handover import QUEUE, TASK, ProcrastinateHandover
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.bootstrap import bootstrap, upgrade
from offbrand.contracts.unit_of_work import UnitOfWorkContract
from offbrand.domain.errors import Unavailable
from offbrand.domain.values import Client, EmailAddress, Password, Username
from offbrand.settings import Settings, SettingsError
from tests.integration.handover.host import APPLICATION, Host
from tests.integration.sql.databases import server_database
from tests.integration.sql.examples import account, letter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from offbrand.contracts.durability import Reopen

ANN = EmailAddress("ann@example.org")
PASSWORD = Password("a lantern, a ladder and a loaf")


def unit_of_work(host: Host) -> SqlUnitOfWork:
    return SqlUnitOfWork(host.engine, after_letter=ProcrastinateHandover(host.engine))


def test_l5_a_letter_and_its_job_are_committed_together(host: Host) -> None:
    with unit_of_work(host).writing() as tx:
        tx.accounts.add(account())
        tx.letters.add(letter())
        assert host.jobs() == []
    (job,) = host.jobs()
    assert (job["queue_name"], job["task_name"], job["status"]) == (QUEUE, TASK, "todo")
    assert host.states() == ["waiting"]


def test_l5_a_change_that_rolls_back_leaves_no_job(host: Host) -> None:
    def fail() -> None:
        with unit_of_work(host).writing() as tx:
            tx.letters.add(letter())
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert host.jobs() == []
    assert host.states() == []


def test_l6_nobody_waits_for_a_transaction_that_hands_over(host: Host) -> None:
    """Two registrations at once: a lock on the queue would make one of them wait until it is refused."""
    impatient = make_engine(host.url, busy_timeout=0.05)
    with unit_of_work(host).writing() as tx:
        tx.letters.add(letter())
        with SqlUnitOfWork(impatient, after_letter=ProcrastinateHandover(impatient)).writing() as other:
            other.letters.add(letter())
    impatient.dispose()
    assert len(host.jobs()) == 2


def test_l9_procrastinate_is_told_of_nobody_and_nothing(host: Host) -> None:
    """No address, no name, no link, not even which letter; and the same whether an address is known (law L4)."""
    auth = bootstrap(Settings.from_env(host.environ), engine=host.engine, handover=ProcrastinateHandover)
    auth.registration.register(ANN, Username("ann"), PASSWORD, client=Client(network="192.0.2.1"))
    auth.password_reset.request(ANN, client=Client(network="192.0.2.1"))
    auth.password_reset.request(EmailAddress("nobody@example.org"), client=Client(network="192.0.2.1"))
    jobs = [{name: value for name, value in job.items() if name != "id"} for job in host.jobs()]
    assert len(jobs) == len(host.states()) == 3
    assert jobs[0] == jobs[1] == jobs[2]
    assert {"offbrand", "offbrand.deliver", "todo"} == {value for value in jobs[0].values() if isinstance(value, str)}
    assert jobs[0]["args"] == {}
    assert host.ask("SELECT DISTINCT type FROM procrastinate_events") == [{"type": "deferred"}]


@pytest.fixture
def without_procrastinate(host: Host) -> Iterator[Host]:
    """Return a host that has forgotten Procrastinate's schema."""
    with server_database("postgresql") as url:
        engine = make_engine(url)
        bare = Host(host.folder, url, engine)
        upgrade(Settings.from_env(bare.environ))
        yield bare
        engine.dispose()


def test_l11_without_procrastinates_tables_a_change_is_refused(
    without_procrastinate: Host, caplog: pytest.LogCaptureFixture
) -> None:
    """And rolled back; only the operator learns what is missing."""
    with pytest.raises(Unavailable) as refused, unit_of_work(without_procrastinate).writing() as tx:
        tx.letters.add(letter())
    assert refused.value.retry_after == 5
    assert refused.value.__suppress_context__
    assert "Procrastinate did not do its part: UndefinedObject 42704" in caplog.text
    assert without_procrastinate.states() == []


def test_l11_a_connection_lost_while_handing_over_is_a_refusal(host: Host) -> None:
    """And does not come back from the pool."""

    def be_cut_off(connection: Connection) -> None:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        host.ask(f"SELECT pg_terminate_backend({pid})")
        ProcrastinateHandover(host.engine)(connection)

    with pytest.raises(Unavailable), SqlUnitOfWork(host.engine, after_letter=be_cut_off).writing() as tx:
        tx.letters.add(letter())
    with unit_of_work(host).writing() as tx:
        tx.letters.add(letter())
    assert len(host.jobs()) == len(host.states()) == 1


def test_what_a_host_writes_beside_it_is_left_alone(host: Host) -> None:
    """The rows of the connection keep their form after Procrastinate has used it."""
    with blocks.writing(host.engine) as connection:
        ProcrastinateHandover(host.engine)(connection)
        assert connection.exec_driver_sql("SELECT 1, 2").one() == (1, 2)


def test_another_database_is_refused_at_the_start_in_one_sentence(tmp_path: Path) -> None:
    environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/offbrand.db"}
    with pytest.raises(SettingsError) as refused:
        bootstrap(Settings.from_env(environ), handover=ProcrastinateHandover)
    sentence = "The hand-over cannot be used: Procrastinate needs postgresql+psycopg, and not sqlite+pysqlite."
    assert sentence == str(refused.value)


def test_the_application_of_the_document_hands_over(host: Host) -> None:
    register = (
        "from offbrand import Client, EmailAddress, Password, Username\n"
        f"auth.registration.register(EmailAddress('ann@example.org'), Username('ann'), Password({PASSWORD.reveal()!r}),"
        " client=Client())\n"
    )
    host.run(["python", "-c", APPLICATION + register])
    assert len(host.jobs()) == len(host.states()) == 1


class TestUnitOfWorkThatHandsOver(UnitOfWorkContract):
    @pytest.fixture
    def unit_of_work(self, host: Host) -> SqlUnitOfWork:
        return unit_of_work(host)

    @pytest.fixture
    def reopen(self, host: Host) -> Iterator[Reopen]:
        other = make_engine(host.url)

        def reopen() -> SqlUnitOfWork:
            host.engine.dispose()  # every connection is closed, as when the process ends
            return SqlUnitOfWork(other, after_letter=ProcrastinateHandover(other))

        yield reopen
        other.dispose()
