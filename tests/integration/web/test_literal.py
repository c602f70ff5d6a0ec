"""What is typed is only text: no statement, pattern, template or format on its way to pages and rows (INP-10)."""

from __future__ import annotations

import json
import logging
from html import escape, unescape
from typing import TYPE_CHECKING

import pytest

from tests.integration.web.every_form import EVERY_FORM, Case
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD

if TYPE_CHECKING:
    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

META = "{{7*7}}{% raw %}%(x)s%s%n{0.__class__}' OR 1=1;--<b>\"\\"
# As much of it as an address may hold.
ADDRESSES = [
    "{{7*7}}{%raw%}@example.org",
    "{0.__class__}%s%n@example.org",
    "'or'1'='1'/*@example.org",
    "%@example.org",
    "_da@example.org",
    "$IFS`id`|x@example.org",
]
TEXTS = ("email", "username", "identifier")


@pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case in EVERY_FORM for name in case.fields if name in TEXTS]
)
def test_what_a_form_shows_again_is_what_was_typed(case: Case, name: str, visitor: Visitor) -> None:
    form = case.filled(visitor)
    response = visitor.post(form.action, form.fields | {name: META})
    assert response.status_code in (401, 422)
    assert META in unescape(response.text)
    assert META not in response.text
    assert "<b>" not in response.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_stored_shown_and_written_to_as_it_is(
    address: str, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody else is found by it, it finds nobody else, and no log needs it."""
    caplog.set_level(logging.DEBUG)
    neighbour, owner = site.visitor().join(), site.visitor()
    owner.client.environ_base["HTTP_USER_AGENT"] = META
    owner.join(address, "countess", OTHER_PASSWORD)
    assert escape(address, quote=False) in owner.get("/auth/account").text.replace("&#39;", "'")
    owner.log_out()
    assert owner.log_in(address, password=OTHER_PASSWORD).status_code == 303
    assert json.loads(owner.submit("/auth/account", "/auth/export").text)["account"]["email"] == address
    assert address in {str(letter.recipient) for letter in site.mailbox.arrived}
    for page in ("/auth/activity", "/auth/sessions"):
        assert "<b>" not in owner.get(page).text
    # A pattern that matches every address, or this one's neighbour, matches none.
    assert neighbour.another().log_in(address, password=PASSWORD).status_code == 401
    assert site.visitor().log_in(EMAIL, password=OTHER_PASSWORD).status_code == 401
    assert address not in caplog.text
