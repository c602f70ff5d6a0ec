"""Escaping: text that came from anywhere, made harmless for terminals and logs."""

from __future__ import annotations


def shown(text: str) -> str:
    """Return *text* with everything escaped that a terminal would obey instead of show; it becomes one line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
