"""Focus: whoever goes through a page with the keyboard sees where they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest

from tests.integration.browser.test_tour import Person

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.integration.browser.conftest import Site

_RING = "(style => [style.outlineStyle, style.outlineColor])(getComputedStyle(document.activeElement))"
_SURFACES = "[document.body, document.querySelector('.ob-card')].map(e => getComputedStyle(e).backgroundColor)"
_NAME = "document.activeElement.name || document.activeElement.innerText"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_ring_around_what_has_the_focus_stands_out(
    chromium: Browser, site: Site, scheme: Literal["light", "dark"]
) -> None:
    """WCAG 2.2, 1.4.11: three to one against what is beside it, also around a field that was filled in wrongly."""
    context = chromium.new_context(color_scheme=scheme)
    person = Person(context, site)
    person.goes_to("/auth/register")
    person.sends("Register")
    person.page.focus("#email")
    surfaces = [_rgb(colour)[0] for colour in person.page.evaluate(_SURFACES)]
    met: set[str] = set()
    for _ in range(8):  # four fields, with a button in two of them, the form's button, and the link below
        name = person.page.evaluate(_NAME)
        style, colour = person.page.evaluate(_RING)
        ring, opacity = _rgb(colour)
        assert style == "solid", name
        for surface in surfaces:
            seen = [opacity * part + (1 - opacity) * below for part, below in zip(ring, surface, strict=True)]
            assert _contrast(seen, surface) >= 3, name
        met.add(name)
        person.page.keyboard.press("Tab")
    assert {"email", "password", "Register", "Log in"} <= met
    context.close()


def _rgb(colour: str) -> tuple[list[float], float]:
    red, green, blue, *opacity = map(float, re.findall(r"[\d.]+", colour))
    return [red, green, blue], opacity[0] if opacity else 1.0


def _contrast(one: list[float], other: list[float]) -> float:
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: list[float]) -> float:
    red, green, blue = (part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
