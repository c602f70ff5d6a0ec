"""Postbox: a real mail server on loopback, and the letters that have reached it."""

from __future__ import annotations

import re
import threading
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

from tests.integration.mail.smtp_server import Behaviour

if TYPE_CHECKING:
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

PATIENCE = 90  # seconds, for a machine that is busy; never waited for when all is well


class Postbox(Behaviour):
    """Accepts every letter, and wakes whoever waits for one."""

    def __init__(self) -> None:
        super().__init__()
        self._arrival = threading.Condition()
        self._messages: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep the letter."""
        answer = await super().handle_DATA(server, session, envelope)
        assert isinstance(envelope.content, bytes)
        with self._arrival:
            self._messages.append(message_from_bytes(envelope.content, policy=default))
            self._arrival.notify_all()
        return answer

    def letter(self, address: str, subject: str) -> str:
        """Wait for the oldest unread letter to *address* with this *subject*; return its text."""
        with self._arrival:
            found = self._arrival.wait_for(lambda: self._find(address, subject), PATIENCE)
            assert found, f"no letter «{subject}» has come to {address}: {[str(m['Subject']) for m in self._messages]}"
            self._messages.remove(found)
        part = found.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def link(self, address: str, subject: str) -> str:
        """Wait for that letter; return the first link with a token in it."""
        text = self.letter(address, subject)
        link = re.search(r"http://\S+/auth/(?:confirm|reset|change-email|undo-email)/\S+", text)
        assert link, text
        return link[0]

    def _find(self, address: str, subject: str) -> EmailMessage | None:
        matching = (m for m in self._messages if m["To"] == address and subject in m["Subject"])
        return next(matching, None)
