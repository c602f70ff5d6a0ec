"""Doctor: the command that tells whether a deployment is well."""

from __future__ import annotations

import attrs
import click

from offbrand.entrypoints.cli import printing
from offbrand.entrypoints.cli.checks import checks
from offbrand.entrypoints.failures import EX_CONFIG


@click.command()
@printing.json_option
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """
    Check settings, database, mail and secrets.

    Ends with 0 if all is well, and with 78 if something is not.
    """
    found = list(checks())
    healthy = all(check.ok for check in found)
    if as_json:
        printing.document({"healthy": healthy, "checks": [attrs.asdict(check) for check in found]})
    else:
        for check in found:
            printing.say(f"{'ok ' if check.ok else 'BAD'}  {check.name:11}  {check.finding}")
    context.exit(0 if healthy else EX_CONFIG)
