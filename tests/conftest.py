"""What every test may use: Hypothesis profiles, chosen by HYPOTHESIS_PROFILE."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("dev", deadline=None, max_examples=20, stateful_step_count=30)
settings.register_profile("ci", deadline=None, max_examples=30, stateful_step_count=40, print_blob=True)
settings.register_profile("long", deadline=None, max_examples=300, stateful_step_count=40, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
