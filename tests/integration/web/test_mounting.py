"""Mounting: what the pages leave to the application that has them, and what they ask of it."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask, Response, request, session
from jinja2 import StrictUndefined

from offbrand.adapters import memory
from offbrand.entrypoints.web import blueprint, login_required
from tests.integration.web.conftest import Site, settings_of
from tests.integration.web.test_guards import GUARDED, host_of
from tests.integration.web.visitor import PASSWORD, USERNAME


@pytest.fixture
def host() -> Site:
    """A host that keeps things in Flask's session, and has pages that a cache may keep."""
    app = Flask("host")

    @app.route("/notes/<name>")
    @login_required
    def note(name: str) -> str:
        return f"{name} {request.query_string.decode()}"

    @app.route("/kept")
    @login_required
    def kept() -> Response:
        return Response("kept", headers={"Cache-Control": "private, max-age=60"})

    @app.route("/alike")
    def alike() -> str:
        return "alike for everybody"

    @app.route("/basket")
    def basket() -> str:
        session["basket"] = [*session.get("basket", ()), "a lamp"]
        return f"{len(session['basket'])} in the basket"

    return host_of(app)


@pytest.mark.parametrize(
    "path",
    [
        "/notes/a%2520b",
        "/notes/50%25",
        "/notes/why%3F",
        "/notes/%23one",
        "/notes/caf%C3%A9?q=%E2%82%AC",
        "/notes/x?to=%2Fa%2520b%26c&d=1+2",
        "/notes/x?a=%FF;b",
    ],
)
def test_red02_a_deep_link_is_come_back_to_as_it_was(path: str, host: Site) -> None:
    """What was encoded is so exactly once: read again by the host it is the same page."""
    host.visitor().join()
    visitor = host.visitor()
    page = visitor.get(path).headers["Location"]
    fields = visitor.see(page).form("/auth/login").fields | {"identifier": USERNAME, "password": PASSWORD}
    response = visitor.post("/auth/login", fields)
    assert path == response.headers["Location"]
    assert visitor.get(path).status_code == 200


def test_what_a_host_s_view_says_of_somebody_is_kept_for_nobody_else(host: Site) -> None:
    """HDR-02: a cache between us and the visitor knows that the answer depends on the cookie."""
    for visitor in (host.visitor(), host.visitor().join()):
        for path in ("/open", *GUARDED, "/kept"):
            assert "Cookie" in visitor.get(path).vary, path
        for path in ("/members", "/fresh"):
            assert visitor.get(path).headers["Cache-Control"] == "private"
        assert visitor.get("/admins").headers["Cache-Control"] in ("private", "no-store")
        assert "Cache-Control" not in visitor.get("/open").headers
        alike = visitor.get("/alike").headers
        assert "Cache-Control" not in alike
        assert "Vary" not in alike
    assert host.visitor().join("eve@example.org", "eve").get("/kept").headers["Cache-Control"] == "private, max-age=60"


def test_a_page_of_ours_in_a_host_is_kept_by_nobody(host: Site) -> None:
    visitor = host.visitor().join()
    for path in ("/auth/account", "/auth/static/x"):
        assert visitor.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", ["log out", "close", "log in"])
def test_what_the_host_keeps_in_flask_s_session_outlives_a_visit(page: str, host: Site) -> None:
    """The basket is the host's; the token of our forms is another one afterwards."""
    visitor = host.visitor().join()
    if page == "log in":
        visitor.submit("/auth/account", "/auth/logout")
    visitor.get("/basket")
    token = visitor.see("/auth/account").form("/auth/logout").fields if page != "log in" else {}
    if page == "log out":
        visitor.submit("/auth/account", "/auth/logout")
    elif page == "close":
        visitor.submit("/auth/close")
    else:
        visitor.log_in()
    assert visitor.get("/basket").text == "2 in the basket"
    assert token != {"csrf_token": visitor.see("/auth/reset").form("/auth/reset").fields["csrf_token"]}


def test_a_host_that_is_strict_about_its_templates_sees_ours() -> None:
    app = Flask("host")
    app.jinja_env.undefined = StrictUndefined
    host = host_of(app)
    for visitor in (host.visitor(), host.visitor().join()):
        for path in ("login", "register", "unconfirmed", "confirm", "reset", "account", "sessions", "close", "nowhere"):
            assert visitor.get(f"/auth/{path}").status_code in (200, 303, 404), path


@pytest.mark.parametrize("is_second", [False, True])
def test_the_pages_have_one_name(*, is_second: bool) -> None:
    """Their links lead to that name only; under another one every page would be a defect."""
    app, (auth, _, _) = Flask("host"), memory.auth()
    pages = blueprint(auth, settings_of())
    if is_second:
        app.register_blueprint(pages)
    with pytest.raises(ValueError, match=r"^The pages have to be registered as 'offbrand', not as 'accounts'\.$"):
        app.register_blueprint(pages, name="accounts")


def test_the_pages_stand_in_no_other_blueprint() -> None:
    auth, _, _ = memory.auth()
    outer = Blueprint("outer", __name__)
    outer.register_blueprint(blueprint(auth, settings_of()))
    with pytest.raises(ValueError, match=r"not as 'outer\.offbrand'\.$"):
        Flask("host").register_blueprint(outer)


def test_a_host_without_a_key_is_told_which(host: Site, caplog: pytest.LogCaptureFixture) -> None:
    host.app.config["SECRET_KEY"] = None
    assert host.visitor().get("/auth/login").status_code == 500
    (record,) = caplog.records
    assert record.getMessage() == "The application has no SECRET_KEY, which the forms of the pages need."
    assert host.visitor().get("/alike").status_code == 200
