"""Uninvited: methods that no page has, and fields that no form has, change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.test_headers import FILES, PAGES
from tests.integration.web.visitor import EMAIL, ORIGIN, PASSWORD, USERNAME

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

POWERS = {
    "roles": "Administrator",
    "role": "Administrator",
    "is_admin": "1",
    "permissions": "ADMIN",
    "id": "019b8d72-5200-7000-8000-000000000000",
    "account_id": "019b8d72-5200-7000-8000-000000000000",
    "generation": "9",
    "version": "9",
    "confirmed_at": "2020-01-01",
    "password_hash": "plain$1$x$y",
}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_a_method_that_no_page_has_is_blocked(method: str, site: Site, visitor: Visitor) -> None:
    """ASVS 4.1.4 and 13.4.4."""
    visitor.join()
    before = site.stored()
    for path in (*PAGES, *FILES):
        response = visitor.client.open(path, method=method, base_url=ORIGIN, buffered=True)
        assert response.status_code in (404, 405), path
    assert before == site.stored()


def test_options_tell_and_do_nothing(site: Site, visitor: Visitor) -> None:
    visitor.join()
    before = site.stored()
    for path in PAGES:
        response = visitor.client.options(path, base_url=ORIGIN)
        assert response.status_code in (200, 404), path
        assert response.data == b"" or response.status_code == 404
    assert before == site.stored()


def test_a_field_that_no_form_has_gives_no_power(site: Site, visitor: Visitor) -> None:
    """ASVS 15.3.3; D8 and D9 at the door."""
    form = visitor.see("/auth/register").form("/auth/register").fields
    typed = {"email": EMAIL, "username": USERNAME, "password": PASSWORD, "password2": PASSWORD}
    assert visitor.post("/auth/register", form | typed | POWERS).status_code == 303
    (pending,) = site.auth.directory.list()
    assert (pending.roles, pending.state) == (frozenset({"User"}), "pending")
    visitor.confirm()
    for page, fields in (
        ("/auth/change-email", {"email": "ada@example.net"}),
        ("/auth/change-password", {"old_password": PASSWORD, "password": PASSWORD, "password2": PASSWORD}),
    ):
        form = visitor.see(page).form(page).fields
        assert visitor.post(page, form | fields | POWERS).status_code == 303
    (ada,) = site.auth.directory.list()
    assert ada.roles == frozenset({"User"})
    assert str(ada.id) != POWERS["id"]
    assert str(ada.email) == EMAIL
