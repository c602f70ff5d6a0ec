"""Identicon: a picture for an account, drawn from its random avatar id and from nothing that says who it is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from uuid import UUID

_GRID = 5
_SQUARE = 10
_HUES = 24


def identicon(avatar_id: UUID, size: int = 32) -> Markup:
    """Return a mirrored pattern of squares as SVG, always the same for one id; decorative, so hidden from readers."""
    bits = int.from_bytes(hashlib.sha256(avatar_id.bytes).digest(), "big")
    hue, bits = bits % _HUES * (360 // _HUES), bits // _HUES
    columns = range((_GRID + 1) // 2)
    cells = [(x, y) for x in columns for y in range(_GRID) if bits >> (x * _GRID + y) & 1]
    mirrored = sorted({*cells, *((_GRID - 1 - x, y) for x, y in cells)})
    path = "".join(f"M{_SQUARE * (x + 1)} {_SQUARE * (y + 1)}h{_SQUARE}v{_SQUARE}h-{_SQUARE}z" for x, y in mirrored)
    edge = _SQUARE * (_GRID + 2)
    return Markup(  # noqa: S704 - numbers of our own making, and nothing else
        f'<svg class="ob-identicon" viewBox="0 0 {edge} {edge}" width="{size}" height="{size}" aria-hidden="true">'
        f'<rect width="{edge}" height="{edge}" fill="hsl({hue} 45% 92%)"/>'
        f'<path fill="hsl({hue} 55% 38%)" d="{path}"/></svg>'
    )
