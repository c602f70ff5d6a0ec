"""Accounts: the commands for operators; they never see or choose a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from offbrand.domain.values import AccountId
from offbrand.entrypoints import parsing
from offbrand.entrypoints.cli import printing, records
from offbrand.entrypoints.cli.core import core
from offbrand.entrypoints.cli.operating import account_argument, actor_option, looking_up

if TYPE_CHECKING:
    from uuid import UUID


@click.group()
def accounts() -> None:
    """
    Look after accounts.

    An ACCOUNT is named by its id, address or username; one that is not confirmed yet, by its id.
    """


@accounts.command("list")
@click.option("--after", type=click.UUID, metavar="ID", help="Begin behind this account.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most."
)
@printing.json_option
def show_all(after: UUID | None, limit: int, *, as_json: bool) -> None:
    """List accounts, oldest first."""
    with core() as auth:
        # With one more than is shown, which tells whether there are more.
        seen = auth.directory.list(AccountId(after) if after else None, limit + 1)
    found = seen[:limit]
    printing.listing(
        "accounts",
        [records.account(account) for account in found],
        ["id", "username", "email", "state", "roles", "registered_at", "last_seen_at"],
        as_json=as_json,
        next=found[-1].id if len(found) == limit else None,
    )
    if len(seen) > limit and not as_json:
        printing.remark(f"There are more: offbrand accounts list --after {found[-1].id}")


@accounts.command()
@account_argument
@printing.json_option
def show(name: str, *, as_json: bool) -> None:
    """Show an account."""
    with looking_up(name) as (_, account):
        printing.record(records.account(account), as_json=as_json)


@accounts.command()
@click.argument("email")
@click.argument("username")
@click.option("--role", "roles", metavar="ROLE", multiple=True, help="A role beside the usual ones; may be repeated.")
@actor_option
@printing.json_option
def invite(email: str, username: str, roles: tuple[str, ...], actor: str, *, as_json: bool) -> None:
    """Invite somebody, who then chooses a password."""
    address, name = parsing.email_address(email), parsing.username(username)
    with core() as auth:
        account_id = auth.invitation.invite(address, name, actor=actor, roles=roles)
    printing.record({"id": account_id}, as_json=as_json)


@accounts.command()
@account_argument
@actor_option
def disable(name: str, actor: str) -> None:
    """Shut an account; its sessions and links end."""
    with looking_up(name) as (auth, account):
        auth.administration.disable(account.id, actor=actor)
    printing.say(f"{account.username} is disabled.")


@accounts.command()
@account_argument
@actor_option
def enable(name: str, actor: str) -> None:
    """Open a disabled account."""
    with looking_up(name) as (auth, account):
        auth.administration.enable(account.id, actor=actor)
    printing.say(f"{account.username} is enabled.")


@accounts.command()
@account_argument
@actor_option
def reopen(name: str, actor: str) -> None:
    """Open a closed account; its owner gets a reset link."""
    with looking_up(name) as (auth, account):
        auth.closing.reopen(account.id, actor=actor)
    printing.say(f"{account.username} is open again; a reset link is on its way to {account.email}.")


@accounts.command()
@account_argument
@actor_option
@printing.json_option
def end_sessions(name: str, actor: str, *, as_json: bool) -> None:
    """End all sessions of an account."""
    with looking_up(name) as (auth, account):
        ended = auth.administration.end_sessions(account.id, actor=actor)
    printing.record({"ended": ended}, as_json=as_json)


@accounts.command()
@account_argument
@actor_option
def end_undo(name: str, actor: str) -> None:
    """End the former address's power to undo a change."""
    with looking_up(name) as (auth, account):
        auth.email_change.end_undo(account.id, actor=actor)
    printing.say(f"The change of {account.username}'s address cannot be undone any more.")


@accounts.command()
@account_argument
@actor_option
def remove_password(name: str, actor: str) -> None:
    """
    Make the password useless; its owner gets a reset link.

    All sessions and links of the account end, too.
    """
    with looking_up(name) as (auth, account):
        auth.administration.remove_password(account.id, actor=actor)
    printing.say(f"{account.username} has no password any more; a reset link is on its way to {account.email}.")


@accounts.command()
@account_argument
@click.argument("role")
@actor_option
def grant(name: str, role: str, actor: str) -> None:
    """Give a role to an account."""
    with looking_up(name) as (auth, account):
        auth.roles.grant(account.id, role, actor=actor)
    printing.say(f"{account.username} has the role {role}.")


@accounts.command()
@account_argument
@click.argument("role")
@actor_option
def revoke(name: str, role: str, actor: str) -> None:
    """Take a role from an account."""
    with looking_up(name) as (auth, account):
        auth.roles.revoke(account.id, role, actor=actor)
    printing.say(f"{account.username} does not have the role {role}.")
