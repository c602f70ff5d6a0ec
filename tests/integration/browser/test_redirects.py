"""Redirects: what a real browser makes of every address that we send it to, by the URL standard that it follows."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from flask import Flask, request

from offbrand.entrypoints.web.redirects import safe_path, see_other
from tests.integration.web.conftest import settings_of, site_of
from tests.integration.web.every_form import EVERY_FORM
from tests.integration.web.test_headers import PAGES
from tests.integration.web.test_redirects import EVIL, GOOD
from tests.integration.web.visitor import ORIGIN, Shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page
    from werkzeug.test import TestResponse

_TAKE_NEXT = ("/auth/login", "/auth/prove", "/auth/register", "/auth/unconfirmed")
_RESOLVE = """([texts, base]) => texts.map((text) => {
  try { return new URL(text, base).href } catch { return "" }
})"""
# What the known tricks are made of.
_PIECES = (
    *("/", "//", "\\", "?", "#", "@", ":", ".", "..", ";", "&", "=", "+", "[", "]", "x", "\u00e9", "\U0001f511"),
    *("%2f", "%2F", "%5c", "%252f", "%255c", "%09", "%0a", "%0d", "%00", "%2e", "%40", "%3a", "%3f", "%23", "%", "%zz"),
    *("\t", "\n", "\r", " ", "\0", "\x0b", "\u0085", "\u00a0", "\u00ad", "\u200b", "\u202e", "\u2028", "\ufeff"),
    *("\u3002", "\uff0e", "\uff0f", "\uff3c", "\u2044", "\u2215", "\u29f8", "\ufe68", "\uff1a", "\uff20"),
    *("evil.example", "offbrand.example", "https:", "http://", "javascript:", "data:", "blob:", "127.1"),
)


class Oracle:
    """Resolves addresses as a link on a page of ours would be."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def addresses(self, texts: Sequence[str], base: str = f"{ORIGIN}/auth/login") -> list[str]:
        """Return where each of *texts* leads; empty for what leads nowhere."""
        resolved: list[str] = self._page.evaluate(_RESOLVE, [list(texts), base])
        return resolved

    def away(self, texts: Sequence[str]) -> list[str]:
        """Return those of *texts* that do not lead to our own origin."""
        return [
            text
            for text, address in zip(texts, self.addresses(texts), strict=True)
            if not address.startswith(f"{ORIGIN}/")
        ]


@pytest.fixture
def oracle(chromium: Browser) -> Iterator[Oracle]:
    context = chromium.new_context()
    yield Oracle(context.new_page())
    context.close()


def test_the_oracle_is_not_blind(oracle: Oracle) -> None:
    """It knows most payloads for what they are; the others are paths that only another server might misread."""
    assert len(oracle.away(EVIL)) > 20
    assert oracle.away([wanted for wanted, _ in GOOD]) == []


def test_red01_no_page_sends_anybody_away(oracle: Oracle) -> None:
    """Neither by ``next`` in its address nor in its form: no redirect, no link, no action of a form."""
    targets = []
    for wanted in EVIL:
        site = site_of(settings_of())
        for visitor in (site.visitor(), site.visitor().join()):
            for path in _TAKE_NEXT:
                targets += _targets(visitor.get(path, query_string={"next": wanted}))
        for case in EVERY_FORM:
            if case.page in _TAKE_NEXT:
                visitor = site_of(settings_of()).visitor()
                form = case.filled(visitor)
                options = {"query_string": {"next": wanted}}
                targets += _targets(visitor.post(form.action, {"next": wanted}, **options))
                targets += _targets(visitor.post(form.action, form.fields | {"next": wanted}, **options))
    assert len(targets) > 20 * len(EVIL)
    assert oracle.away(targets) == []


@pytest.mark.parametrize("wanted", EVIL[::4])
def test_red01_pages_that_lead_to_one_place_ask_nobody_where(wanted: str, oracle: Oracle) -> None:
    site = site_of(settings_of())
    targets = []
    for visitor in (site.visitor(), site.visitor().join()):
        for path in PAGES:
            targets += _targets(visitor.get(path, query_string={"next": wanted}))
    for case in EVERY_FORM:
        visitor = site_of(settings_of()).visitor()
        form = case.filled(visitor)
        fields = form.fields | {"next": wanted}
        targets += _targets(visitor.post(form.action, fields, query_string={"next": wanted}))
    assert oracle.away(targets) == []


def test_red01_whatever_the_guard_lets_through_stays_here(oracle: Oracle) -> None:
    """Thousands of texts in the grammar of the known tricks; the header says what the text says."""
    chance = random.Random(25)  # noqa: S311 - for variety, the same each time
    texts = {_made_up(chance) for _ in range(60_000)}
    passed = sorted(text for text in texts if safe_path(text) == text)
    refused = sorted(texts - set(passed))
    assert len(passed) > 2_000
    assert len(oracle.away(refused)) > 2_000
    locations = _locations(passed)
    assert oracle.away(passed) == []
    assert oracle.away(locations) == []
    assert all(location.isascii() and location.isprintable() for location in locations)


def test_red02_a_deep_link_is_preserved_exactly(oracle: Oracle) -> None:
    """Path, query and fragment are the same to a browser that we send there and to one that goes there itself."""
    chance = random.Random(26)  # noqa: S311 - as above
    pieces = (
        "a",
        "Z",
        "0",
        "-",
        "_",
        "~",
        "%20",
        "%2B",
        "%E2%82%AC",
        "%3F",
        "\u00e9",
        "\u4e16",
        "\U0001f511",
        "!",
        ",",
        ";",
    )
    links = []
    for _ in range(3_000):
        path, query, fragment = ("".join(chance.choices(pieces, k=chance.randint(1, 6))) for _ in range(3))
        links.append(f"/{path}/{fragment}?tab={query}&to=https://example.org//x#{fragment}")
    assert [safe_path(link) for link in links] == links
    assert oracle.addresses(links) == oracle.addresses(_locations(links))


def _made_up(chance: random.Random) -> str:
    start = "/" if chance.random() < 0.8 else ""
    return start + "".join(chance.choices(_PIECES, k=chance.randint(1, 7)))


def _locations(paths: Sequence[str]) -> list[str]:
    """Return the header that sends a browser to each of *paths*, as it goes over the wire."""
    with Flask(__name__).test_request_context():
        return [see_other(path).get_wsgi_headers(request.environ)["Location"] for path in paths]


def _targets(response: TestResponse) -> list[str]:
    """Return every address that *response* may lead to."""
    assert response.status_code < 500
    assert "http-equiv" not in response.text
    assert "Refresh" not in response.headers
    shown = Shown(response)
    return [*response.headers.getlist("Location"), *shown.links, *(form.action for form in shown.forms)]
