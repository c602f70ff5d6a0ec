"""Errors: a page for people, problem+json for programs, a line for the operator, and nothing that was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import abort, make_response
from werkzeug.exceptions import NotFound

from offbrand.adapters import memory
from offbrand.domain.auth import Auth
from offbrand.domain.errors import Busy, Forbidden, TooManyAttempts, Unavailable
from offbrand.entrypoints.failures import FAILURES
from offbrand.entrypoints.web import create_app
from tests.integration.web.conftest import Site, settings_of
from tests.integration.web.visitor import json_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from offbrand.domain.ports import Transaction
    from tests.integration.web.visitor import Visitor

JSON = {"Accept": "application/json"}


@pytest.fixture
def faulty(site: Site) -> Site:
    """A site with a view that fails in every way."""

    @site.app.get("/fail/<how>")
    def fail(how: str) -> str:
        refusals = {"busy": Busy(3), "spent": TooManyAttempts(30), "forbidden": Forbidden()}
        if how in refusals:
            raise refusals[how]
        if how == "defect":
            secret = "hunter2"
            raise RuntimeError(secret)
        abort(int(how))

    return site


@pytest.mark.parametrize(
    ("path", "status", "code", "title"),
    [
        ("/fail/400", 400, "bad_request", "That did not work"),
        ("/fail/401", 401, "unauthorized", "Please log in"),
        ("/fail/403", 403, "forbidden", "Not allowed"),
        ("/fail/forbidden", 403, "forbidden", "Not allowed"),
        ("/nowhere", 404, "not_found", "Not found"),
        ("/auth/logout", 405, "method_not_allowed", "Not like this"),
        ("/fail/413", 413, "request_entity_too_large", "Too much"),
        ("/fail/418", 418, "i'm_a_teapot", "Something went wrong"),
        ("/fail/429", 429, "too_many_requests", "Too many attempts"),
        ("/fail/spent", 429, "too_many_attempts", "Too many attempts"),
        ("/fail/500", 500, "internal_server_error", "Something went wrong"),
        ("/fail/defect", 500, "internal_server_error", "Something went wrong"),
        ("/fail/503", 503, "service_unavailable", "Not just now"),
        ("/fail/busy", 503, "busy", "Not just now"),
    ],
)
def test_d35_every_error_has_a_page_and_a_json_twin(
    path: str, status: int, code: str, title: str, faulty: Site
) -> None:
    page = faulty.visitor().get(path)
    assert status == page.status_code
    assert f"<h1>{title}</h1>" in page.text
    assert "Offbrand" in page.text
    twin = faulty.visitor().get(path, headers=JSON)
    assert (status, "application/problem+json") == (twin.status_code, twin.mimetype)
    assert {"code": code, "status": status} == {name: json_of(twin)[name] for name in ("code", "status")}
    assert json_of(twin)["title"] in page.text.replace("&#39;", "'")


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("text/html,application/json", "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
        ("nonsense", "text/html"),
    ],
)
def test_d35_only_who_accepts_nothing_but_json_gets_it(accept: str, mimetype: str, visitor: Visitor) -> None:
    assert mimetype == visitor.get("/nowhere", headers={"Accept": accept}).mimetype


@pytest.mark.parametrize(("path", "wait"), [("/fail/busy", "3"), ("/fail/spent", "30")])
def test_who_shall_come_back_is_told_when(path: str, wait: str, faulty: Site) -> None:
    for headers in ({}, JSON):
        assert wait == faulty.visitor().get(path, headers=headers).headers["Retry-After"]


def test_which_methods_are_allowed_is_told(visitor: Visitor) -> None:
    for headers in ({}, JSON):
        assert visitor.get("/auth/logout", headers=headers).headers["Allow"] == "OPTIONS, POST"


def test_d41_a_program_that_is_not_logged_in_is_not_sent_to_a_page(visitor: Visitor) -> None:
    response = visitor.get("/auth/account", headers=JSON)
    assert (response.status_code, json_of(response)["code"]) == (401, "not_logged_in")
    assert response.headers["WWW-Authenticate"].startswith("Session ")


def test_a_program_is_told_which_field_is_wrong(visitor: Visitor) -> None:
    token = visitor.see("/auth/register").form("/auth/register").fields["csrf_token"]
    fields = {"csrf_token": token, "email": "ada@example.org"}
    response = visitor.post("/auth/register", fields, headers=JSON)
    assert response.status_code == 422
    assert json_of(response)["code"] == "form_unusable"
    assert {"username", "password", "password2"} == set(json_of(response)["errors"])


def test_an_answer_that_a_view_has_made_itself_is_left_alone(site: Site) -> None:
    @site.app.get("/own")
    def own() -> str:
        raise NotFound(response=make_response("made by the view", 409))

    response = site.visitor().get("/own")
    assert (response.status_code, response.text) == (409, "made by the view")


def test_a_defect_is_noted_once_and_without_what_was_typed(faulty: Site, caplog: pytest.LogCaptureFixture) -> None:
    """LOG-01 and ASVS 16.5.1: the type and where it happened, no text, no variables, no traceback for the visitor."""
    page = faulty.visitor().get("/fail/defect")
    assert "hunter2" not in page.text
    assert "Traceback" not in page.text
    (record,) = (record for record in caplog.records if record.levelname == "ERROR")
    assert "RuntimeError" in record.getMessage()
    assert "in fail" in record.getMessage()
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("trouble", [Unavailable(2), RuntimeError("hunter2")], ids=["refusal", "defect"])
def test_d41_an_error_page_asks_no_database_that_does_not_answer(trouble: Exception) -> None:
    """FLT-04: one trouble is told and not a second one, on every page, and the next requests are fine."""
    site, unit_of_work = _site_that_can_fail()
    ada = site.visitor().join()
    status = 503 if isinstance(trouble, Unavailable) else 500
    unit_of_work.trouble = trouble
    for path in ("/", "/auth/account", "/auth/sessions", "/readyz"):
        response = ada.get(path)
        assert status == response.status_code
        assert "hunter2" not in response.text
    assert "Log in" in ada.get("/auth/account").text
    assert ada.get("/nowhere").status_code == 404
    assert ada.get("/healthz").status_code == 200
    unit_of_work.trouble = None
    assert ada.get("/auth/account").status_code == 200
    assert "Retry-After" not in ada.get("/readyz").headers


def test_a_form_that_meets_trouble_is_told_so() -> None:
    """FLT-05: never a success without stored state."""
    site, unit_of_work = _site_that_can_fail()
    visitor = site.visitor()
    fields = visitor.see("/auth/reset").form("/auth/reset").fields | {"email": "ada@example.org"}
    unit_of_work.trouble = Unavailable(2)
    response = visitor.post("/auth/reset", fields)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert 'value="ada@example.org"' in response.text


def test_every_status_of_the_table_has_a_title(site: Site) -> None:
    """A refusal never shows a page that says only that something went wrong."""
    loader = site.app.jinja_env.loader
    assert loader is not None
    template, _, _ = loader.get_source(site.app.jinja_env, "offbrand/error.html")
    unnamed = {failure.status for failure in FAILURES.values() if f"{failure.status}:" not in template}
    # These are told on the page of the form that they refuse.
    assert {409, 422} == unnamed


def test_a_form_whose_page_meets_trouble_too_is_told_so() -> None:
    site, unit_of_work = _site_that_can_fail()
    visitor = site.visitor()
    visitor.register()
    visitor.get(visitor.link())
    form = visitor.see("/auth/confirm/complete").form("/auth/confirm/complete").fields
    unit_of_work.trouble = Unavailable(2)
    response = visitor.post("/auth/confirm/complete", form | {"password": "x"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "Something we depend on does not answer." in response.text


class _UnitOfWorkThatCanFail:
    """Memory, until it is in trouble."""

    def __init__(self, inner: memory.MemoryUnitOfWork) -> None:
        self.trouble: Exception | None = None
        self._inner = inner

    def reading(self) -> AbstractContextManager[Transaction]:
        if self.trouble:
            raise self.trouble
        return self._inner.reading()

    def writing(self) -> AbstractContextManager[Transaction]:
        if self.trouble:
            raise self.trouble
        return self._inner.writing()


def _site_that_can_fail() -> tuple[Site, _UnitOfWorkThatCanFail]:
    clock = memory.MovableClock()
    inner = memory.MemoryUnitOfWork(clock)
    unit_of_work = _UnitOfWorkThatCanFail(inner)
    mailbox = memory.Mailbox(inner)
    auth = Auth.assemble(
        unit_of_work=unit_of_work,
        hasher=memory.PlainHasher(inner),
        tokens=memory.MemoryTokens(clock),
        mailer=mailbox,
        clock=clock,
        throttle=memory.MemoryThrottle(inner),
        blocklist=memory.listed,
    )
    mailbox.collect_from(auth.delivery.deliver)
    settings = settings_of()
    return Site(create_app(auth, settings), auth, mailbox, clock, settings), unit_of_work
