"""A real mail server on loopback that a test tells how to behave, and certificates that last as long as the test."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from contextlib import contextmanager
from email import message_from_bytes
from typing import TYPE_CHECKING
from uuid import UUID

import attrs
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

HOST = "localhost"
_PATIENCE = 60  # seconds, for a machine that is busy; never waited for when all is well


@attrs.define
class Behaviour:
    """What the server answers, and what it has seen; where it hangs, it goes on when it is told to hang nowhere."""

    on_mail: str = ""
    on_rcpt: str = ""
    on_data: str = ""
    on_quit: str = ""
    drops_after: str = ""
    hangs_at: str = ""
    hangs: threading.Event = attrs.Factory(threading.Event)
    login: tuple[bytes, bytes] | None = None
    commands: list[str] = attrs.Factory(list)
    envelopes: list[Envelope] = attrs.Factory(list)
    logins: list[tuple[bytes, bytes]] = attrs.Factory(list)
    was_encrypted: list[bool] = attrs.Factory(list)

    async def handle_MAIL(  # noqa: N802 - as aiosmtpd calls it
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append("MAIL")
        self.was_encrypted.append(_transport(server).get_extra_info("ssl_object") is not None)
        envelope.mail_from, envelope.mail_options = address, options
        return await self._answer(server, "MAIL", self.on_mail)

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.commands.append("RCPT")
        if not self.on_rcpt:
            envelope.rcpt_tos.append(address)
        return await self._answer(server, "RCPT", self.on_rcpt)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        self.commands.append("DATA")
        self.envelopes.append(envelope)
        return await self._answer(server, "DATA", self.on_data)

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - likewise
        self.commands.append("QUIT")
        return await self._answer(server, "QUIT", self.on_quit or "221 Bye")

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=(data.login, data.password) == self.login, handled=False)

    def message_ids(self) -> list[str]:
        """Return the Message-ID of every letter that was handed over, copies too."""
        return [str(_content(envelope)["Message-ID"]) for envelope in self.envelopes]

    def arrived(self) -> list[tuple[UUID, str]]:
        """Return the id and the address of each letter, once for each of its recipients."""
        return [(_letter_id(envelope), address) for envelope in self.envelopes for address in envelope.rcpt_tos]

    async def _answer(self, server: SMTP, command: str, answer: str) -> str:
        if self.hangs_at == command:
            self.hangs.set()
            while self.hangs_at == command:  # noqa: ASYNC110 - told by a test, which is no part of the loop
                await asyncio.sleep(0.01)
        if self.drops_after == command:
            _transport(server).abort()
        return answer or "250 OK"


def _letter_id(envelope: Envelope) -> UUID:
    return UUID(str(_content(envelope)["Message-ID"]).strip("<>").partition("@")[0])


def _content(envelope: Envelope) -> Message:
    assert isinstance(envelope.content, bytes)
    return message_from_bytes(envelope.content)


def _transport(server: SMTP) -> asyncio.WriteTransport:
    assert isinstance(server.transport, asyncio.WriteTransport)
    return server.transport


@contextmanager
def serving(
    behaviour: Behaviour, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve on a free port while the block lasts, and lend its number."""
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(
            behaviour,
            hostname=HOST,
            loop=loop,
            tls_context=starttls,
            authenticator=behaviour.authenticate if behaviour.login else None,
            auth_require_tls=tls is None,
        )

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    # From there, as the thread of a test may have a loop of its own that is running.
    listening = loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(_PATIENCE)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_rest(), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _rest() -> None:
    """Let connections end, or end them."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def make_authority(folder: Path) -> Path:
    """Make a certificate authority; return its certificate."""
    _openssl(
        folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=throw-away "
        "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign "
        "-keyout ca.key -out ca.pem",
    )
    return folder / "ca.pem"


def make_context(folder: Path, host: str) -> ssl.SSLContext:
    """Return what a server named *host* needs to speak TLS, signed by the authority in *folder*."""
    _openssl(
        folder,
        f"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={host} "
        f"-addext subjectAltName=DNS:{host} -keyout {host}.key -out {host}.csr",
    )
    _openssl(folder, f"x509 -req -in {host}.csr -CA ca.pem -CAkey ca.key -days 2 -copy_extensions copy -out {host}.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{host}.pem", folder / f"{host}.key")
    return context


def _openssl(folder: Path, arguments: str) -> None:
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607
