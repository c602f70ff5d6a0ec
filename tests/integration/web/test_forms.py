"""Forms: each of them refuses what a page of ours would not send, and nothing is stored then."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from werkzeug.datastructures import MultiDict

from tests.integration.web.every_form import EVERY_FORM, Case
from tests.integration.web.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, USERNAME

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.web.conftest import Site
    from tests.integration.web.visitor import Visitor

every_form = pytest.mark.parametrize("case", EVERY_FORM, ids=lambda case: f"{case.endpoint}-{'-'.join(case.fields)}")
every_field = pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case in EVERY_FORM for name in (*case.fields, *case.optional)]
)
every_value = pytest.mark.parametrize(("case", "name"), [(case, name) for case in EVERY_FORM for name in case.fields])


def test_every_form_of_every_page_is_here(site: Site) -> None:
    posting = {rule.endpoint for rule in site.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {case.endpoint for case in EVERY_FORM} == posting


@every_form
def test_the_form_works_when_nothing_is_spoilt(case: Case, site: Site, visitor: Visitor) -> None:
    form = case.filled(visitor)
    before = site.stored()
    response = visitor.post(form.action, form.fields | case.optional)
    assert response.status_code == (200 if case.endpoint == "offbrand.export" else 303)
    assert before != site.stored()


@every_field
def test_a_field_that_is_sent_twice_is_refused(case: Case, name: str, site: Site, visitor: Visitor) -> None:
    """ASVS 15.3.7: nobody has to guess which of two values counts."""
    form = case.filled(visitor)
    before = site.stored()
    fields = MultiDict(form.fields | case.optional)
    fields.add(name, fields[name])
    assert _refused(visitor, form.action, fields) == 422
    assert before == site.stored()


@every_form
def test_the_token_sent_twice_is_refused(case: Case, site: Site, visitor: Visitor) -> None:
    form = case.filled(visitor)
    before = site.stored()
    fields = MultiDict(form.fields)
    fields.add("csrf_token", fields["csrf_token"])
    assert _refused(visitor, form.action, fields) == 422
    assert before == site.stored()


@every_field
@pytest.mark.parametrize("character", ["\0", "\ufffd"], ids=["NUL", "replacement"])
def test_a_character_that_cannot_be_typed_is_refused(
    case: Case, name: str, character: str, site: Site, visitor: Visitor
) -> None:
    """INP-03: NUL and what was not UTF-8 are in no value, nor in anything else that a form holds."""
    form = case.filled(visitor)
    before = site.stored()
    fields = form.fields | case.optional
    refused = _refused(visitor, form.action, fields | {name: fields[name] + character})
    _assert_nothing_came_of_it(name, refused, before, site.stored())


@every_value
def test_a_missing_field_is_refused(case: Case, name: str, site: Site, visitor: Visitor) -> None:
    form = case.filled(visitor)
    before = site.stored()
    del form.fields[name]
    assert _refused(visitor, form.action, form.fields) == 422
    assert before == site.stored()


@every_value
def test_a_value_beyond_every_limit_is_refused(case: Case, name: str, site: Site, visitor: Visitor) -> None:
    """INP-07 and D14: nothing is hashed, stored or normalised that is longer than it may be."""
    form = case.filled(visitor)
    before = site.stored()
    repeated = {other: "x" * 5000 for other in form.fields if other.startswith(name)}
    refused = _refused(visitor, form.action, form.fields | repeated)
    _assert_nothing_came_of_it(name, refused, before, site.stored())


@every_form
def test_a_body_beyond_64_kib_is_not_read(case: Case, site: Site, visitor: Visitor) -> None:
    """RES-03."""
    form = case.filled(visitor)
    before = site.stored()
    assert _refused(visitor, form.action, form.fields | {"more": "x" * 65_536}) == 413
    assert before == site.stored()


@every_form
def test_a_body_of_many_parts_is_not_read(case: Case, site: Site, visitor: Visitor) -> None:
    """RES-03."""
    form = case.filled(visitor)
    before = site.stored()
    parts = form.fields | {f"part{number}": "x" for number in range(30)}
    assert _refused(visitor, form.action, parts, content_type="multipart/form-data") == 413
    assert before == site.stored()


@every_form
def test_a_file_is_refused(case: Case, site: Site, visitor: Visitor) -> None:
    form = case.filled(visitor)
    before = site.stored()
    fields = {**form.fields, "file": (BytesIO(b"text"), "file.txt")}
    assert _refused(visitor, form.action, fields, content_type="multipart/form-data") == 422
    assert before == site.stored()


@every_form
def test_no_form_keeps_a_password(case: Case, visitor: Visitor) -> None:
    """A refused form keeps what was typed, but for passwords."""
    form = case.filled(visitor)
    fields = MultiDict(form.fields | case.optional)
    fields.add("csrf_token", fields["csrf_token"])
    shown = visitor.post(form.action, fields).text
    assert not any(fields[name] in shown for name in fields if "password" in name)
    assert all(fields[name] in shown for name in ("email", "username", "identifier") if name in case.fields)


def test_what_is_wrong_is_tied_to_its_field(visitor: Visitor) -> None:
    """WCAG 3.3.1: a screen reader tells the reason with the field."""
    response = visitor.submit("/auth/register", email="nowhere", username="ada", password="x", password2="x")
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert 'aria-describedby="email-advice email-wrong"' in response.text
    assert '<p class="ob-wrong" id="email-wrong">That is not an email address.</p>' in response.text


def test_one_round_tells_what_is_wrong_with_every_field(visitor: Visitor) -> None:
    """Nobody types both passwords once more for each of four mistakes."""
    fields = {"email": "nowhere", "username": "a b", "password": "short", "password2": "shorter"}
    told = _told(visitor.submit("/auth/register", **fields))
    assert told["email"] == "That is not an email address."
    assert told["username"].startswith("Usernames begin with a letter")
    assert "It needs at least 15 characters" in told["password"]
    assert told["password2"] == "Passwords must match."


def test_an_empty_form_marks_every_field(visitor: Visitor) -> None:
    told = _told(visitor.submit("/auth/register", email="", username="", password="", password2=""))
    assert set(told) == {"email", "username", "password"}


def test_what_no_value_can_be_is_told_beside_a_missing_field(visitor: Visitor) -> None:
    form = visitor.see("/auth/register").form("/auth/register")
    del form.fields["password2"]
    told = _told(visitor.post(form.action, form.fields | {"email": "nowhere", "username": USERNAME}))
    assert set(told) == {"email", "password", "password2"}
    assert told["password2"] == "Please fill this in."


def test_only_what_is_wrong_is_marked(ada: Visitor) -> None:
    """The password that proves who it is may be short; a new one may not."""
    told = _told(ada.submit("/auth/change-email", email="nowhere", password="short"))
    assert set(told) == {"email"}
    fields = {"old_password": "short", "password": OTHER_PASSWORD, "password2": "another"}
    assert set(_told(ada.submit("/auth/change-password", **fields))) == {"password2"}


@pytest.mark.parametrize("name", ["old_password", "password"])
def test_a_password_that_is_too_long_is_told_beside_its_field(name: str, ada: Visitor) -> None:
    fields = {"old_password": PASSWORD, "password": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    twice = {other: "x" * 257 for other in fields if other.startswith(name)}
    response = ada.submit("/auth/change-password", **fields | twice)
    assert response.status_code == 422
    assert _told(response) == {name: "Passwords have at most 256 characters."}
    assert 'role="alert"' not in response.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/auth/register", {"email": EMAIL, "username": USERNAME, "password": "x" * 257, "password2": "x" * 257}),
        ("/auth/login", {"identifier": EMAIL, "password": "x" * 257}),
    ],
)
def test_a_stranger_s_password_that_is_too_long_is_told_beside_its_field(
    path: str, fields: dict[str, str], visitor: Visitor
) -> None:
    assert _told(visitor.submit(path, **fields)) == {"password": "Passwords have at most 256 characters."}


@pytest.mark.parametrize(
    ("page", "name", "wanted"),
    [
        ("/auth/login", "identifier", "username"),
        ("/auth/login", "password", "current-password"),
        ("/auth/register", "email", "email"),
        ("/auth/register", "username", "username"),
        ("/auth/register", "password", "new-password"),
        ("/auth/register", "password2", "new-password"),
        ("/auth/reset", "email", "email"),
    ],
)
def test_password_managers_know_the_fields(page: str, name: str, wanted: str, visitor: Visitor) -> None:
    """ASVS 6.2.7."""
    assert wanted == visitor.see(page).inputs[name]["autocomplete"]


def test_the_advice_on_passwords_stands_beside_them(visitor: Visitor) -> None:
    """NIST SP 800-63B-4, 3.1.1.2: guidance is offered; D13."""
    assert "At least 15 characters. Several unrelated words work well" in visitor.see("/auth/register").text


def _told(response: TestResponse) -> dict[str, str]:
    """Return what stands beside which field."""
    return dict(re.findall(r'<p class="ob-wrong" id="(\w+)-wrong">(.*?)</p>', response.text))


def _assert_nothing_came_of_it(name: str, refused: int, before: tuple[object, ...], after: tuple[object, ...]) -> None:
    if name == "identifier":
        # A guess like any other (law L8), remembered by a digest.
        assert (refused, before[1:]) == (401, after[1:])
        return
    assert (refused, before) == (422, after)


def _refused(visitor: Visitor, action: str, fields: object, content_type: str | None = None) -> int:
    return visitor.post(action, fields, content_type=content_type).status_code
