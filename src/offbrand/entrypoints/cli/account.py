"""Account: the commands for an owner who wants to see everything, or to leave."""

from __future__ import annotations

import click

from offbrand.entrypoints.cli import asking, printing, records
from offbrand.entrypoints.cli.core import visiting

_EVENTS_MAX = 1000


@click.command()
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, _EVENTS_MAX), default=50, show_default=True, help="How many at most."
)
@printing.json_option
def activity(limit: int, *, as_json: bool) -> None:
    """List what happened to your account, newest first."""
    with visiting() as visitor:
        events = [records.own_event(event) for event in visitor.auth.audit.activity(visitor.session, limit)]
    printing.listing("events", events, ["at", "kind", "outcome", "actor", "network", "user_agent"], as_json=as_json)


@click.command()
@click.option("--json", is_flag=True, expose_value=False, help="Print one JSON document, as is done anyway.")
def export() -> None:
    """
    Print everything that is stored about your account.

    Asks for the password if it was typed too long ago.
    """
    with visiting() as visitor:
        held = visitor.auth.closing.export(visitor.proved_session(), client=visitor.client)
    printing.document(held)


@click.command()
def close() -> None:
    """
    Close your account; it is deleted after a while.

    Asks for the password if it was typed too long ago.
    """
    with visiting() as visitor:
        session = visitor.proved_session()
        account = visitor.auth.login.account_of(session)
        if not asking.agreed(f"Close the account {account.username} of {account.email}?"):
            printing.remark("Nothing was changed.")
            return
        visitor.auth.closing.close(session, client=visitor.client)
        visitor.forget()
        days = visitor.auth.policy.closed_for.days
    printing.say(f"The account is closed, and will be deleted in {days} days.")
