"""Events: the command that reads the log."""

from __future__ import annotations

import click

from offbrand.entrypoints.cli import printing, records
from offbrand.entrypoints.cli.core import core
from offbrand.entrypoints.cli.operating import id_of


@click.group()
def events() -> None:
    """Read the log of what happened."""


@events.command("list")
@click.option("--account", metavar="ACCOUNT", help="Only those of this account, newest first.")
@click.option("--after", type=click.IntRange(min=0), metavar="POSITION", help="Begin behind this position.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many at most."
)
@printing.json_option
def show(account: str | None, after: int | None, limit: int, *, as_json: bool) -> None:
    """List events, oldest first."""
    if account is not None and after is not None:
        raise click.UsageError("Only one of --account and --after is possible.")
    with core() as auth:
        found = auth.audit.after(after or 0, limit) if account is None else auth.audit.of(id_of(auth, account), limit)
    printing.listing(
        "events",
        [records.event(event) for event in found],
        ["position", "at", "kind", "outcome", "account_id", "actor", "network"],
        as_json=as_json,
    )
