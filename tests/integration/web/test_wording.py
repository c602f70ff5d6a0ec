"""Wording and identicon: small things that pages say and draw."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from offbrand.entrypoints.web.identicon import identicon
from offbrand.entrypoints.web.wording import browser, duration

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=3), "3 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=61), "61 seconds"),
        (timedelta(), "no time"),
    ],
)
def test_a_duration_is_told_in_the_largest_unit_that_fits(span: timedelta, words: str) -> None:
    assert words == duration(span)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64) {WEBKIT} Chrome/140.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) {WEBKIT} Version/18 Safari/605.1", "Safari on macOS"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("Firefox", "Firefox"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown browser"),
        (None, "Unknown browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(user_agent: str | None, words: str) -> None:
    assert words == browser(user_agent)


def test_an_identicon_is_always_the_same_and_mirrored() -> None:
    avatar_id = UUID(int=7)
    drawn = identicon(avatar_id, 28)
    assert drawn == identicon(avatar_id, 28)
    assert 'width="28"' in drawn
    xs = [int(part.split()[0]) for part in drawn.partition(' d="')[2].split("M")[1:]]
    assert sorted(xs) == sorted(60 - x for x in xs)
    assert len({identicon(UUID(int=number)) for number in range(200)}) == 200
