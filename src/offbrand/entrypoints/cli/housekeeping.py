"""Housekeeping: the command that forgets what has had its time."""

from __future__ import annotations

import click

from offbrand.entrypoints.cli import printing
from offbrand.entrypoints.cli.core import core


@click.command()
@printing.json_option
def purge(*, as_json: bool) -> None:
    """
    Delete what has had its time; run this every day.

    Those are accounts that were not confirmed or were closed a while ago, ended sessions, settled letters and old
    client data.
    """
    with core() as auth:
        purged = auth.housekeeping.purge(progress=lambda done: printing.remark(f"{done} more ..."))
    printing.record({"accounts": purged.accounts, "rows": purged.rows}, as_json=as_json)
