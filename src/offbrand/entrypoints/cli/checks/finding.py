"""Finding: what one look at a deployment has shown, and who is looked at."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from offbrand.domain.auth import Auth
    from offbrand.settings import Settings


class State(StrEnum):
    """How well it is; only what is bad makes the deployment unhealthy."""

    OK = "ok"
    WARNING = "warning"
    BAD = "bad"
    SKIPPED = "skipped"


@attrs.frozen
class Finding:
    """One sentence for people, and in *advice* what to do about it; neither ever holds a secret (law L9)."""

    state: State
    finding: str
    advice: str = ""


@attrs.frozen(kw_only=True)
class Patient:
    """The deployment that is looked at; hashing a password should take *target*."""

    settings: Settings
    auth: Auth
    target: timedelta


@attrs.frozen
class Check:
    """One thing to look at; it makes no sense while one of those that it *needs* is bad."""

    name: str
    look: Callable[[Patient], Iterable[Finding]]
    needs: tuple[str, ...] = ()


def ok(finding: str) -> Finding:
    """Return that all is well."""
    return Finding(State.OK, finding)


def warning(finding: str, advice: str) -> Finding:
    """Return that somebody should think about it."""
    return Finding(State.WARNING, finding, advice)


def bad(finding: str, advice: str) -> Finding:
    """Return that it has to be mended."""
    return Finding(State.BAD, finding, advice)


def skipped(because: str) -> Finding:
    """Return that nobody has looked."""
    return Finding(State.SKIPPED, f"Not looked at, because of: {because}.")
