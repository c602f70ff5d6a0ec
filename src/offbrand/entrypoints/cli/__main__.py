"""Main: ``python -m offbrand.entrypoints.cli`` is ``offbrand``."""

from __future__ import annotations

from offbrand.entrypoints.cli import main

main()
