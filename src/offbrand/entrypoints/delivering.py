"""Delivering: a thread that lets letters leave while a host does its work."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offbrand.domain.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.auth import Auth

_LOG = logging.getLogger(__name__)
POLL = 0.5  # seconds between two looks for letters that are due
GRACE = 3.0  # seconds that the letter on its way has to be settled in once the block is to end
_PAUSE_AFTER_TROUBLE = 5.0


@contextmanager
def delivering(auth: Auth) -> Iterator[None]:
    """
    Deliver due letters in a thread until the block ends.

    Any number of processes may do so at once. The block ends when the letter that is on its way has been settled, or
    after `GRACE`: a mail server that hangs must not hold up the end. That letter keeps its lease, so that nobody sends
    it while it may yet arrive, and leaves anew when the lease is over.
    """
    stopping = threading.Event()
    thread = threading.Thread(target=_deliver_until, args=(auth, stopping), name="offbrand-delivery", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(GRACE)
        if thread.is_alive():
            _LOG.warning("A letter is still on its way; unless it arrives meanwhile, it leaves again later.")


def _deliver_until(auth: Auth, stopping: threading.Event) -> None:
    pause = 0.0
    while not stopping.wait(pause):
        try:
            pause = 0.0 if any(auth.delivery.deliver(until=stopping.is_set).values()) else POLL
        except AuthError as refusal:
            _LOG.warning("Letters wait: %s", refusal.code)
            pause = _PAUSE_AFTER_TROUBLE
        except Exception as error:  # noqa: BLE001 - the thread must outlive a defect, or no letter leaves any more
            # Only the type: the text may hold what a letter says.
            _LOG.error("Letters wait because of a defect: %s", type(error).__name__)
            pause = _PAUSE_AFTER_TROUBLE
