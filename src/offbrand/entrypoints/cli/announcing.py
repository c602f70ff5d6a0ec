"""Announcing: what a program that goes on and on says when it begins, in the form that its log has."""

from __future__ import annotations

import logging

from offbrand.entrypoints.cli import printing

_LOG = logging.getLogger(__name__)


def announce(sentence: str, form: str) -> None:
    """Write a line to stderr; where lines are JSON, as one of them."""
    if form == "json":
        _LOG.info("%s", sentence)
    else:
        printing.remark(sentence)
