"""Serving: the commands that start a web server."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from offbrand.entrypoints import serving
from offbrand.entrypoints.cli import printing
from offbrand.entrypoints.cli.announcing import announce
from offbrand.entrypoints.cli.core import check_tables, upgrade_tables
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.failures import EX_UNAVAILABLE
from offbrand.entrypoints.logs import log_to_stderr
from offbrand.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from socket import socket

_PORT = 8000
_PORTS_TRIED = 100
# What a deployment on this machine may have set, and a demonstration must not touch or use.
_NOT_FOR_DEMO = (
    "OFFBRAND_SECRET_KEYS",
    "OFFBRAND_SMTP_URL",
    "OFFBRAND_THROTTLE_URL",
    "OFFBRAND_TRUSTED_PROXIES",
    "OFFBRAND_DELIVERY_THREAD",
)
_DEMO = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": "sqlite:///offbrand-demo.db"}

_port_type = click.IntRange(0, 65535)


@click.command()
@click.option(
    "--host", metavar="HOST", default="127.0.0.1", show_default=True, help="Where to listen; behind a proxy, leave it."
)
@click.option(
    "--port", metavar="PORT", type=_port_type, default=_PORT, show_default=True, help="0 for any that is free."
)
def serve(host: str, port: int) -> None:
    """Serve the pages and deliver letters. Ctrl-C ends it."""
    settings = Settings.from_env()
    with _closed(_listen(host, port)) as sockets:
        if not settings.production:
            # Links lead to where this is served, unless the developer has said otherwise.
            here = f"http://localhost:{sockets[0].getsockname()[1]}"
            settings = Settings.from_env({"OFFBRAND_BASE_URL": here, **os.environ})
        _prepare(settings)
        log_to_stderr(settings.log_format)
        address = f"{f'[{host}]' if ':' in host else host}:{sockets[0].getsockname()[1]}"
        _serve(settings, sockets, lambda: announce(f"Serving {settings.base_url}/ at {address}.", settings.log_format))


@click.command()
@click.option("--port", metavar="PORT", type=_port_type, help="By default 8000, or the next that is free.")
def demo(port: int | None) -> None:
    """
    Try it: needs no settings and no mail server.

    Keeps accounts and letters in files of the working directory whose names begin with offbrand-demo. Ctrl-C ends it.
    """
    with _closed(_listen_somewhere() if port is None else _listen("localhost", port)) as sockets:
        url = f"http://localhost:{sockets[0].getsockname()[1]}"
        environ = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_DEMO}
        settings = Settings.from_env({**environ, **_DEMO, "OFFBRAND_BASE_URL": url})
        _prepare(settings)
        log_to_stderr(settings.log_format)
        _serve(settings, sockets, lambda: _invite(url, settings.log_format))


def _serve(settings: Settings, sockets: Sequence[socket], ready: Callable[[], object]) -> None:
    verbose = click.get_current_context().find_root().params.get("verbose", False)
    serving.serve(settings, sockets, ready, notes_requests=verbose)


def _invite(url: str, form: str) -> None:
    printing.say(f"{url}/")
    announce("Letters can be read there at /dev/mailbox. Ctrl-C ends the demonstration.", form)


def _prepare(settings: Settings) -> None:
    if settings.production:
        check_tables(settings)
    else:
        upgrade_tables(settings)


@contextmanager
def _closed(sockets: Sequence[socket]) -> Iterator[Sequence[socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(opened) for opened in sockets]


def _listen_somewhere() -> Sequence[socket]:
    for port in range(_PORT, _PORT + _PORTS_TRIED):
        try:
            return serving.listen("localhost", port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _refused("localhost", port, error) from None
    raise Stop(f"No port from {_PORT} on is free; choose one with --port.", EX_UNAVAILABLE, "port")


def _listen(host: str, port: int) -> Sequence[socket]:
    try:
        return serving.listen(host, port)
    except OSError as error:
        raise _refused(host, port, error) from None


def _refused(host: str, port: int, error: OSError) -> Stop:
    if error.errno == errno.EADDRINUSE:
        return Stop(f"Port {port} is in use; choose another with --port.", EX_UNAVAILABLE, "port")
    return Stop(f"Listening at {host}, port {port}, is not possible: {error.strerror}.", EX_UNAVAILABLE, "port")
