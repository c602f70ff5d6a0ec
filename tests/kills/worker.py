"""
Worker: `offbrand mail deliver --watch`, with leases as short as the first argument says, in seconds.

What a killed worker had leased is taken over by another one soon enough for a test to see it.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import attrs

from offbrand.bootstrap import connected
from offbrand.entrypoints.delivering import delivering
from offbrand.entrypoints.stopping import until_told_to_stop
from offbrand.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_env()
    policy = attrs.evolve(settings.policy, lease_lasts=timedelta(seconds=float(sys.argv[1])))
    with connected(attrs.evolve(settings, policy=policy)) as auth, until_told_to_stop() as wait, delivering(auth):
        wait()
