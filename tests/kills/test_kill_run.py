"""The kill run: people register and confirm while the processes that serve them are killed, and nothing is lost."""

from __future__ import annotations

import os
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from offbrand.adapters.sql.tables import accounts, letters
from tests.integration.cli.terminal import Terminal
from tests.integration.sql.databases import migrated_engine
from tests.kills.clients import Person, errands
from tests.kills.consistency import inconsistencies
from tests.kills.fleet import LEASE, running
from tests.kills.post import delivered_to
from tests.tallies import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.kills.fleet import Fleet

CLIENTS, WEBS, WORKERS = 8, 4, 3
SEED = 20
_SLOWEST = 0.05  # seconds for which the mail server thinks three times a letter, so that kills meet some on their way
_STALLED = 600  # seconds without which no run is given up


def test_flt_02_what_is_killed_loses_nothing_and_claims_nothing_twice(tmp_path: Path, tallies: list[Tally]) -> None:
    """Laws L1, L2, L3 and L5, while a web and a delivery process are killed every few seconds."""
    count = int(os.environ.get("OFFBRAND_TEST_KILLS") or 1000)
    chance = Random(SEED)  # noqa: S311 - a seed makes runs alike
    began = time.monotonic()
    with (
        migrated_engine("postgresql", tmp_path) as engine,
        delivered_to(lambda _: time.sleep(chance.uniform(0, _SLOWEST))) as post,
        running(_terminal(tmp_path, engine), post, webs=WEBS, workers=WORKERS) as fleet,
    ):
        lists = errands(count, CLIENTS)
        people = [Person(own, post, lambda: fleet.ports, seed) for seed, own in enumerate(lists)]
        for person in people:
            person.start()
        while not all(person.has_registered.is_set() for person in people):
            fleet.kill_one_of_each(chance)
            time.sleep(chance.uniform(0.5, 3))
        _rest(engine)
        for person in people:
            person.may_go.set()
        for person in people:
            person.join(_STALLED)
            assert not person.is_alive()
        _rest(engine)
        tally = _tally(fleet, people, len(post.copies) - len({copy.id for copy in post.copies}))
        tally["seconds"] = round(time.monotonic() - began)
        tallies.append(Tally("kill run", engine.dialect.name, tally))
        wrong = [f"{person.name}: {person.defect!r}" for person in people if person.defect]
        wrong += [*map(repr, post.defects), *fleet.close(), *fleet.complaints(), *_lost(engine, people)]
        with engine.connect() as connection:
            wrong += inconsistencies(connection, *post.found())
        assert not wrong, "\n".join(wrong)
        assert {port for person in people for port in person.wire.broken} <= fleet.fallen
        statuses = {status for person in people for status in person.wire.statuses}
        assert statuses <= {200, 303, 400, 409, 503}
        assert tally["confirmed"] > count / 2
        assert tally["kills"] > 2


def _tally(fleet: Fleet, people: list[Person], duplicates: int) -> Counter[str]:
    counts = sum((person.counts for person in people), Counter[str]())
    statuses = sum((person.wire.statuses for person in people), Counter[int]())
    return counts + Counter(
        {
            "registrations": sum(errand.acknowledged for person in people for errand in person.errands),
            "kills": len(fleet.fallen) + fleet.killed_workers,
            "connections broken": sum(len(person.wire.broken) for person in people),
            "duplicate letters": duplicates,
            "requests": statuses.total(),
            "links found spent or void": statuses[400],
            **{f"status {status}": number for status, number in statuses.items() if status >= 500},
        }
    )


def _lost(engine: Engine, people: list[Person]) -> list[str]:
    """Return what somebody was told and is not so."""
    with engine.connect() as connection:
        rows = connection.execute(select(accounts)).all()
    pending = Counter(row.email for row in rows)
    claimed = {row.claimed_email: row.claimed_username for row in rows}
    every = [errand for person in people for errand in person.errands]
    told = Counter[str]()
    for errand in every:
        told[errand.email] += errand.acknowledged
    lost = [f"{email}: {pending[email]} of {number} registrations" for email, number in told.items()]
    lost = [line for line, (email, number) in zip(lost, told.items(), strict=True) if pending[email] < number]
    for errand in every:
        if errand.ended == "confirmed" and claimed.get(errand.email) != errand.username:
            lost.append(f"{errand} is not confirmed")
        if errand.ended in ("address taken", "") and errand.email not in claimed:
            lost.append(f"{errand} has got no letter, or was refused for nothing")
        if errand.ended == "username taken" and errand.username not in claimed.values():
            lost.append(f"{errand} was refused for nothing")
    return lost


def _rest(engine: Engine) -> None:
    """Wait until every letter is settled; leases of the killed run out meanwhile."""
    query = select(func.count()).where(letters.c.state == "waiting")
    until = time.monotonic() + _STALLED + LEASE
    while True:
        with engine.connect() as connection:
            waiting = connection.execute(query).scalar_one()
        if not waiting:
            return
        assert time.monotonic() < until, f"{waiting} letters wait"
        time.sleep(0.2)


def _terminal(folder: Path, engine: Engine) -> Terminal:
    return Terminal.at(folder).but(
        OFFBRAND_DATABASE_URL=engine.url.render_as_string(hide_password=False),
        OFFBRAND_SECRET_KEYS="0123456789abcdef0123456789abcdef",
        OFFBRAND_BASE_URL="http://127.0.0.1",
        OFFBRAND_TRUSTED_PROXIES="1",
        OFFBRAND_DELIVERY_THREAD="off",
    )
