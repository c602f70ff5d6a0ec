"""Confirmation: the command that completes a registration or an invitation, or discards it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from offbrand.domain.claims import Purpose
from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.cli import asking, printing
from offbrand.entrypoints.cli.core import visiting
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.failures import EX_USAGE

if TYPE_CHECKING:
    from offbrand.entrypoints.cli.core import Visitor


@click.command()
@click.option("--anew", metavar="USERNAME", help="Choose username and password now; for invitations, too.")
@click.option("--discard", is_flag=True, help="Delete the registration: it was somebody else's.")
@click.option("--resend", metavar="EMAIL", help="Have a fresh link sent.")
def confirm(anew: str | None, resend: str | None, *, discard: bool) -> None:
    """
    Complete a registration with the letter's link, and log in.

    Asks for the link, then for the password chosen at registration; with --anew, for a new password.
    """
    if (anew is not None) + (resend is not None) + discard > 1:
        raise click.UsageError("Only one of --anew, --discard and --resend is possible.")
    with visiting() as visitor:
        if resend is not None:
            visitor.auth.confirmation.request(parsing.email_address(resend), client=visitor.client)
            printing.say(promises.CONFIRMATION)
        elif discard:
            visitor.auth.confirmation.discard(asking.link(), client=visitor.client)
            printing.say("The registration is deleted.")
        elif anew is not None:
            _complete_anew(visitor, anew)
        else:
            _complete(visitor)


def _complete(visitor: Visitor) -> None:
    visitor.file.prepare()
    token = asking.link()
    account = visitor.auth.landing.look(token, Purpose.CONFIRMATION).account
    if account.password_hash is None:
        raise Stop("This is an invitation; choose a username with --anew USERNAME.", EX_USAGE, "invitation")
    printing.remark(f"This link confirms the account {account.username} of {account.email}.")
    password = asking.password("The password chosen at registration")
    visitor.begin(visitor.auth.confirmation.complete(token, password, client=visitor.client))
    printing.say("The account is confirmed, and you are logged in.")


def _complete_anew(visitor: Visitor, text: str) -> None:
    visitor.file.prepare()
    username = parsing.username(text)
    token = asking.link()
    account = visitor.auth.landing.look(token, Purpose.CONFIRMATION).account
    printing.remark(f"This link confirms an account of {account.email}.")
    password = asking.new_password()
    visitor.begin(visitor.auth.confirmation.complete_anew(token, username, password, client=visitor.client))
    printing.say("The account is confirmed, and you are logged in.")
