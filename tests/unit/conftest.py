"""Unit tests reach no network: whatever opens a socket fails."""

from __future__ import annotations

import socket

import pytest


def _refuse(*_: object) -> None:
    pytest.fail("A unit test tried to open a socket.")


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no socket connect or listen."""
    for method in ("bind", "connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, method, _refuse)
