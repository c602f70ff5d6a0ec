"""Checks: what `offbrand doctor` looks at, one module for each, in the order in which they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.domain.errors import AuthError
from offbrand.entrypoints.cli.checks import (
    base_url,
    clock,
    constraints,
    cookies,
    database,
    environment,
    hashing,
    keys,
    letters,
    mail,
    permissions,
    proxies,
    tables,
    throttle,
    ways,
)
from offbrand.entrypoints.cli.checks.finding import Check, Finding, Patient, State, bad, ok, skipped
from offbrand.entrypoints.failures import sentence_of
from offbrand.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

CHECKS: Sequence[Check] = (
    Check("environment", environment.look),
    Check("keys", keys.look),
    Check("base_url", base_url.look),
    Check("cookies", cookies.look),
    Check("proxies", proxies.look),
    Check("permissions", permissions.look),
    Check("ways", ways.look),
    Check("hashing", hashing.look),
    Check("mail", mail.look),
    Check("database", database.look),
    Check("tables", tables.look, needs=("database",)),
    Check("constraints", constraints.look, needs=("database", "tables")),
    Check("clock", clock.look, needs=("database",)),
    Check("throttle", throttle.look, needs=("database", "tables")),
    Check("letters", letters.look, needs=("database", "tables")),
)
_SETTINGS = "settings"


def examine(target: timedelta) -> Iterator[tuple[str, Finding]]:
    """Look at the deployment that the environment describes; yield what is found, with the name of its check."""
    from offbrand.bootstrap import check, connected  # noqa: PLC0415 - help needs no adapter

    try:
        settings = Settings.from_env()
        check(settings)
    except SettingsError as error:
        yield _SETTINGS, bad(str(error), "The table of settings in the README says what each may be.")
        yield from ((left.name, skipped(_SETTINGS)) for left in CHECKS)
        return
    kind = "production" if settings.production else "development"
    yield _SETTINGS, ok(f"Valid, for {kind} at {settings.base_url}.")
    with connected(settings) as auth:
        yield from examine_with(CHECKS, Patient(settings=settings, auth=auth, target=target))


def examine_with(checks: Sequence[Check], patient: Patient) -> Iterator[tuple[str, Finding]]:
    """Let every check look; one that fails is a finding, and hides only what makes no sense without it."""
    ailing: set[str] = set()
    for check in checks:
        cause = next((name for name in check.needs if name in ailing), None)
        for finding in [skipped(cause)] if cause else _looked(check, patient):
            if finding.state is State.BAD:
                ailing.add(check.name)
            yield check.name, finding


def _looked(check: Check, patient: Patient) -> Sequence[Finding]:
    try:
        return list(check.look(patient))
    except AuthError as refusal:
        return [bad(sentence_of(refusal), "offbrand -v doctor also prints what is logged about it.")]
    except PermissionError as error:
        return [bad(f"This user may not look at {error.filename}.", "Be the user that the service runs as.")]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding, and others are to be looked at
        # Only the type: the text may quote what is secret.
        return [bad(f"Looking at it failed: {type(error).__name__}.", "The findings above may tell why.")]
