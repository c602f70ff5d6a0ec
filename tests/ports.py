"""Ports: for programs that must be told where to listen, or that listen at the same place again."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

_FIRST, _COUNT = 20_000, 12_000


def free_port() -> int:
    """
    Return a port at which nobody listens.

    It is none of those that systems give to whoever asks for any: by the time that a program has started, somebody else
    may have got one of them.
    """
    while True:
        port = _FIRST + secrets.randbelow(_COUNT)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
