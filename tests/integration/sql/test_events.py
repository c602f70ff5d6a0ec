"""Events in SQL: a reader goes on from position to position and misses nothing, and nobody waits for it."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql import writers
from offbrand.adapters.sql.engine import make_engine
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.contracts.samples import rolled_back
from offbrand.domain.errors import Unavailable
from tests.integration.sql.examples import event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Engine

    from offbrand.domain.events import Event

WRITERS = 4
ROUNDS = 40
on_servers = pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)


def append(unit_of_work: SqlUnitOfWork, *events: Event) -> None:
    """Store events."""
    with unit_of_work.writing() as tx:
        for each in events:
            tx.events.add(each)


def after(unit_of_work: SqlUnitOfWork, position: int = 0, limit: int = 1000) -> Sequence[Event]:
    """Read on."""
    with unit_of_work.reading() as tx:
        return tx.events.after(position, limit)


def _write(unit_of_work: SqlUnitOfWork, seed: int) -> list[UUID]:
    """Append in blocks that take their time, of which some are rolled back; return what was kept."""
    choose, kept = random.Random(seed), []  # noqa: S311 - no secret
    for _ in range(ROUNDS):
        added = [event() for _ in range(choose.randint(1, 3))]
        is_kept = choose.randrange(4) > 0
        with unit_of_work.writing() if is_kept else rolled_back(unit_of_work) as tx:
            for each in added:
                tx.events.add(each)
                time.sleep(choose.choice([0, 0, 0.001, 0.004]))
        if is_kept:
            kept += [each.id for each in added]
    return kept


def test_l5_a_reader_beside_many_writers_meets_every_event_once_and_in_order(engine: Engine) -> None:
    """Whatever the order in which blocks end, and though positions of those that are rolled back stay empty."""
    unit_of_work = SqlUnitOfWork(engine)
    met: list[Event] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(_write, unit_of_work, seed) for seed in range(WRITERS)]
        while not all(writer.done() for writer in writing):
            met += after(unit_of_work, met[-1].position if met else 0, limit=5)
    met += after(unit_of_work, met[-1].position)
    kept = [id_ for writer in writing for id_ in writer.result()]
    positions = [each.position for each in met]
    assert positions == sorted(set(positions))
    assert sorted(each.id for each in met) == sorted(kept)


@on_servers
def test_a_reader_that_waits_for_a_long_block_holds_up_nobody(engine: Engine, impatient: Engine) -> None:
    """New writers do not queue behind it, and however many of them come, it waits for none but the long one."""
    unit_of_work, hasty = SqlUnitOfWork(engine), SqlUnitOfWork(impatient)
    slow, quick, new = event(), event(), event()
    looks = _watched(engine)
    with ThreadPoolExecutor(1) as pool, ExitStack() as still_open:
        with unit_of_work.writing() as tx:
            tx.events.add(slow)
            append(hasty, quick)
            reading = pool.submit(after, unit_of_work)
            assert looks.wait(timeout=30)
            still_open.enter_context(hasty.writing()).events.add(new)
            assert not reading.done()
        read = reading.result()
    assert [each.id for each in read] == [slow.id, quick.id]
    assert [each.id for each in after(hasty, read[-1].position)] == [new.id]


@on_servers
def test_a_reader_does_not_wait_for_a_block_when_there_is_nothing_after_it(engine: Engine, impatient: Engine) -> None:
    """The usual case of a follower that asks again and again."""
    unit_of_work, hasty = SqlUnitOfWork(engine), SqlUnitOfWork(impatient)
    append(unit_of_work, event())
    [first] = after(hasty)
    with unit_of_work.writing() as tx:
        tx.events.add(event())
        assert after(hasty, first.position) == []


@on_servers
def test_l11_a_block_that_does_not_end_is_a_refusal_for_the_reader(engine: Engine, impatient: Engine) -> None:
    unit_of_work, hasty = SqlUnitOfWork(engine), SqlUnitOfWork(impatient)
    slow, quick = event(), event()
    with unit_of_work.writing() as tx:
        tx.events.add(slow)
        append(hasty, quick)
        with pytest.raises(Unavailable):
            after(hasty)
    assert [each.id for each in after(hasty)] == [slow.id, quick.id]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_l11_a_reader_does_not_wait_for_ever_where_the_url_would(
    engine: Engine, impatient: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL means that by a limit of 0."""
    monkeypatch.setattr(writers, "PATIENCE", 0.05)
    url = engine.url.update_query_dict({"options": "-c lock_timeout=0"})
    endless = make_engine(url.render_as_string(hide_password=False))
    with ThreadPoolExecutor(1) as pool, SqlUnitOfWork(engine).writing() as tx:
        tx.events.add(event())
        append(SqlUnitOfWork(impatient), event())
        refusal = pool.submit(after, SqlUnitOfWork(endless)).exception(timeout=25)
    assert isinstance(refusal, Unavailable)
    endless.dispose()


def test_a_block_reads_what_it_has_added_itself(engine: Engine) -> None:
    own = event()
    with SqlUnitOfWork(engine).writing() as tx:
        tx.events.add(own)
        assert [each.id for each in tx.events.after(0, 5)] == [own.id]


def _watched(engine: Engine) -> threading.Event:
    """Return what is set when *engine* has begun to wait, or is about to."""
    looks = threading.Event()

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "pg_locks" in statement or "SHARE MODE" in statement:
            looks.set()

    # PostgreSQL has answered whom the reader waits for; MariaDB answers when there is nobody left.
    moment = "after_cursor_execute" if engine.dialect.name == "postgresql" else "before_cursor_execute"
    sa.event.listen(engine, moment, look)
    return looks
