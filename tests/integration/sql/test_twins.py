"""Twins: keys that a database might take for one are others, as they are in Python, wherever they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.domain.policy import Allowance
from offbrand.domain.values import EmailAddress, Username
from tests.integration.sql.examples import HOUR, NOON, account, session, store

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork

# What a database may take for one: case, accents, trailing blanks, letters that are written as two.
TWINS = [
    "a",
    "A",
    "a ",
    "\N{LATIN SMALL LETTER A WITH DIAERESIS}",
    "a\N{COMBINING DIAERESIS}",
    "ss",
    "\N{LATIN SMALL LETTER SHARP S}",
]


def test_d26_twins_of_device_and_session_digests_are_others(unit_of_work: SqlUnitOfWork) -> None:
    """A cookie that only looks like a known one opens nothing, and is no known device (L3, L8)."""
    ann = account()
    store(unit_of_work, ann)
    for known in TWINS:
        with unit_of_work.writing() as tx:
            tx.devices.remove_all(ann.id)
            tx.sessions.remove_all(ann.id)
            tx.devices.add(ann.id, known, NOON, at_most=9)
            tx.sessions.add(session(ann, known), at_most=9)
            assert [twin for twin in TWINS if tx.devices.knows(ann.id, twin)] == [known]
            assert [twin for twin in TWINS if tx.sessions.find(twin)] == [known]
    with unit_of_work.writing() as tx:
        for digest in TWINS:
            tx.devices.add(ann.id, digest, NOON, at_most=9)
        assert all(tx.devices.knows(ann.id, digest) for digest in TWINS)


def test_d26_twins_of_throttle_keys_are_counted_apart(engine: Engine) -> None:
    """Law L8: one who guesses spends nobody else's allowance."""
    throttle = SqlThrottle(engine)
    for key in TWINS:
        assert throttle.count([Allowance(key, 1, HOUR)], NOON) is None
    throttle.forget(TWINS[0])
    spent = [key for key in TWINS if throttle.count([Allowance(key, 1, HOUR)], NOON)]
    assert spent == TWINS[1:]


def test_d26_twins_of_keys_are_held_by_others(unit_of_work: SqlUnitOfWork) -> None:
    """Law L1: each has its account, confirmed or pending, and is found by its own key alone."""
    emails = [
        EmailAddress(f"{local}@example.org") for local in ("jose", "jos\N{LATIN SMALL LETTER E WITH ACUTE}", "jose_")
    ]
    usernames = [Username("jose"), Username("jos\N{LATIN SMALL LETTER E WITH ACUTE}"), Username("jose_")]
    pairs = list(zip(emails, usernames, strict=True))
    held = [account(email=email, username=username) for email, username in pairs]
    pending = [account(email=email, username=username, confirmed_at=None) for email, username in pairs]
    store(unit_of_work, *held, *pending)
    with unit_of_work.reading() as tx:
        assert held == [tx.accounts.claimed_by(email) for email in emails]
        assert held == [tx.accounts.claimed_by(username) for username in usernames]
        assert pending == [tx.accounts.newest_pending(email) for email in emails]


# The longest values there are, and the letter whose key is longest.
LONGEST = [
    (f"{'A' * 64}@{'b' * 61}.{'c' * 61}.{'d' * 61}.org", "a" * 64),
    (f"{'0' * 64}@{'b' * 61}.{'c' * 61}.{'d' * 61}.org", "\N{LATIN SMALL LETTER SHARP S}" * 64),
    (f"{'1' * 64}@{'b' * 61}.{'c' * 61}.{'d' * 61}.org", "\N{DESERET CAPITAL LETTER LONG I}" * 64),
    (f"{'2' * 64}@{'b' * 61}.{'c' * 61}.{'d' * 61}.org", "\N{LATIN SMALL LETTER J WITH CARON}" * 64),
]


def test_the_longest_names_fit_their_columns(unit_of_work: SqlUnitOfWork) -> None:
    """INP-01: neither cut nor refused, and found in any spelling."""
    for email, username in LONGEST:
        ann = account(email=EmailAddress.parse(email), username=Username.parse(username), confirmed_at=NOON)
        assert (len(ann.email.text), len(username)) == (254, 64)
        store(unit_of_work, ann)
        for name in (EmailAddress.parse(email.upper()), Username(username.swapcase())):
            with unit_of_work.reading() as tx:
                found = tx.accounts.claimed_by(name)
            assert found is not None
            assert (found.id, found.email.text, found.username.text) == (ann.id, ann.email.text, ann.username.text)
