"""Files: what is served beside the pages, and that everything is what it says it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.web.every_form import EVERY_FORM, Case
from tests.integration.web.test_headers import FILES, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

JSON = {"Accept": "application/json"}
SCRIPT = "/auth/static/pages.js"


def _is_json(text: str) -> bool:
    return isinstance(json.loads(text), dict)


# RFC 8259, 11: JSON is UTF-8, and its type has no parameter for that.
KINDS: dict[str, Callable[[str], bool]] = {
    "text/html; charset=utf-8": lambda text: text.lstrip().lower().startswith("<!doctype html>"),
    "text/plain; charset=utf-8": lambda text: text == "ok\n",
    "text/css; charset=utf-8": lambda text: "{" in text and "<" not in text,
    "text/javascript; charset=utf-8": lambda text: '"use strict"' in text,
    "image/svg+xml; charset=utf-8": lambda text: "<svg" in text,
    "application/json": _is_json,
    "application/problem+json": _is_json,
}


def _assert_true(response: TestResponse) -> None:
    if not response.data or response.status_code in (301, 303, 308):
        return
    assert KINDS[response.headers["Content-Type"]](response.text), response.headers["Content-Type"]


@pytest.mark.parametrize("is_member", [False, True])
def test_what_is_sent_is_what_it_is_said_to_be(is_member: bool, visitor: Visitor) -> None:  # noqa: FBT001 - a parameter
    """ASVS 4.1.1, with the charset; and 3.5.6, as no answer is a script but for the one file."""
    if is_member:
        visitor.join()
        _assert_true(visitor.submit("/auth/account", "/auth/export"))
    for path in (*PAGES, *FILES, "/auth/static/mark.svg"):
        for headers in ({}, JSON):
            response = visitor.get(path, headers=headers)
            _assert_true(response)
            assert "javascript" not in response.headers["Content-Type"] or path == SCRIPT


def test_a_script_is_the_same_for_everybody(site: Site, ada: Visitor) -> None:
    """ASVS 3.5.7."""
    assert site.visitor().get(SCRIPT).data == ada.get(SCRIPT).data
    assert site.visitor().get(f"{SCRIPT}?callback=f").data == ada.get(SCRIPT).data


@pytest.mark.parametrize("folder", ["/auth/static/", "/bootstrap/static/"])
@pytest.mark.parametrize(
    "name",
    ["", ".", "css/", "..", "../__init__.py", "%2e%2e/__init__.py", "..%2f__init__.py", "//etc/passwd", ".git/HEAD"],
)
def test_no_path_leads_out_of_the_files_or_lists_them(folder: str, name: str, visitor: Visitor) -> None:
    """ASVS 5.3.2, 13.4.1 and 13.4.3."""
    response = visitor.get(folder + name, follow_redirects=True)
    assert response.status_code == 404
    assert "import" not in response.text
    assert "root:" not in response.text


@pytest.mark.parametrize("case", EVERY_FORM, ids=lambda case: f"{case.endpoint}-{'-'.join(case.fields)}")
def test_passwords_are_masked_and_may_be_pasted(case: Case, visitor: Visitor) -> None:
    """ASVS 6.2.6 and 6.2.7."""
    secrets = {name for name in case.filled(visitor).fields if "password" in name}
    inputs = visitor.see(case.page).inputs
    assert dict.fromkeys(secrets, "password") == {name: inputs[name]["type"] for name in secrets}
    assert not [name for attributes in inputs.values() for name in attributes if name.startswith("on")]
