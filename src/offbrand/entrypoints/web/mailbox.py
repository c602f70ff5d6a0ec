"""Mailbox: letters to read without a mail server, in development only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import abort, render_template
from markupsafe import Markup, escape

from offbrand.entrypoints.web.page import Endpoint

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


_URL = re.compile(r"https?://[^\s<>\"']+")


class MailboxPage(Endpoint):
    """Every letter that was sent."""

    def get(self) -> ResponseReturnValue:
        """List them, newest first."""
        from offbrand.bootstrap import mailbox  # noqa: PLC0415 - who has no such page loads no adapter through this door

        found = mailbox(self.state.settings) or abort(404)
        return render_template("offbrand/mailbox.html", letters=found.letters())


class LetterPage(Endpoint):
    """One letter."""

    def get(self, letter_id: str) -> ResponseReturnValue:
        """Show its text, with links to click on."""
        from offbrand.bootstrap import mailbox  # noqa: PLC0415 - who has no such page loads no adapter through this door

        found = mailbox(self.state.settings) or abort(404)
        try:
            letter = found.read(letter_id)
        except LookupError:
            abort(404)
        return render_template("offbrand/letter.html", letter=letter, text=_with_links(letter.text))


def _with_links(text: str) -> Markup:
    shown, position = Markup(), 0
    for url in _URL.finditer(text):
        shown += escape(text[position : url.start()])
        shown += Markup('<a href="{0}">{0}</a>').format(url[0])
        position = url.end()
    return shown + escape(text[position:])
