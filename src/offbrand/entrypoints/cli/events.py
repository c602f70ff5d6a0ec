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
@click.option("--newest", is_flag=True, help="Only the last ones, newest first.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many at most."
)
@printing.json_option
def show(account: str | None, after: int | None, limit: int, *, newest: bool, as_json: bool) -> None:
    """List events, oldest first."""
    if (account is not None) + (after is not None) + newest > 1:
        raise click.UsageError("Only one of --account, --after and --newest is possible.")
    with core() as auth:
        # With one more than is shown, which tells whether there are more.
        if account is not None:
            seen = auth.audit.of(id_of(auth, account), limit + 1)
        elif newest:
            seen = auth.audit.newest(limit + 1)
        else:
            seen = auth.audit.after(after or 0, limit + 1)
    found = seen[:limit]
    printing.listing(
        "events",
        [records.event(event) for event in found],
        ["position", "at", "kind", "outcome", "account_id", "actor", "network"],
        as_json=as_json,
    )
    if len(seen) > limit and not as_json:
        is_backwards = newest or account is not None
        way = "a higher --limit shows them." if is_backwards else f"offbrand events list --after {found[-1].position}"
        printing.remark(f"There are more: {way}")
