"""Guards: a host application mounts the pages, guards its own views, and is left alone otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from flask import Flask, render_template_string
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from offbrand.adapters import memory
from offbrand.domain.errors import NotLoggedIn, WrongState
from offbrand.domain.values import Username
from offbrand.entrypoints.web import (
    admin_required,
    blueprint,
    current_account,
    fresh_login_required,
    login_required,
    permission_required,
)
from offbrand.entrypoints.web.guards import require_session
from tests.integration.web.conftest import Site, settings_of
from tests.integration.web.visitor import EMAIL, PASSWORD, USERNAME, json_of

if TYPE_CHECKING:
    from pathlib import Path

GUARDED = ("/members", "/fresh", "/moderators", "/admins")
JSON = {"Accept": "application/json"}


def host_of(app: Flask) -> Site:
    """Return *app* with the pages mounted, and views of its own."""
    auth, mailbox, clock = memory.auth()
    settings = settings_of()
    app.config.update(SECRET_KEY="the host's own", SESSION_COOKIE_SECURE=True)
    app.register_blueprint(blueprint(auth, settings))

    @app.route("/open")
    def unguarded() -> str:
        return render_template_string("{{ current_account().username or 'nobody' if current_account() else 'nobody' }}")

    @app.route("/members", methods=["GET", "POST"])
    @login_required
    def members() -> str:
        account = current_account()
        return f"members: {account.username if account else None}"

    @app.route("/fresh", methods=["GET", "POST"])
    @fresh_login_required
    def fresh() -> str:
        return "fresh"

    @app.route("/moderators")
    @permission_required("MODERATE")
    def moderators() -> str:
        return "moderators"

    @app.route("/admins")
    @admin_required
    def admins() -> str:
        return "admins"

    @app.route("/flow")
    def flow() -> str:
        reason = "The host met a refusal."
        raise WrongState(reason)

    @app.route("/defect")
    def defect() -> str:
        raise ZeroDivisionError

    return Site(app, auth, mailbox, clock, settings)


@pytest.fixture
def host() -> Site:
    return host_of(Flask("host"))


def _grant(host: Site, role: str) -> None:
    account = host.auth.directory.show(Username.parse(USERNAME))
    host.auth.roles.grant(account.id, role, actor="test")


@pytest.mark.parametrize("path", GUARDED)
def test_d32_d39_a_stranger_logs_in_and_comes_back(path: str, host: Site) -> None:
    """Sent to the login page and not merely forbidden; afterwards to where the way led."""
    visitor = host.visitor()
    response = visitor.get(f"{path}?tab=2")
    assert f"/auth/login?next={path}?tab%3D2" == response.headers["Location"]
    host.visitor().join()
    fields = visitor.see(response.headers["Location"]).form("/auth/login").fields
    response = visitor.post("/auth/login", fields | {"identifier": USERNAME, "password": PASSWORD})
    assert f"{path}?tab=2" == response.headers["Location"]


@pytest.mark.parametrize("path", GUARDED)
def test_d32_a_stranger_s_program_is_told_so(path: str, host: Site) -> None:
    response = host.visitor().get(path, headers=JSON)
    assert (response.status_code, json_of(response)["code"]) == (401, "not_logged_in")


def test_d32_a_stranger_s_form_gets_a_page(host: Site) -> None:
    """What was sent cannot be sent again for them."""
    response = host.visitor().post("/members", {})
    assert response.status_code == 401
    assert "Please log in first." in response.text


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (None, {"/members": 200, "/fresh": 200, "/moderators": 403, "/admins": 403}),
        ("Moderator", {"/members": 200, "/fresh": 200, "/moderators": 200, "/admins": 403}),
        ("Administrator", {"/members": 200, "/fresh": 200, "/moderators": 200, "/admins": 200}),
    ],
)
def test_aut01_roles_open_what_they_should(role: str | None, statuses: dict[str, int], host: Site) -> None:
    """AUT-01; a role counts at the next request, without another login."""
    visitor = host.visitor().join()
    assert visitor.get("/admins").status_code == 403
    if role:
        _grant(host, role)
    assert statuses == {path: visitor.get(path).status_code for path in GUARDED}


def test_d39_a_disabled_account_opens_nothing(host: Site) -> None:
    """A session and a role are nothing without an active account."""
    visitor = host.visitor().join()
    _grant(host, "Administrator")
    assert visitor.get("/admins").text == "admins"
    host.auth.administration.disable(host.auth.directory.show(Username.parse(USERNAME)).id, actor="test")
    assert [visitor.get(path).status_code for path in GUARDED] == [303] * 4
    assert visitor.get("/open").text == "nobody"


def test_fresh_proof_is_asked_for_after_ten_minutes(host: Site) -> None:
    visitor = host.visitor().join()
    assert visitor.get("/fresh").text == "fresh"
    host.clock.tick(minutes=10)
    response = visitor.get("/fresh")
    assert (response.status_code, response.headers.get("Location")) == (303, "/auth/prove?next=/fresh")
    fields = visitor.see("/auth/prove?next=/fresh").form("/auth/prove").fields
    assert visitor.post("/auth/prove", fields | {"password": PASSWORD}).headers["Location"] == "/fresh"
    assert visitor.get("/fresh").text == "fresh"


def test_a_form_that_needs_fresh_proof_goes_back_to_its_page(host: Site) -> None:
    visitor = host.visitor().join()
    host.clock.tick(minutes=10)
    response = visitor.post("/fresh", {}, headers={"Referer": "https://offbrand.example/open?x=1"})
    assert response.headers["Location"] == "/auth/prove?next=/open?x%3D1"
    response = visitor.post("/fresh", {}, headers={"Referer": "https://evil.example/open"})
    assert response.headers["Location"] == "/auth/prove"


def test_the_account_is_known_to_the_host_s_templates(host: Site) -> None:
    visitor = host.visitor()
    assert visitor.get("/open").text == "nobody"
    assert visitor.join().get("/open").text == "ada"


def test_a_refusal_in_a_view_of_the_host_is_told(host: Site) -> None:
    response = host.visitor().get("/flow", headers=JSON)
    assert (response.status_code, json_of(response)["code"]) == (409, "wrong_state")


def test_the_host_s_own_views_and_errors_are_left_alone(host: Site) -> None:
    visitor = host.visitor()
    assert "Content-Security-Policy" not in visitor.get("/open").headers
    assert "Offbrand" not in visitor.get("/nowhere").text
    assert "Offbrand" not in visitor.get("/defect").text
    assert visitor.get("/").status_code == 404
    assert visitor.get("/healthz").status_code == 404
    assert visitor.get("/dev/mailbox").status_code == 404


def test_the_pages_of_a_host_are_protected_but_do_not_bind_all_of_it(host: Site) -> None:
    headers = host.visitor().get("/auth/login").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_d65_the_pages_check_their_forms_though_the_host_does_not(host: Site) -> None:
    """A host that has switched off its own check, as tests do, has not switched off ours."""
    host.app.config["WTF_CSRF_ENABLED"] = False
    assert host.visitor().post("/auth/reset", {"email": EMAIL}).status_code == 400
    assert host.visitor().join().post("/members", {}).status_code == 200


def test_the_pages_of_a_host_read_no_more_than_they_need(host: Site) -> None:
    """RES-03: the host's own limit stays what it is."""
    visitor = host.visitor()
    fields = visitor.see("/auth/reset").form("/auth/reset").fields | {"email": EMAIL, "more": "x" * 65_536}
    assert visitor.post("/auth/reset", fields).status_code == 413
    assert host.app.config["MAX_CONTENT_LENGTH"] is None
    assert visitor.join().post("/members", {"more": "x" * 65_536}).status_code == 200


