"""Email change: the commands that move an account to another address, and back."""

from __future__ import annotations

import click

from offbrand.domain.claims import Purpose
from offbrand.entrypoints import parsing, promises
from offbrand.entrypoints.cli import asking, printing
from offbrand.entrypoints.cli.core import visiting


@click.group()
def email() -> None:
    """Change your email address, or undo a change."""


@email.command()
@click.argument("new_email")
def change(new_email: str) -> None:
    """
    Have a link sent to the new address.

    Nothing changes before that link is used. Asks for the password if it was typed too long ago.
    """
    address = parsing.email_address(new_email)
    with visiting() as visitor:
        session = visitor.proved_session()
        visitor.auth.email_change.request(session, address, client=visitor.client)
    printing.say(f"{promises.EMAIL_CHANGE} If it has a link, give that to `offbrand email change-complete`.")


@email.command()
def change_complete() -> None:
    """
    Move to the new address with the link from the letter.

    Asks for the link.
    """
    with visiting() as visitor:
        session = visitor.session
        visitor.auth.login.account_of(session)
        visitor.keep(visitor.auth.email_change.complete(session, asking.link(), client=visitor.client))
        account = visitor.auth.login.account_of(visitor.session)
    printing.say(f"Your email address is {account.email} now. The former one was told and can undo this for a while.")


@email.command()
def undo() -> None:
    """
    Take an account back to its former address.

    Asks for the link from the letter that was sent there. The password goes and every session ends; a letter to the
    restored address brings a reset link.
    """
    with visiting() as visitor:
        token = asking.link()
        landed = visitor.auth.landing.look(token, Purpose.EMAIL_UNDO)
        if not asking.agreed(f"Take the account {landed.account.username} back to {landed.claim.email}?"):
            printing.remark("Nothing was changed.")
            return
        visitor.auth.email_change.undo(token, client=visitor.client)
    printing.say(
        f"The address is {landed.claim.email} again. A letter on its way there lets you set a new password "
        "with `offbrand password reset-complete`."
    )
