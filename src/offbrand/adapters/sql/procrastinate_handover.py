"""
Procrastinate hand-over: delivery as jobs of a queue that a host runs already, in the database that holds the letters.

The letters stay the truth: a job says no more than that something waits. It is deferred in the letter's transaction so
that a worker wakes at once. Everything else is met by the sweep, which needs no job to have survived: letters to be
tried again, those whose worker was killed or has a clock that is behind, and those of processes that hand nothing over.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from procrastinate import JobContext, SyncPsycopgConnector
from procrastinate.exceptions import ProcrastinateException
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from offbrand.adapters.sql.trouble import RETRY_AFTER
from offbrand.domain.errors import AuthError, Unavailable

if TYPE_CHECKING:
    from procrastinate import App
    from sqlalchemy import Connection, Engine

    from offbrand.domain.auth import Auth

TASK = "offbrand.deliver"
QUEUE = "offbrand"
_BATCH = 20
_EVERY_MINUTE = "* * * * *"
_log = logging.getLogger(__name__)


class ProcrastinateHandover:
    """
    What a unit of work does after each letter: it defers a job that names nobody and nothing.

    It has no connection of its own and needs no `App`. A host's may be open asynchronously, and then takes none of our
    connections; one of our own would rename the tasks that Procrastinate gives to the host's.

    Raises:
        ValueError: If the database behind *engine* is not PostgreSQL, reached by psycopg 3.
    """

    def __init__(self, engine: Engine) -> None:
        if (engine.dialect.name, engine.dialect.driver) != ("postgresql", "psycopg"):
            msg = f"Procrastinate needs postgresql+psycopg, and not {engine.dialect.name}+{engine.dialect.driver}"
            raise ValueError(msg)
        self._jobs = JobManager(SyncPsycopgConnector())

    def __call__(self, connection: Connection) -> None:
        """
        Defer one job through *connection*, to be committed or rolled back with whatever else it does.

        Raises:
            Unavailable: If Procrastinate or the database does not do its part.
        """
        driver_connection = connection.connection.driver_connection
        try:
            # No lock of Procrastinate's: a queueing lock would let registrations wait for one another, and a lock
            # would be kept by the job of a worker that was killed. Leases do what locks would.
            configure_task(name=TASK, job_manager=self._jobs, queue=QUEUE, connection=driver_connection).defer()
        except ProcrastinateException as error:
            cause = error.__cause__ or error
            # The refusal says nothing to whoever asked, so that the operator must find it here.
            _log.warning(
                "Procrastinate did not do its part: %s %s", type(cause).__name__, getattr(cause, "sqlstate", None) or ""
            )
            raise Unavailable(RETRY_AFTER) from None


def register(app: App, auth: Auth, *, sweep: str = _EVERY_MINUTE) -> None:
    """
    Give *app* the task that delivers letters, and have its workers sweep up what is due whenever the cron line says.

    A letter that could not leave is tried again by the first sweep after its time has come, and a letter whose worker
    was killed by the first one after its lease is over.

    Raises:
        TaskAlreadyRegistered: If *app* has the task already.
    """

    # Only one sweep waits at a time, however long no worker runs.
    @app.periodic(cron=sweep, queueing_lock=TASK)
    @app.task(name=TASK, queue=QUEUE, pass_context=True)
    def deliver(context: JobContext, timestamp: int | None = None) -> None:  # noqa: ARG001 - sweeps are given one
        """Send what is due; what is more than a few letters is left to another job, so that a worker can be stopped."""
        try:
            outcome = auth.delivery.deliver(_BATCH)
        except AuthError as refusal:
            reason = refusal.code
        except Exception as defect:  # noqa: BLE001 - raised below
            # Only the type, and nothing chained to it: workers log what jobs raise, and the text may hold a letter's.
            reason = type(defect).__name__
        else:
            if sum(outcome.values()) == _BATCH:
                context.app.configure_task(TASK).defer()
            return
        msg = f"letters wait: {reason}"
        raise RuntimeError(msg)
