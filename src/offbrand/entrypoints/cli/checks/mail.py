"""Mail: whether letters could leave, up to the point where one would."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from offbrand.domain.errors import MailError
from offbrand.entrypoints.cli.checks.finding import bad, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.entrypoints.cli.checks.finding import Finding, Patient
    from offbrand.settings import Settings


def look(patient: Patient) -> Iterator[Finding]:
    """Greet the mail server and log in to it, or write into the mailbox."""
    from offbrand.bootstrap import greet_mail_server  # noqa: PLC0415 - help needs no adapter

    if patient.settings.smtp_url is None:
        yield _mailbox(patient.settings)
        return
    try:
        protected = greet_mail_server(patient.settings)
    except MailError as trouble:
        yield bad(str(trouble), "Check OFFBRAND_SMTP_URL; letters wait until it works.")
        return
    if protected:
        yield ok("The mail server would take letters, over TLS that can be trusted.")
    else:
        yield warning(
            "The mail server would take letters, but in clear, and they hold links.",
            "Right for a relay on this machine; otherwise use smtp:// or smtps://.",
        )


def _mailbox(settings: Settings) -> Finding:
    folder = settings.mailbox.absolute()
    place = folder if folder.exists() else folder.parent
    try:
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        return bad(f"Letters cannot be kept in {folder}: {error.strerror}.", "Make it a folder that you can write to.")
    return ok(f"Letters are kept in {folder}; nobody gets them.")
