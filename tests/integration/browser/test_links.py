"""Links: a letter's link in a real browser; its token stays between the browser and us, and waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.integration.browser.test_tour import ADA, FIRST, NEW, SECOND, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Request

    from tests.integration.browser.conftest import Site


class Follower(Person):
    """Somebody who follows links, and whose every request is on record."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        super().__init__(context, site)
        self.sent: list[Request] = []
        self.page.on("request", lambda request: self.sent.append(request))  # noqa: PLW0108 - a method takes no mark
        self.context = context

    def registers(self) -> None:
        self.goes_to("/auth/register")
        self.sends("Register", email=ADA, username="ada", password=FIRST, password2=FIRST)

    def joins(self, site: Site) -> None:
        self.registers()
        self.goes_to(site.postbox.link(ADA, "Confirm your account"))
        self.sends("Confirm and log in", password=FIRST)

    def history(self) -> list[str]:
        """Return the addresses that the back button leads to, and the one that is shown."""
        entries = self.context.new_cdp_session(self.page).send("Page.getNavigationHistory")["entries"]
        return [entry["url"] for entry in entries]


def _confirm(ada: Follower, site: Site) -> str:
    ada.registers()
    return site.postbox.link(ADA, "Confirm your account")


def _reset(ada: Follower, site: Site) -> str:
    ada.joins(site)
    ada.logs_out()
    ada.goes_to("/auth/reset")
    ada.sends("Send me a link", email=ADA)
    return site.postbox.link(ADA, "Reset your password")


def _change(ada: Follower, site: Site) -> str:
    ada.joins(site)
    ada.goes_to("/auth/change-email")
    ada.sends("Send me a link", email=NEW)
    return site.postbox.link(NEW, "Confirm your new email address")


def _undo(ada: Follower, site: Site) -> str:
    ada.goes_to(_change(ada, site))
    ada.sends("Change the address")
    return site.postbox.link(ADA, "email address was changed")


every_link = pytest.mark.parametrize(
    ("link", "button", "fields"),
    [
        (_confirm, "Confirm and log in", {"password": FIRST}),
        (_reset, "Set the new password", {"password": SECOND, "password2": SECOND}),
        (_change, "Change the address", {}),
        (_undo, "Take the account back", {}),
    ],
)


@pytest.fixture
def ada(chromium: Browser, site: Site) -> Iterator[Follower]:
    context = chromium.new_context()
    # The browser's clock is the test's, so that hours before an open page take no time.
    context.clock.install()
    yield Follower(context, site)
    context.close()


@every_link
def test_tok13_an_open_page_does_nothing_by_itself(
    link: Callable[[Follower, Site], str], button: str, fields: dict[str, str], ada: Follower, site: Site
) -> None:
    """With scripts on, and an hour of whatever timers they might have; then a person presses the button."""
    ada.goes_to(link(ada, site))
    opened = ada.page.url
    assert opened.endswith("/complete")
    # A timer of the page would run as this one does.
    ada.page.evaluate("setTimeout(() => { document.title = 'the hour is over' }, 3_540_000)")
    ada.sent.clear()
    for move in ("mousemove", "focus", "visibilitychange", "scroll"):
        ada.page.evaluate("(kind) => { dispatchEvent(new Event(kind)); document.dispatchEvent(new Event(kind)) }", move)
    ada.context.clock.run_for("01:00:00")
    assert ada.page.title() == "the hour is over"
    assert ada.page.locator("meta[http-equiv]").count() == 0
    # The browser itself fetches the icon, when it likes.
    icon = ada.page.evaluate("document.querySelector('link[rel=icon]').href")
    assert {request.url for request in ada.sent} <= {icon}
    assert ada.page.url == opened
    ada.sends(button, **fields)
    assert not ada.page.url.endswith("/complete")
    assert [request.method for request in ada.sent if request.method == "POST"] == ["POST"]
    assert ada.complaints == []


@every_link
def test_hdr03_a_token_is_seen_by_nobody_else(
    link: Callable[[Follower, Site], str], button: str, fields: dict[str, str], ada: Follower, site: Site
) -> None:
    """Not as a Referer of what the page loads or leads to, not in the address bar, not behind the back button."""
    followed = link(ada, site)
    token = followed.rpartition("/")[2]
    ada.sent.clear()
    ada.goes_to(followed)
    assert [request.url for request in ada.sent if token in request.url] == [followed]
    assert len(ada.sent) > 5
    assert token not in ada.page.url + ada.page.content()
    assert token not in str(ada.page.evaluate("document.referrer + document.cookie + JSON.stringify(localStorage)"))
    ada.page.reload()
    ada.follows(ada.page.locator("header a").first)
    ada.page.go_back()
    ada.sends(button, **fields)
    assert not [address for address in ada.history() if token in address]
    headers = [request.all_headers() for request in ada.sent]
    referrers = [found["referer"] for found in headers if "referer" in found]
    assert referrers
    assert not [referrer for referrer in referrers if token in referrer]
    assert {urlsplit(request.url).netloc for request in ada.sent} == {urlsplit(site.url).netloc}
    # It travels where nothing but our own server reads it.
    assert [found for found in headers if token in found.get("cookie", "")]
