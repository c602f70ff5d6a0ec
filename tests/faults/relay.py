"""Relay: a mail server that has every trouble there is, behind a line that has the others."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from tests.faults.proxy import Proxy
from tests.integration.mail.smtp_server import Behaviour, serving

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from aiosmtpd.smtp import SMTP, Envelope, Session


class _Behaviour(Behaviour):
    """Keeps only what it takes."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        answer = await super().handle_DATA(server, session, envelope)
        if self.on_data:
            self.envelopes.remove(envelope)
        return answer


class Relay:
    """One mail server, whose certificates a test may change."""

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self.behaviour = _Behaviour()
        self._certificate = certificate
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._well = self.serve(self._certificate)
        self.line = self._open.enter_context(Proxy(self._well))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def serve(self, certificate: ssl.SSLContext | None) -> int:
        """Begin to serve with this certificate or with none, and return the port."""
        return self._open.enter_context(serving(self.behaviour, starttls=certificate))

    def says(self, **answers: str) -> None:
        """Answer otherwise from now on."""
        for name, answer in answers.items():
            setattr(self.behaviour, name, answer)

    def heal(self) -> None:
        """Be well again."""
        self.says(on_mail="", on_rcpt="", on_data="", drops_after="")
        self.line.target = self._well
        if self.line.is_gone:
            self.line.appear()
        self.line.heal()

    def copies(self) -> list[str]:
        """Return the ids of the letters that arrived, as often as they did."""
        return [str(letter_id) for letter_id, _ in self.behaviour.arrived()]
