"""Silence by mail: pages answer the same, and at once, whatever becomes of the letters (ENU-05)."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters.mail.composer import Composer, default_links
from offbrand.adapters.mail.smtp_mailer import SmtpMailer
from offbrand.domain.values import Secret
from offbrand.entrypoints.delivering import delivering
from tests.integration.mail.smtp_server import Behaviour, serving
from tests.integration.web.conftest import app_of
from tests.integration.web.telling import FORMS, JSON, alike, told_about
from tests.integration.web.visitor import ORIGIN
from tests.town import NOBODY, email_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.letters import ReadyLetter
    from tests.integration.web.conftest import Site

PATIENCE = 30  # seconds, for a machine that is busy; never waited for when all is well
HUNG = 600.0  # seconds; longer than any test
MAILED = ["registration", "reset", "fresh link", "email change"]


class Watched:
    """A mailer to a server at *port*, whose first attempt can be waited for, and which no page may use itself."""

    def __init__(self, port: int) -> None:
        self.has_tried = threading.Event()
        composer = Composer(
            links=default_links(ORIGIN),
            base_url=ORIGIN,
            sender="offbrand@example.org",
            subject_prefix="[Offbrand]",
            product="Offbrand",
        )
        self._pages = threading.current_thread()
        self._mailer = SmtpMailer(Secret(f"smtp+plain://127.0.0.1:{port}"), composer, timeout=HUNG)

    def send(self, letter: ReadyLetter) -> None:
        if threading.current_thread() is self._pages:
            msg = "a page that sends letters waits for the mail server"
            raise RuntimeError(msg)
        if letter.recipient is not None:
            self.has_tried.set()
        self._mailer.send(letter)


def mailing(town: Site, mailer: Watched) -> Site:
    """Return the site with another mailer."""
    auth = attrs.evolve(town.auth, delivery=attrs.evolve(town.auth.delivery, mailer=mailer))
    return attrs.evolve(town, auth=auth, app=app_of(auth, town.settings))


@contextmanager
def at_work(town: Site, port: int) -> Iterator[Site]:
    """Let letters leave for the server at *port*; the block begins when the first of them has been tried."""
    mailer = Watched(port)
    site = mailing(town, mailer)
    with delivering(site.auth):
        FORMS["reset"].send(site.visitor(), str(email_of("active")), headers={})
        assert mailer.has_tried.wait(PATIENCE)
        yield site


def all_alike(site: Site) -> bool:
    """Check every form that causes a letter, for every kind of account."""
    for name in MAILED:
        for headers in ({}, JSON):
            answers = told_about(site, FORMS[name], headers)
            assert answers[NOBODY][0] == "303 SEE OTHER"
            assert alike(answers)
    return True


def nobody_asks(server: socket.socket) -> bool:
    """Whether nobody has connected to the server, or not again."""
    server.settimeout(0)
    with pytest.raises(BlockingIOError):
        server.accept()
    return True


def test_enu_05_with_a_mail_server_that_works(town: Site) -> None:
    behaviour = Behaviour()
    with serving(behaviour) as port, at_work(town, port) as site:
        assert all_alike(site)
    assert behaviour.envelopes


def test_enu_05_with_a_mail_server_that_refuses_letters(town: Site) -> None:
    behaviour = Behaviour(on_mail="451 Not now")
    with serving(behaviour) as port, at_work(town, port) as site:
        assert all_alike(site)


def test_enu_05_with_no_mail_server(town: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with at_work(town, port) as site:
        assert all_alike(site)


def test_enu_05_with_a_mail_server_that_hangs(town: Site) -> None:
    """No answer waits: all have come while the first letter has no word from the server yet, and no other has asked."""
    with socket.create_server(("127.0.0.1", 0)) as silent, at_work(town, silent.getsockname()[1]) as site:
        silent.settimeout(PATIENCE)
        connection, _ = silent.accept()
        with connection:
            assert all_alike(site)
            connection.settimeout(0)
            with pytest.raises(BlockingIOError):
                connection.recv(1)
            assert nobody_asks(silent)
            # The letters behind it are to be refused, or the worker would not come to its end.
            silent.close()


def test_enu_05_with_nobody_to_send_letters(town: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert all_alike(mailing(town, Watched(silent.getsockname()[1])))
        assert nobody_asks(silent)
