"""Where something came from, told in words that no stranger has chosen."""

from __future__ import annotations

import pytest

from offbrand.adapters.mail.origins import browser_name, network_name


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("curl/8.0", "a program that is no known browser"),
        ("Your account is locked, go to https://evil.example", "a program that is no known browser"),
        (None, "unknown"),
    ],
)
def test_a_browser_is_named_in_our_words_only(user_agent: str | None, name: str) -> None:
    """Whoever has the password could else write to the owner through our own notice."""
    assert browser_name(user_agent) == name


@pytest.mark.parametrize(
    ("network", "name"),
    [("192.0.2.17", "192.0.2.17"), ("2001:DB8::1", "2001:db8::1"), ("evil.example", "unknown"), (None, "unknown")],
)
def test_a_network_is_an_ip_address_or_unknown(network: str | None, name: str) -> None:
    assert network_name(network) == name
