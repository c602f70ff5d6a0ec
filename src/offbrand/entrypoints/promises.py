"""Promises: what every door says of a letter, true whether somebody gets one or not, as it must not tell (law L4)."""

from __future__ import annotations

# Also where the address has an account already, or a letter less would be one too many: an earlier one lies there.
REGISTRATION = EMAIL_CHANGE = "A letter to that address says how to go on."
CONFIRMATION = "If an account of that address waits to be confirmed, a letter is on its way."
PASSWORD_RESET = "If that address has an account, a letter is on its way."
