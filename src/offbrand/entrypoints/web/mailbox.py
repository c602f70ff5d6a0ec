"""Mailbox: letters to read without a mail server, in development only."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from flask import abort, current_app, render_template, request, url_for
from markupsafe import Markup, escape

from offbrand.entrypoints.web.clients import client_of
from offbrand.entrypoints.web.page import Endpoint
from offbrand.entrypoints.web.state import current_state

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_URL = re.compile(r"https?://[^\s<>\"']+")


class MailboxPage(Endpoint):
    """Every letter that was sent."""

    def get(self) -> ResponseReturnValue:
        """List them, newest first."""
        from offbrand.bootstrap import mailbox  # noqa: PLC0415 - who has no such page loads no adapter through this door

        _check_peer()
        found = mailbox(self.state.settings) or abort(404)
        return render_template("offbrand/mailbox.html", letters=found.letters())


class LetterPage(Endpoint):
    """One letter."""

    def get(self, letter_id: str) -> ResponseReturnValue:
        """Show its text, with links to click on."""
        from offbrand.bootstrap import mailbox  # noqa: PLC0415 - who has no such page loads no adapter through this door

        _check_peer()
        found = mailbox(self.state.settings) or abort(404)
        try:
            letter = found.read(letter_id)
        except LookupError:
            abort(404)
        return render_template("offbrand/letter.html", letter=letter, text=_with_links(letter.text))


def mailbox_path() -> str | None:
    """Return where this visitor reads letters that are not mailed; None where nobody does, or only others may."""
    return url_for("mailbox") if "mailbox" in current_app.view_functions and _is_this_machine() else None


def _check_peer() -> None:
    # Everybody's links lie there, and a server for development may well listen to its whole network.
    if not _is_this_machine():
        abort(404)


def _is_this_machine() -> bool:
    # The peer may be a proxy on this machine, and whoever is behind it on another.
    return all(map(_is_loopback, (request.remote_addr, client_of(current_state()).network)))


def _is_loopback(network: str | None) -> bool:
    try:
        return ipaddress.ip_address(network or "").is_loopback
    except ValueError:
        return False


def _with_links(text: str) -> Markup:
    shown, position = Markup(), 0
    for url in _URL.finditer(text):
        shown += escape(text[position : url.start()])
        shown += Markup('<a href="{0}">{0}</a>').format(url[0])
        position = url.end()
    return shown + escape(text[position:])
