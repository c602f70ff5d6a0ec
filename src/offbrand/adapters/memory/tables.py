"""Tables in memory: dictionaries of frozen values, so that a shallow copy is a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from offbrand.domain.account import Account
    from offbrand.domain.events import Event
    from offbrand.domain.letters import Letter
    from offbrand.domain.session import Session
    from offbrand.domain.values import AccountId


@attrs.define(kw_only=True)
class Tables:
    """Everything that is stored; events are in the order of their positions."""

    accounts: dict[AccountId, Account] = attrs.Factory(dict)
    sessions: dict[str, Session] = attrs.Factory(dict)
    devices: dict[tuple[AccountId, str], datetime] = attrs.Factory(dict)
    events: dict[int, Event] = attrs.Factory(dict)
    letters: dict[UUID, Letter] = attrs.Factory(dict)

    def copy(self) -> Tables:
        """Return a snapshot."""
        return Tables(
            accounts=dict(self.accounts),
            sessions=dict(self.sessions),
            devices=dict(self.devices),
            events=dict(self.events),
            letters=dict(self.letters),
        )
