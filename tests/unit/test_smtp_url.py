"""The mail server's URL: how the connection is protected, and no word of it in a complaint."""

from __future__ import annotations

import attrs
import pytest

from offbrand.adapters.mail.smtp_mailer import Server
from offbrand.domain.values import Secret


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://h", ("smtp", "h", 587, None, "")),
        ("smtps://h", ("smtps", "h", 465, None, "")),
        ("smtp+plain://h", ("smtp+plain", "h", 25, None, "")),
        ("smtp://a%40b:p%3Aw@h:2525/", ("smtp", "h", 2525, "a@b", "p:w")),
        ("smtps://[::1]:1", ("smtps", "::1", 1, None, "")),
    ],
)
def test_the_url_says_how_the_connection_is_protected(url: str, server: tuple[object, ...]) -> None:
    parsed = Server.parse(Secret(url))
    assert attrs.astuple(parsed) == server
    assert "p:w" not in repr(parsed)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "http://h",
        "smtp://",
        "smtp://h:port",
        "smtp://h:99999",
        "smtp://u:canary#word@h",
        "smtp://u:canary/word@h",
        "smtp://u:canary?word@h",
        "smtp://canary@h",
        "smtp://:canary@h",
        "smtp://u:@h",
        "smtp://u:canary%C3%A9@h",
        "smtp+plain://u:canary@h",
        "smtp://h/canary",
        "smtp://h?starttls=no&canary",
    ],
)
def test_a_url_that_cannot_be_used_stops_the_start_and_is_not_repeated(url: str) -> None:
    """L9: a mistyped URL holds a password too."""
    with pytest.raises(ValueError, match="the mail server's") as caught:
        Server.parse(Secret(url))
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
