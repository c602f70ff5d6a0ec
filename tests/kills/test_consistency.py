"""The consistency check notices each kind of damage, planted one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
import pytest
from sqlalchemy import text

from offbrand.domain.claims import Purpose
from offbrand.domain.values import Client
from tests.integration.sql.databases import migrated_engine
from tests.kills.consistency import inconsistencies
from tests.kills.place import Place
from tests.kills.points import PASSWORD, link
from tests.kills.post import Copy, delivered_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Lend a place where ada has confirmed and logged in once more, and eve has registered."""
    folder = tmp_path_factory.mktemp("place")
    with migrated_engine("sqlite", folder) as engine, delivered_to() as post:
        place = Place.at(folder, engine, post)
        ada = place.pending("ada")
        place.rest()
        place.auth.confirmation.complete(link(place.auth, ada, Purpose.CONFIRMATION), PASSWORD, client=Client())
        place.auth.login.log_in(ada.email, PASSWORD, client=Client())
        place.pending("eve")
        place.rest()
        yield place


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        # Law L1: who claims.
        ("UPDATE offbrand_accounts SET claimed_email = email WHERE id = :eve", "claims and is not confirmed"),
        ("UPDATE offbrand_accounts SET claimed_username = NULL WHERE id = :ada", "is confirmed and does not claim"),
        ("UPDATE offbrand_accounts SET claimed_email = NULL WHERE id = :ada", "is confirmed and does not claim"),
        (
            "UPDATE offbrand_accounts SET email = 'ADA@example.org', confirmed_at = registered_at WHERE id = :eve",
            "2 accounts claim ada@example.org",
        ),
        (
            "UPDATE offbrand_accounts SET username = 'Ada', confirmed_at = registered_at WHERE id = :eve",
            "2 accounts claim ada",
        ),
        ("UPDATE offbrand_accounts SET purge_at = registered_at WHERE id = :ada", "to be purged at the wrong time"),
        # Laws L5 and L2: changes and events.
        (
            "DELETE FROM offbrand_events WHERE kind = 'registered' AND account_id = :eve",
            "was registered 0 times",
        ),
        ("DELETE FROM offbrand_events WHERE kind = 'confirmed'", "was confirmed 0 times"),
        ("UPDATE offbrand_events SET account_id = :eve WHERE kind = 'confirmed'", "was confirmed 1 times"),
        ("UPDATE offbrand_accounts SET generation = 2 WHERE id = :eve", "has generation 2 after 0 changes"),
        ("DELETE FROM offbrand_accounts WHERE id = :eve", "is in the log and nowhere else"),
        # Law L3: sessions.
        ("UPDATE offbrand_accounts SET disabled_at = registered_at WHERE id = :ada", "is of no active account"),
        ("UPDATE offbrand_sessions SET generation = 1", "has outlived a change"),
        ("UPDATE offbrand_sessions SET began_at = expires_at", "was begun by nothing"),
        ("DELETE FROM offbrand_sessions WHERE id IN (SELECT max(id) FROM offbrand_sessions)", "has 1 sessions"),
        ("DELETE FROM offbrand_events WHERE kind = 'logged_in'", "has 2 sessions, the log says 1"),
        ("DELETE FROM offbrand_devices", "knows no device"),
        ("UPDATE offbrand_devices SET account_id = :eve", "which was never entered"),
        # Law L5: letters.
        ("DELETE FROM offbrand_letters WHERE account_id = :eve", "has caused 0 letters"),
        (
            "UPDATE offbrand_letters SET event_id = (SELECT id FROM offbrand_events WHERE account_id = :eve)",
            "has caused 3 letters",
        ),
        ("UPDATE offbrand_letters SET kind = 'password_changed'", "password_changed, was caused by nothing"),
        ("DELETE FROM offbrand_events", "was caused by nothing"),
        ("UPDATE offbrand_letters SET state = 'waiting'", "is still waiting"),
        ("UPDATE offbrand_letters SET leased_until = written_at", "is still sent"),
        ("UPDATE offbrand_letters SET state = 'void' WHERE account_id = :eve", "was kept back for nothing"),
        ("UPDATE offbrand_letters SET state = 'void' WHERE kind = 'new_login'", "was kept back for nothing"),
        ("UPDATE offbrand_letters SET state = 'void' WHERE account_id = :ada", "void, has arrived 1 times"),
        ("UPDATE offbrand_letters SET recipient = 'ada@example.org'", "still knows to whom"),
        ("DELETE FROM offbrand_letters WHERE account_id = :eve", "has arrived and was never written"),
    ],
)
def test_damage_to_rows_is_noticed(place: Place, damage: str, noticed: str) -> None:
    with place.engine.connect() as connection:
        assert inconsistencies(connection, place.post.copies, {}) == []
        stored = connection.execute(text("SELECT username, id FROM offbrand_accounts"))
        ids = {row.username: row.id for row in stored}
        assert connection.execute(text(damage), ids).rowcount > 0
        assert [said for said in inconsistencies(connection, place.post.copies, {}) if noticed in said]


def another(copies: Sequence[Copy], **changes: Any) -> list[Copy]:  # noqa: ANN401 - any attribute of a copy
    return [*copies, attrs.evolve(copies[0], **changes)]


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        (lambda copies: copies[1:], "was sent and has not arrived"),
        (another, "sent, has arrived 2 times"),
        (lambda copies: another(copies, id=UUID(int=1)), "has arrived and was never written"),
        (lambda copies: another(copies, link="/auth/confirm/other"), "is not the same in all its copies"),
        (lambda copies: another(copies, recipient="eve@example.org"), "is not the same in all its copies"),
        (lambda copies: another(copies, recipient="eve@example.org")[1:], "has gone to somebody else"),
    ],
    ids=["lost", "twice", "made up", "with another link", "in another mailbox, too", "in another mailbox"],
)
def test_damage_to_mailboxes_is_noticed(
    place: Place, damage: Callable[[Sequence[Copy]], Sequence[Copy]], noticed: str
) -> None:
    with place.engine.connect() as connection:
        said = inconsistencies(connection, damage(place.post.copies), {})
    assert [sentence for sentence in said if noticed in sentence]


def test_one_more_copy_is_excused_where_its_worker_was_killed(place: Place) -> None:
    twice = another(place.post.copies)
    with place.engine.connect() as connection:
        assert inconsistencies(connection, twice, {twice[0].id: 1}) == []
        assert len(inconsistencies(connection, another(twice), {twice[0].id: 1})) == 1
