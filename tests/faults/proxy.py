"""Proxy: a line to a server that a test cuts, hangs or takes away, and gives back at the same port."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

HOST = "127.0.0.1"
_CHUNK = 65536


class Proxy:
    """Passes bytes on to *target*, a port of this machine, which a test may change for connections to come."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._flowing = threading.Event()
        self._flowing.set()
        self._trap: tuple[bytes, Callable[[], object]] | None = None
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self._accept()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.vanish()
        self.resume()

    @property
    def is_hung(self) -> bool:
        """Whether bytes are kept back, and somebody waits for them."""
        return not self._flowing.is_set() and bool(self._ends)

    @property
    def is_gone(self) -> bool:
        """Whether connections are refused."""
        return self._listener.fileno() < 0

    def hang(self) -> None:
        """Take connections and bytes, and pass nothing on."""
        self._flowing.clear()

    def resume(self) -> None:
        """Pass on what was kept back, and everything that follows."""
        self._flowing.set()

    def cut(self) -> None:
        """End every connection."""
        ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def vanish(self) -> None:
        """End every connection, and refuse new ones."""
        with suppress(OSError):
            # A close alone would not wake who is waiting for a connection.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def appear(self) -> None:
        """Take connections again, at the same port."""
        self._listener = socket.create_server((HOST, self.port))
        self._accept()

    def when(self, sent: bytes, act: Callable[[], object]) -> None:
        """Call *act* the next time that a client sends *sent*, before it is passed on."""
        self._trap = sent, act

    def heal(self) -> None:
        """Lay no more traps, and pass everything on; what hung is ended."""
        self._trap = None
        if not self._flowing.is_set():
            self.cut()
            self.resume()

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((HOST, self.target))
                self._ends |= {client, server}
                for source, sink, trapped in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=(source, sink, trapped), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, trapped: bool) -> None:  # noqa: FBT001 - of a thread
        with suppress(OSError):
            while chunk := source.recv(_CHUNK):
                if trapped and self._trap and self._trap[0] in chunk:
                    (_, act), self._trap = self._trap, None
                    act()
                self._flowing.wait()
                sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.discard(source)
        source.close()
