"""Tour: what a person does from the first visit to the last, in a real browser, with real letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.browser.postbox import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

    from tests.integration.browser.conftest import Site

ADA = "ada@example.org"
NEW = "countess@example.net"
FIRST = "a lantern, a ladder and a loaf"
SECOND = "seven quiet geese on the canal"
THIRD = "marmalade under the third stair"
FOURTH = "an umbrella for the lighthouse"


class Person:
    """Somebody at a browser; complains about everything that a console would."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self._site = site

    def goes_to(self, path: str) -> None:
        self.page.goto(path if "://" in path else self._site.url + path)

    def sends(self, button: str, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f"main input[name={name}]:visible", value)
        self.follows(self.page.locator(f"main button:visible:text-is('{button}')"))

    def follows(self, target: Locator) -> None:
        """Click on *target*, and stay until the page that it leads to is there: a click alone may return before."""
        with self.page.expect_navigation():
            target.click()

    def logs_in(self, password: str, *, remember: bool = False) -> None:
        self.goes_to("/auth/login")
        if remember:
            self.page.check("main input[name=remember_me]")
        self.sends("Log in", identifier="ada", password=password)

    def logs_out(self) -> None:
        self.page.click("summary[aria-label^='Account menu']")
        self.follows(self.page.locator("header button:text-is('Log out')"))

    @property
    def is_logged_in(self) -> bool:
        self.goes_to("/auth/account")
        return self.page.url == f"{self._site.url}/auth/account"

    def reads(self, text: str) -> bool:
        return text in self.page.inner_text("main")


@pytest.fixture
def ada(chromium: Browser, site: Site) -> Iterator[Person]:
    context = chromium.new_context()
    yield Person(context, site)
    context.close()


@pytest.fixture
def ada_on_her_phone(chromium: Browser, site: Site) -> Iterator[Person]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield Person(context, site)
    context.close()


def test_a_person_does_everything_there_is(  # noqa: PLR0915 - one life, in its order
    ada: Person, ada_on_her_phone: Person, site: Site
) -> None:
    phone = ada_on_her_phone
    ada.goes_to("/")
    ada.goes_to("/auth/register")
    ada.sends("Register", email=ADA, username="ada", password=FIRST, password2=FIRST)
    assert ada.page.url.endswith("/auth/unconfirmed")

    ada.goes_to(site.postbox.link(ADA, "Confirm your account"))
    assert ada.page.url == f"{site.url}/auth/confirm/complete"
    ada.sends("Confirm and log in", password=FIRST)
    assert ada.is_logged_in

    ada.logs_out()
    assert not ada.is_logged_in
    ada.logs_in(FIRST, remember=True)
    assert ada.is_logged_in
    phone.logs_in(FIRST)
    assert phone.is_logged_in
    site.postbox.letter(ADA, "New login")

    ada.goes_to("/auth/change-password")
    ada.sends("Change the password", old_password=FIRST, password=SECOND, password2=SECOND)
    assert ada.is_logged_in
    assert not phone.is_logged_in
    site.postbox.letter(ADA, "password was changed")

    phone.goes_to("/auth/reset")
    phone.sends("Send me a link", email=ADA)
    phone.goes_to(site.postbox.link(ADA, "Reset your password"))
    phone.sends("Set the new password", password=THIRD, password2=THIRD)
    assert not phone.is_logged_in
    assert not ada.is_logged_in
    ada.logs_in(THIRD)

    ada.goes_to("/auth/change-email")
    ada.sends("Send me a link", email=NEW)
    ada.goes_to(site.postbox.link(NEW, "Confirm your new email address"))
    ada.sends("Change the address")
    ada.goes_to("/auth/account")
    assert ada.reads(NEW)

    phone.goes_to(site.postbox.link(ADA, "email address was changed"))
    phone.sends("Take the account back")
    assert not ada.is_logged_in
    phone.goes_to(site.postbox.link(ADA, "account is back at this address"))
    phone.sends("Set the new password", password=FOURTH, password2=FOURTH)
    phone.logs_in(FOURTH)
    phone.goes_to("/auth/account")
    assert phone.reads(ADA)

    ada.logs_in(FOURTH)
    ada.goes_to("/auth/sessions")
    ada.follows(ada.page.locator("li", has_not_text="this browser").get_by_role("button", name="End"))
    assert not phone.is_logged_in
    assert ada.is_logged_in

    ada.goes_to("/auth/close")
    ada.sends("Close my account")
    assert not ada.is_logged_in
    site.postbox.letter(ADA, "account was closed")
    ada.logs_in(FOURTH)
    assert ada.reads("Invalid email, username or password.")

    assert ada.complaints == [said for said in ada.complaints if "401" in said]
    assert phone.complaints == []
    assert all(url.startswith((site.url, "data:")) for url in ada.requests + phone.requests)
