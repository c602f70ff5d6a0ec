"""What operators do at the command line; they never see or choose a password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters import memory
from tests.integration.cli.terminal import OTHER_PASSWORD, PASSWORD, Terminal, refusal, told

if TYPE_CHECKING:
    from datetime import datetime


def test_an_operator_invites_and_the_invited_person_chooses(terminal: Terminal) -> None:
    """PRE-01 (c): an invitation has no password, so nobody knows one."""
    account_id = told(terminal, "accounts", "invite", "ada@example.org", "ada", "--role", "Moderator")["id"]
    pending = told(terminal, "accounts", "show", account_id)
    assert (
        pending["state"],
        pending["roles"],
        pending["has_password"],
    ) == ("pending", ["Moderator", "User"], False)
    link = terminal.link("confirm")
    assert refusal(terminal.run("confirm", lines=(link, PASSWORD))) == (64, "invitation")
    terminal.do("confirm", "--anew", "ada.b", lines=(link, PASSWORD))
    assert (told(terminal, "whoami")["username"], "MODERATE" in told(terminal, "whoami")["permissions"]) == (
        "ada.b",
        True,
    )


def test_an_operator_disables_and_enables(ada: Terminal) -> None:
    ada.do("accounts", "disable", "ada")
    assert refusal(ada.run("whoami")) == (77, "not_logged_in")
    assert refusal(ada.run("login", "ada", lines=(PASSWORD,))) == (77, "invalid_credentials")
    assert refusal(ada.run("accounts", "disable", "ada@example.org")) == (65, "wrong_state")
    ada.do("accounts", "enable", "ada")
    ada.do("login", "ada", lines=(PASSWORD,))


def test_an_operator_grants_and_revokes(ada: Terminal) -> None:
    """D8: a role comes from a command, and works at the next request without another login."""
    ada.do("accounts", "grant", "ada", "Administrator")
    assert "ADMIN" in told(ada, "whoami")["permissions"]
    ada.do("accounts", "revoke", "ada", "Administrator")
    assert "ADMIN" not in told(ada, "whoami")["permissions"]
    assert refusal(ada.run("accounts", "grant", "ada", "administrator")) == (65, "unknown_role")


def test_an_operator_reopens_a_closed_account(ada: Terminal) -> None:
    ada.do("close")
    ada.do("accounts", "reopen", "ada")
    ada.do("password", "reset-complete", lines=(ada.link("reset"), OTHER_PASSWORD))
    ada.do("login", "ada", lines=(OTHER_PASSWORD,))


def test_an_operator_ends_sessions_and_removes_a_password(ada: Terminal) -> None:
    assert told(ada, "accounts", "end-sessions", "ada") == {"ended": 1}
    assert refusal(ada.run("whoami")) == (77, "not_logged_in")
    ada.do("accounts", "remove-password", "ada")
    assert refusal(ada.run("login", "ada", lines=(PASSWORD,))) == (77, "invalid_credentials")
    ada.do("password", "reset-complete", lines=(ada.link("reset"), OTHER_PASSWORD))


def test_an_operator_ends_the_power_to_undo(ada: Terminal) -> None:
    ada.do("email", "change", "countess@example.net")
    ada.do("email", "change-complete", lines=(ada.link("change-email"),))
    undo = ada.link("undo-email")
    ada.do("accounts", "end-undo", "ada")
    assert refusal(ada.run("accounts", "end-undo", "ada")) == (65, "wrong_state")
    assert refusal(ada.run("email", "undo", lines=(undo,))) == (77, "invalid_token")


def test_accounts_are_listed_page_by_page(ada: Terminal) -> None:
    ada.do("register", "bob@example.org", "bob", lines=(PASSWORD,))
    first = told(ada, "accounts", "list", "--limit", "1")
    second = told(ada, "accounts", "list", "--limit", "1", "--after", first["next"])
    names = [page["accounts"][0]["username"] for page in (first, second)]
    assert (names, told(ada, "accounts", "list")["next"]) == (["ada", "bob"], None)
    assert second["accounts"][0]["state"] == "pending"


def test_who_is_not_shown_all_accounts_is_told_how_to_go_on(ada: Terminal) -> None:
    """Beside the table, so that what is piped on stays a table."""
    ada.do("register", "bob@example.org", "bob", lines=(PASSWORD,))
    first = ada.run("accounts", "list", "--limit", "1")
    assert first.stdout.count("\n") == 2
    told_there, command = first.stderr.strip().split(": offbrand ")
    assert (told_there, command.startswith("accounts list --after ")) == ("There are more", True)
    rest = ada.run(*command.split())
    assert (" bob " in rest.stdout, " ada " in rest.stdout) == (True, False)
    for everything in (rest, ada.run("accounts", "list", "--limit", "2"), ada.run("accounts", "list", "--json")):
        assert everything.stderr == ""
    assert ada.run("accounts", "list", "--limit", "1", "--json").stderr == ""


def test_who_is_not_shown_all_events_is_told_how_to_go_on(ada: Terminal) -> None:
    count = len(everything := told(ada, "events", "list")["events"])
    first = ada.run("events", "list", "--limit", "1")
    assert first.stderr == f"There are more: offbrand events list --after {everything[0]['position']}\n"
    for way in (("--newest",), ("--account", "ada")):
        backwards = ada.run("events", "list", "--limit", "1", *way)
        assert backwards.stderr == "There are more: a higher --limit shows them.\n"
    for options in (
        ("--newest", "--limit", str(count)),
        ("--limit", str(count)),
        ("--account", "ada", "--limit", str(count)),
        ("--limit", "1", "--json"),
    ):
        assert ada.run("events", "list", *options).stderr == ""


@pytest.mark.parametrize("name", ["ada", "ADA", "Ada@Example.org"])
def test_an_account_is_named_by_username_or_address(name: str, ada: Terminal) -> None:
    shown = told(ada, "accounts", "show", name)
    assert shown == told(ada, "accounts", "show", shown["id"])


def test_an_account_that_is_not_confirmed_is_named_by_its_id(terminal: Terminal) -> None:
    """L1: nobody holds the name that it goes by, and many may go by it; whoever tries it is told."""
    terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    [pending] = told(terminal, "accounts", "list")["accounts"]
    for command in ("accounts show ada", "accounts show ada@example.org", "events list --account ada"):
        result = terminal.run(*command.split())
        assert refusal(result) == (67, "unknown_account")
        assert "not confirmed yet is named by its id" in result.stderr
    assert told(terminal, "accounts", "show", pending["id"]) == pending
    nobody = terminal.run("accounts", "show", f"{pending['id'][:-4]}ffff")
    assert nobody.stderr == "There is no such account. (unknown_account)\n"


def test_an_operator_s_name_stands_in_the_log(ada: Terminal) -> None:
    ada.do("accounts", "end-sessions", "ada", "--actor", "grace")
    ada.do("accounts", "end-sessions", "ada")
    newest = told(ada, "events", "list", "--account", "ada")["events"]
    assert newest[1]["actor"] == "cli:grace"
    assert newest[0]["actor"].startswith("cli:")
    assert newest[0]["actor"] not in ("cli:", "cli:grace")


def test_the_log_is_read_on_from_a_position(ada: Terminal) -> None:
    everything = told(ada, "events", "list")["events"]
    rest = told(ada, "events", "list", "--after", str(everything[0]["position"]))["events"]
    assert everything[1:] == rest
    assert everything[0]["kind"] == "registered"


def test_the_log_is_read_from_its_end(ada: Terminal) -> None:
    everything = told(ada, "events", "list")["events"]
    assert told(ada, "events", "list", "--newest", "--limit", "2")["events"] == everything[:-3:-1]


def test_what_has_had_its_time_is_purged(terminal: Terminal) -> None:
    """PRV-02; the program is given a core of its own here, whose clock can be moved."""
    auth, _, clock = memory.auth()
    terminal.run("register", "ada@example.org", "ada", lines=(PASSWORD,), core=auth)
    early = terminal.run("purge", "--json", core=auth)
    clock.tick(days=3)
    late = terminal.run("purge", "--json", core=auth)
    assert (json.loads(early.stdout)["accounts"], json.loads(late.stdout)["accounts"]) == (0, 1)
    assert terminal.run("accounts", "list", core=auth).stderr.strip() == "There are no accounts."


def test_letters_are_counted(terminal: Terminal) -> None:
    terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    assert told(terminal, "mail", "status")["waiting"] == 1
    assert told(terminal, "mail", "deliver") == {"waiting": 0, "sent": 1, "dead": 0, "void": 0, "expired": 0}
    settled = {"waiting": 0, "sent": 1, "dead": 0, "void": 0, "expired": 0}
    assert told(terminal, "mail", "status") == {**settled, "troubled": []}
    assert told(terminal, "mail", "retry") == {"waiting_again": 0}


def test_roles_are_listed(terminal: Terminal) -> None:
    roles = told(terminal, "roles", "list")["roles"]
    assert [role["name"] for role in roles] == ["User", "Moderator", "Administrator"]
    assert roles[0]["permissions"] == ["COMMENT", "FOLLOW", "WRITE"]


def test_the_database_tells_its_form(terminal: Terminal) -> None:
    current = told(terminal, "db", "current")
    assert (current["up_to_date"], current["current"] == current["newest"]) == (True, True)
    terminal.do("db", "upgrade")
    assert current == told(terminal, "db", "current")


def test_cli_03_a_defect_is_one_line_without_what_it_was_about(terminal: Terminal) -> None:
    """CLI-03, law L11: an exception that nobody expected fails closed, and its text may be anything."""

    class BrokenClock:
        def now(self) -> datetime:
            raise ZeroDivisionError("canary")

    auth, _, _ = memory.auth()
    broken = attrs.evolve(auth, housekeeping=attrs.evolve(auth.housekeeping, clock=BrokenClock()))
    result = terminal.run("purge", core=broken)
    assert refusal(result) == (70, "defect")
    assert "ZeroDivisionError at offbrand/domain/services/housekeeping.py:" in result.stderr
    assert (result.stderr.count("\n"), "canary" in result.stderr) == (1, False)
