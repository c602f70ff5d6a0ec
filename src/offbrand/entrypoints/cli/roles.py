"""Roles: the command that shows which there are."""

from __future__ import annotations

import click

from offbrand.entrypoints.cli import printing
from offbrand.entrypoints.cli.core import core


@click.group()
def roles() -> None:
    """Show roles; `offbrand accounts grant` gives them."""


@roles.command("list")
@printing.json_option
def show(*, as_json: bool) -> None:
    """List the roles that exist, and what they allow."""
    with core() as auth:
        found = [{"name": role.name, "permissions": role.permissions} for role in auth.roles.list()]
    printing.listing("roles", found, ["name", "permissions"], as_json=as_json)