def test_a_host_that_checks_all_forms_itself_lets_ours_pass() -> None:
    app = Flask("host")
    app.config["WTF_CSRF_SSL_STRICT"] = False
    CSRFProtect(app)
    visitor = host_of(app).visitor().join()
    assert visitor.is_logged_in()
    assert visitor.post("/members", {}).status_code == 400


def test_d65_a_host_that_could_check_all_forms_and_does_not_leaves_ours_checked() -> None:
    """In any order of setting up."""
    app = Flask("host")
    app.config["WTF_CSRF_ENABLED"] = False
    host = host_of(app)
    CSRFProtect(app)
    assert host.visitor().join().is_logged_in()
    assert host.visitor().post("/auth/reset", {"email": EMAIL}).status_code == 400
    assert host.visitor().post("/auth/reset", {"email": EMAIL, "csrf_token": "x"}).status_code == 400


def test_a_host_that_has_bootstrap_keeps_its_own(host: Site) -> None:
    app = Flask("host")
    Bootstrap5(app)
    own = app.extensions["bootstrap"]
    other = host_of(app)
    assert own is app.extensions["bootstrap"]
    assert app.config["BOOTSTRAP_SERVE_LOCAL"] is False
    assert "cdn" not in other.visitor().get("/auth/login").text
    assert host.app.config["BOOTSTRAP_SERVE_LOCAL"] is True


def test_a_host_replaces_a_page_by_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "offbrand"
    folder.mkdir(parents=True)
    (folder / "base.html").write_text("the host's frame: {% block content %}{% endblock %}")
    visitor = host_of(Flask("host", root_path=str(tmp_path))).visitor()
    shown = visitor.get("/auth/login").text
    assert shown.startswith("the host's frame:")
    assert 'name="identifier"' in shown


def test_a_host_below_a_path_is_come_back_to(host: Site) -> None:
    client = host.visitor().client
    response = client.get("/auth/account", base_url="https://offbrand.example/shop")
    assert response.headers["Location"] == "/shop/auth/login?next=/shop/auth/account"


def test_who_is_visiting_does_not_outlive_the_request(host: Site) -> None:
    """A host that keeps an application context open does not show one visitor's account to the next."""
    member, stranger = host.visitor().join(), host.visitor()
    with host.app.app_context():
        assert member.get("/members").text == "members: ada"
        assert stranger.get("/members").status_code == 303
        assert stranger.get("/open").text == "nobody"


def test_a_flow_that_looks_at_the_session_itself_gets_none_of_a_stranger(host: Site) -> None:
    with host.app.test_request_context("/"), pytest.raises(NotLoggedIn):
        require_session()


def test_d9_an_account_without_roles_grants_nothing(host: Site) -> None:
    account = attrs.evolve(host.auth.directory.show(_joined(host)), roles=frozenset(), permissions=frozenset())
    assert not any(account.can(name) for name in ("ADMIN", "FOLLOW", ""))


def _joined(host: Site) -> Username:
    host.visitor().join()
    return Username.parse(USERNAME)
