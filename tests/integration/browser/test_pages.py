"""Pages: each of them in a real browser, on a desk and on a phone, without a complaint."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import pytest

from tests.integration.browser.test_tour import ADA, FIRST, Person

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.integration.browser.conftest import Site

FOR_STRANGERS = ("/", "/auth/register", "/auth/login", "/auth/unconfirmed", "/auth/confirm", "/auth/reset")
FOR_MEMBERS = (
    *("/", "/auth/account", "/auth/activity", "/auth/sessions", "/auth/change-password", "/auth/change-email"),
    *("/auth/prove", "/auth/close"),
)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_d62_d63_d64_every_page_renders_and_fits(
    chromium: Browser, site: Site, width: int, scheme: Literal["light", "dark"]
) -> None:
    """The article's typos kept its application from starting; here nothing is left to chance of that kind."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    person = Person(context, site)
    for path in FOR_STRANGERS:
        _fits(person, path, width)
    person.goes_to("/auth/register")
    person.sends("Register", email=ADA, username="ada", password=FIRST, password2=FIRST)
    link = site.postbox.link(ADA, "Confirm your account")
    _fits(person, link, width)
    person.sends("Confirm and log in", password=FIRST)
    for path in FOR_MEMBERS:
        _fits(person, path, width)
    assert person.complaints == []
    context.close()


@pytest.mark.parametrize("path", ["/nowhere", "/auth/nowhere", "/auth/reset/nonsense"])
def test_d35_an_error_is_a_page_too(chromium: Browser, site: Site, path: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    person = Person(context, site)
    person.goes_to(path)
    assert person.page.locator("main h1").count() == 1
    assert person.page.locator("header a").first.is_visible()
    context.close()


def test_pages_work_without_javascript(chromium: Browser, site: Site) -> None:
    """The menu opens and closes, forms are sent and refusals shown by HTML alone."""
    context = chromium.new_context(java_script_enabled=False)
    person = Person(context, site)
    person.goes_to("/auth/register")
    person.sends("Register", email=ADA, username="ada", password="short", password2="short")
    assert person.reads("It needs at least 15 characters")
    person.sends("Register", email=ADA, username="ada", password=FIRST, password2=FIRST)
    person.goes_to(site.postbox.link(ADA, "Confirm your account"))
    person.sends("Confirm and log in", password=FIRST)
    person.logs_out()
    assert not person.is_logged_in
    context.close()


def _fits(person: Person, path: str, width: int) -> None:
    person.goes_to(path)
    assert person.page.locator("main h1").count() == 1, path
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width, path
    _is_told_apart(person.page.locator("body").aria_snapshot(), path)


def _is_told_apart(heard: str, path: str) -> None:
    """Check what a screen reader says: all that can be used has a name, and no name leads to two places."""
    assert re.findall(r"^ *- (?:link|button|textbox|checkbox)(?::.*)?$", heard, flags=re.MULTILINE) == [], path
    places = defaultdict(set)
    for name, place in re.findall(r'- link "([^"]+)":\s+- /url: (\S+)', heard):
        places[name].add(place)
    assert [name for name, found in places.items() if len(found) > 1] == [], path
