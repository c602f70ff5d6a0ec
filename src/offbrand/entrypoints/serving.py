"""Serving: the web front end behind waitress, with letters leaving beside it."""

from __future__ import annotations

import errno
import socket
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from offbrand.domain.lanes import WAITING_PER_SLOT
from offbrand.entrypoints.delivering import delivering
from offbrand.entrypoints.stopping import stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from offbrand.entrypoints.stopping import Wish
    from offbrand.settings import Settings

GRACE = 5.0  # seconds that requests have to finish in once the server is to end
_TICK = 0.25  # seconds between two looks at whether it is
_THREADS_FOR_PAGES = 6
# Seconds for which a thread may keep the interpreter while others want it. With Python's ten times as many, a refusal
# whose thread has to get it back a dozen times takes over a second under a flood.
_INTERPRETER_TURN = 0.0005
_KIB = 1024


def listen(host: str, port: int) -> Sequence[socket.socket]:
    """
    Return sockets that listen at every address of *host*; port 0 becomes one that is free.

    Raises:
        OSError: If that is not possible, for example because the port is in use.
    """
    sockets: list[socket.socket] = []
    with ExitStack() as undo:
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            # The first decides for port 0, so that all have the same.
            chosen = sockets[0].getsockname()[1] if sockets else port
            try:
                sockets.append(undo.enter_context(_listen(family, (address[0], chosen, *address[2:]))))
            except OSError as error:
                # A machine may know an address of its own, and have that kind of network switched off.
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise
        if not sockets:
            raise OSError(errno.EADDRNOTAVAIL, "the address is not one of this machine")
        undo.pop_all()
    return sockets


def serve(
    settings: Settings, sockets: Sequence[socket.socket], ready: Callable[[], object], *, notes_requests: bool = False
) -> None:
    """
    Serve the pages until Ctrl-C or SIGTERM, then let requests finish; call *ready* when the first can be served.

    Letters leave as well, unless the settings say that something else sees to that. Whether a line is logged for each
    request is for the caller to say, as it tells where visitors come from.
    """
    from offbrand.bootstrap import connected  # noqa: PLC0415 - commands that serve nothing need no adapter
    from offbrand.entrypoints.web import create_app  # noqa: PLC0415 - or Flask
    from offbrand.entrypoints.web.access_log import AccessLog  # noqa: PLC0415 - as above

    with ExitStack() as stack:
        auth = stack.enter_context(connected(settings))
        app = create_app(auth, settings)
        if notes_requests:
            app.wsgi_app = AccessLog(app, settings.trusted_proxies)  # type: ignore[method-assign] # as Flask suggests
        wish = stack.enter_context(stop_on_signals())
        if settings.delivery_thread:
            stack.enter_context(delivering(auth))
        run(app, sockets, settings, wish, ready)


def run(
    app: object, sockets: Sequence[socket.socket], settings: Settings, wish: Wish, ready: Callable[[], object]
) -> None:
    """Serve any WSGI application, such as ours inside another, as `serve` does; for a program of one's own."""
    from waitress.server import create_server  # noqa: PLC0415 - as above
    from waitress.wasyncore import close_all, loop  # noqa: PLC0415 - as above

    from offbrand.entrypoints.early_answers import Channel, ChannelBehindHttps  # noqa: PLC0415 - as above
    from offbrand.entrypoints.turns import Turns  # noqa: PLC0415 - as above

    # Everything that is open: listeners, connections, and what wakes the loop.
    channels: dict[int, Any] = {}
    # Those who hash, those who wait for it, and one who is turned away, as more would take the time that hashing needs;
    # the other threads are for pages alone.
    forms_at_once = (1 + WAITING_PER_SLOT) * settings.hash_slots + 1
    threads = Turns(forms_at_once, settings.trusted_proxies)
    create_server(app, map=channels, sockets=list(sockets), _dispatcher=threads, **_adjustments(settings))
    threads.set_thread_count(forms_at_once + _THREADS_FOR_PAGES)
    listeners = [channel for channel in channels.values() if channel.accepting]
    for listener in listeners:
        listener.channel_class = ChannelBehindHttps if settings.is_https else Channel
    with _short_turns():
        ready()
        while not wish.is_stop:
            loop(timeout=_TICK, use_poll=True, map=channels, count=1)
    for listener in listeners:
        # Not its `close`, which takes away what running requests wake the loop with.
        listener.del_channel()
        listener.socket.close()
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(map(_is_busy, channels.values())):
        loop(timeout=_TICK, use_poll=True, map=channels, count=1)
    threads.shutdown(timeout=1)
    close_all(channels)


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_INTERPRETER_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _adjustments(settings: Settings) -> Mapping[str, Any]:
    return {
        "connection_limit": 600,
        "channel_timeout": 60,
        "max_request_header_size": 32 * _KIB,
        # More than the application takes, whose answer to what is too long is the better one.
        "max_request_body_size": 256 * _KIB,
        # The application itself reads what proxies say, if there are any to be trusted.
        "clear_untrusted_proxy_headers": settings.trusted_proxies == 0,
        "ident": None,
        "asyncore_use_poll": True,
    }


def _is_busy(channel: Any) -> bool:  # noqa: ANN401 - waitress has no types
    """Return whether a request is being read, worked on or answered."""
    return any(getattr(channel, name, None) for name in ("request", "requests", "total_outbufs_len"))


def _listen(family: int, address: tuple[Any, ...]) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        # At once, because until then somebody else might still bind the same port.
        opened.listen()
    except OSError:
        opened.close()
        raise
    return opened
