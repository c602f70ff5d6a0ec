"""Database: commands that bring its tables to the form that this version works with."""

from __future__ import annotations

import click

from offbrand.entrypoints.cli import printing
from offbrand.entrypoints.cli.core import upgrade_tables
from offbrand.settings import Settings


@click.group()
def db() -> None:
    """Bring the database to the form that this version needs."""


@db.command()
def upgrade() -> None:
    """Create the tables, or bring them to the newest form."""
    upgrade_tables(Settings.from_env())
    printing.say("The database is up to date.")


@db.command()
@printing.json_option
def current(*, as_json: bool) -> None:
    """Show which form the tables have, and the newest."""
    from offbrand.bootstrap import revisions  # noqa: PLC0415 - help needs no adapter

    found, newest = revisions(Settings.from_env())
    printing.record({"current": found, "newest": newest, "up_to_date": found == newest}, as_json=as_json)
