"""Origins: where something came from, in words that no stranger has chosen."""

from __future__ import annotations

import ipaddress

UNKNOWN = "unknown"

# The first mark found decides: most browsers also carry the names of those that they once stood in for.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def browser_name(user_agent: str | None) -> str:
    """
    Return something like "Firefox on Linux".

    The user agent itself stays out of letters: anybody may write a sentence and a link into it, and a security notice
    would carry them to the owner.
    """
    if user_agent is None:
        return UNKNOWN
    browser = _first(_BROWSERS, user_agent) or "a program that is no known browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def network_name(network: str | None) -> str:
    """Return the IP address, if it is one."""
    try:
        return str(ipaddress.ip_address(network or ""))
    except ValueError:
        return UNKNOWN


def _first(names: dict[str, str], text: str) -> str | None:
    return next((name for mark, name in names.items() if mark in text), None)
