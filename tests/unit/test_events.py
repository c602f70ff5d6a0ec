"""Events: what is remembered of a moment, and what is not."""

from __future__ import annotations

from uuid import UUID

import attrs

from offbrand.domain.events import OWNER, Event, EventKind, happened
from offbrand.domain.values import AccountId, Client, Token
from tests.unit.people import NOW


def test_an_event_remembers_the_client_but_not_its_device() -> None:
    client = Client(network="192.0.2.1", user_agent="unit", device=Token("the-device"))
    event = happened(
        EventKind.LOGGED_IN, id=UUID(int=1), at=NOW, account_id=AccountId(UUID(int=2)), client=client, actor="ops"
    )
    assert (event.network, event.user_agent, event.actor, event.outcome) == ("192.0.2.1", "unit", "ops", "success")
    assert "the-device" not in str(attrs.asdict(event, value_serializer=lambda *v: repr(v[2])))


def test_an_event_without_a_client_is_the_systems_or_an_operators() -> None:
    event = happened(EventKind.DISABLED, id=UUID(int=1), at=NOW, account_id=None, outcome="refused")
    assert (event.network, event.user_agent, event.actor, event.outcome) == (None, None, OWNER, "refused")


def test_l9_an_event_has_no_room_for_an_address_or_typed_text() -> None:
    assert {field.name for field in attrs.fields(Event)} == {
        *(
            "id",
            "kind",
            "at",
            "account_id",
            "actor",
            "network",
            "user_agent",
            "outcome",
            "identifier_digest",
            "position",
        )
    }


def test_a_kind_is_its_name_in_lower_case() -> None:
    """The log is read by programs, so a kind is never renamed by accident."""
    assert {kind.name.lower(): kind.value for kind in EventKind} == {kind.value: kind.value for kind in EventKind}
