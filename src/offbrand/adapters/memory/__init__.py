"""
Every port in memory: the reference reading of `offbrand.domain.ports`, and all that a host's own tests need.

    auth, mailbox, clock = memory.auth()
    auth.registration.register(email, username, password, client=memory.CLIENT)
    token = mailbox.token(email)

Thread-safe, never slow and never random by the clock; forgets everything with the process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.adapters.memory.clock import MovableClock
from offbrand.adapters.memory.hasher import PlainHasher
from offbrand.adapters.memory.mailbox import Mailbox
from offbrand.adapters.memory.store import MemoryUnitOfWork
from offbrand.adapters.memory.throttle import MemoryThrottle
from offbrand.adapters.memory.tokens import MemoryTokens
from offbrand.domain.auth import Auth
from offbrand.domain.policy import Policy
from offbrand.domain.values import Client

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CLIENT",
    "Mailbox",
    "MemoryThrottle",
    "MemoryTokens",
    "MemoryUnitOfWork",
    "MovableClock",
    "PlainHasher",
    "auth",
    "listed",
]

CLIENT = Client(network="192.0.2.1", user_agent="memory")
_DEFAULT_POLICY = Policy()
_LISTED = frozenset({"password", "correct horse battery staple", "offbrand offbrand offbrand"})


def listed(text: str, words: Sequence[str] = ()) -> bool:
    """Return whether *text* is on a very short blocklist, or one of the account's own words."""
    return text.casefold() in _LISTED.union(word.casefold() for word in words)


def auth(policy: Policy = _DEFAULT_POLICY) -> tuple[Auth, Mailbox, MovableClock]:
    """Return a whole core in memory, the mailbox that its letters reach, and the clock that it reads."""
    clock = MovableClock()
    unit_of_work = MemoryUnitOfWork(clock)
    mailbox = Mailbox(unit_of_work)
    assembled = Auth.assemble(
        unit_of_work=unit_of_work,
        hasher=PlainHasher(unit_of_work),
        tokens=MemoryTokens(clock),
        mailer=mailbox,
        clock=clock,
        throttle=MemoryThrottle(unit_of_work),
        blocklist=listed,
        policy=policy,
    )
    mailbox.collect_from(assembled.delivery.deliver)
    return assembled, mailbox, clock
