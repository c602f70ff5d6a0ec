"""The page about the core as a library: its table is `Auth`, and its examples run as they stand."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from offbrand import bootstrap, errors
from offbrand.adapters import memory
from offbrand.domain.auth import Auth
from offbrand.domain.values import EmailAddress, Username
from offbrand.settings import Settings
from tests.integration.cli.terminal import PASSWORD, Terminal
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
ADA = EmailAddress("ada@example.org")
PATIENCE = 60  # seconds, for a machine that is busy; never waited for when all is well


def methods() -> Iterator[str]:
    """Spell every public method of every service as the page does."""
    auth, _, _ = memory.auth()
    for field in attrs.fields(Auth):
        for name, method in inspect.getmembers(type(getattr(auth, field.name)), inspect.isfunction):
            if field.name != "policy" and not name.startswith("_"):
                _, *given = inspect.signature(method).parameters.values()
                spelled = [each.name + "=" * (each.kind is inspect.Parameter.KEYWORD_ONLY) for each in given]
                yield f"{field.name}.{name}({', '.join(spelled)})"


def test_the_table_has_every_method_of_every_service_and_no_other() -> None:
    assert sorted(methods()) == sorted(re.findall(r"^\| `(\w+\.\w+\(.*?\))` \| \w", PAGE, flags=re.MULTILINE))


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a deployment with its tables, which this process has for its own."""
    terminal = Terminal.at(tmp_path)
    terminal.do("db", "upgrade")
    for name, value in terminal.environ.items():
        monkeypatch.setenv(name, value)
    return terminal


@pytest.fixture
def page(terminal: Terminal) -> dict[str, Any]:
    """Return what the examples define, run one after another in one place."""
    names: dict[str, Any] = {"__name__": "page", "terminal": terminal}
    for block in BLOCKS:
        exec(compile(block, "docs/library.md", "exec", dont_inherit=True), names)  # noqa: S102 - our own text
    return names


def test_the_example_of_a_test_passes(page: dict[str, Any]) -> None:
    tests = [thing for name, thing in page.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()


def test_the_api_does_what_the_page_says(page: dict[str, Any]) -> None:
    auth, mailbox, clock = memory.auth()
    browser: Any = page["create_app"](auth).test_client()
    form = {"email": str(ADA), "username": "ada", "password": PASSWORD, "identifier": "ada"}
    assert browser.post("/register", data=form).status_code == 202
    confirmation = mailbox.token(ADA)
    opened = browser.post("/confirm", data=form | {"token": confirmation.reveal()}).json
    known = {"X-Device": opened["device"]}

    def bearer(opened: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {opened['session']}"}

    assert browser.get("/me", headers=bearer(opened)).json == {"username": "ada", "has_fresh_proof": True}
    assert browser.post("/moderate", headers=bearer(opened)).json["code"] == "forbidden"
    auth.roles.grant(auth.directory.show(ADA).id, "Moderator", actor="ops")
    assert browser.post("/moderate", headers=bearer(opened)).json == {"moderated": True}
    clock.tick(minutes=11)
    proved = browser.post("/prove", data=form, headers=bearer(opened)).json
    assert (browser.get("/me", headers=bearer(opened)).status_code, proved["device"]) == (401, None)
    assert browser.get("/me", headers=bearer(proved)).json["has_fresh_proof"]
    letters = len(mailbox.of(ADA))
    again = browser.post("/login", data=form, headers=known).json
    assert (again["device"], len(mailbox.of(ADA))) == (opened["device"], letters)
    for _ in range(2):
        assert browser.post("/logout", headers=bearer(proved)).status_code == 200
    assert browser.get("/me", headers=bearer(proved)).json["code"] == "not_logged_in"
    assert browser.get("/me").status_code == 401
    assert browser.post("/register", data=form | {"email": "nowhere"}).json == {
        "code": "malformed_email_address",
        "sentence": "That is not an email address.",
    }


def test_a_refusal_about_time_says_when_to_come_back(page: dict[str, Any]) -> None:
    body, status, headers = page["answer_to"](errors.TooManyAttempts(70))
    assert (body["code"], status, headers) == ("too_many_attempts", 429, {"Retry-After": "70"})
    assert page["answer_to"](errors.InvalidToken())[2] == {}


def test_the_policy_is_the_deployment_s_and_the_page_s(
    page: dict[str, Any], terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.do("register", str(ADA), "ada", lines=(PASSWORD,))
    terminal.do("confirm", lines=(terminal.link("confirm"), PASSWORD))
    monkeypatch.setattr(sys, "argv", ["yours", "accounts", "grant", "ada", "Editor"])
    with pytest.raises(SystemExit) as end:
        page["main"]()
    assert end.value.code == 0
    assert page["auth"].directory.show(Username("ada")).can("PUBLISH")
    assert page["auth"].policy is page["policy"]


def test_letters_leave_while_the_host_serves_and_lead_to_its_own_pages(
    page: dict[str, Any], terminal: Terminal
) -> None:
    terminal.do("register", str(ADA), "ada", lines=(PASSWORD,))
    mailbox = bootstrap.mailbox(Settings.from_env())
    assert mailbox is not None

    def serve() -> None:
        until(mailbox.letters, PATIENCE)

    page["run"](serve)
    (head,) = mailbox.letters()
    (link,) = re.findall(r"http://localhost:8000/confirm\?token=\S+", mailbox.read(head.id).text)
    terminal.do("confirm", lines=(link, PASSWORD))
