"""The whole tour at the command line, without the web."""

from __future__ import annotations

import json

import pytest

from offbrand import EmailAddress
from offbrand.adapters import memory
from offbrand.entrypoints import promises
from tests.integration.cli.terminal import OTHER_PASSWORD, PASSWORD, Terminal, refusal, told

THIRD_PASSWORD = "marmalade under the third stair"


def test_a_person_registers_confirms_and_comes_back(terminal: Terminal) -> None:
    assert promises.REGISTRATION in terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    assert refusal(terminal.run("whoami")) == (77, "not_logged_in")
    assert refusal(terminal.run("login", "ada", lines=(PASSWORD,))) == (77, "invalid_credentials")
    terminal.do("confirm", lines=(terminal.link("confirm"), PASSWORD))
    who = told(terminal, "whoami")
    assert (who["username"], who["email"], who["fresh_proof"]) == ("ada", "ada@example.org", True)
    terminal.do("logout")
    assert refusal(terminal.run("whoami")) == (77, "not_logged_in")
    terminal.do("login", "ADA@example.org", lines=(PASSWORD,))
    assert told(terminal, "whoami")["username"] == "ada"


def test_log_out_twice_is_no_failure(ada: Terminal) -> None:
    assert ada.do("logout") == ada.do("logout")


SHAPES = ["{}", "  {}  ", "<{}>", "{}/", "https://example.org/confirm?token={}", "https://example.org/?for=me&t={}"]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_link_may_be_pasted_whole_or_as_its_last_part(shape: str, terminal: Terminal) -> None:
    """A host may have given links of its own, such as those of the README."""
    terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    token = terminal.link("confirm").rpartition("/")[2]
    terminal.do("confirm", lines=(shape.format(token), PASSWORD))


def test_a_link_works_once(ada: Terminal) -> None:
    """TOK-03."""
    ada.do("register", "bob@example.org", "bob", lines=(PASSWORD,))
    link = ada.link("confirm")
    ada.do("confirm", lines=(link, PASSWORD))
    before = ada.stored()
    assert refusal(ada.run("confirm", lines=(link, PASSWORD))) == (77, "invalid_token")
    assert before == ada.stored()


def test_a_stranger_s_password_is_never_confirmed(terminal: Terminal) -> None:
    """PRE-01: the owner of the mailbox sees whose account it is, and chooses anew."""
    terminal.do("register", "ada@example.org", "mallory", lines=(OTHER_PASSWORD,))
    link = terminal.link("confirm")
    guessed = terminal.run("confirm", lines=(link, PASSWORD))
    assert "the account mallory of ada@example.org" in guessed.stderr
    assert refusal(guessed) == (77, "wrong_password")
    terminal.do("confirm", "--anew", "ada", lines=(link, PASSWORD))
    assert told(terminal, "whoami")["username"] == "ada"
    assert refusal(terminal.run("login", "ada", lines=(OTHER_PASSWORD,))) == (77, "invalid_credentials")


def test_a_registration_can_be_discarded_or_asked_for_again(terminal: Terminal) -> None:
    terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    terminal.do("mail", "deliver")
    known = terminal.do("confirm", "--resend", "ada@example.org")
    assert known == terminal.do("confirm", "--resend", "nobody@example.org")
    assert {state: n for state, n in told(terminal, "mail", "deliver").items() if n} == {"sent": 1, "void": 1}
    link = terminal.link("confirm")
    terminal.do("confirm", "--discard", lines=(link,))
    assert refusal(terminal.run("confirm", lines=(link, PASSWORD))) == (77, "invalid_token")
    assert told(terminal, "accounts", "list")["accounts"] == []


def test_a_password_is_changed_and_every_other_session_ends(ada: Terminal) -> None:
    phone = ada.but(XDG_STATE_HOME=str(ada.folder / "phone"))
    phone.do("login", "ada", lines=(PASSWORD,))
    ada.do("password", "change", lines=(PASSWORD, OTHER_PASSWORD))
    assert told(ada, "whoami")["username"] == "ada"
    assert refusal(phone.run("whoami")) == (77, "not_logged_in")
    assert refusal(phone.run("login", "ada", lines=(PASSWORD,))) == (77, "invalid_credentials")
    phone.do("login", "ada", lines=(OTHER_PASSWORD,))


def test_a_password_is_reset_and_nobody_is_logged_in_by_that(ada: Terminal) -> None:
    known = ada.do("password", "reset", "ada@example.org")
    assert known == ada.do("password", "reset", "nobody@example.org")
    assert known.startswith("If that address has an account, a letter is on its way.")
    link = ada.link("reset")
    completed = ada.run("password", "reset-complete", lines=(link, OTHER_PASSWORD))
    assert (completed.exit_code, "ada (ada@example.org)" in completed.stderr) == (0, True)
    assert refusal(ada.run("whoami")) == (77, "not_logged_in")
    assert refusal(ada.run("password", "reset-complete", lines=(link, THIRD_PASSWORD))) == (77, "invalid_token")
    ada.do("login", "ada", lines=(OTHER_PASSWORD,))


def test_an_address_is_changed_and_the_former_one_takes_it_back(ada: Terminal) -> None:
    ada.do("email", "change", "countess@example.net")
    ada.do("email", "change-complete", lines=(ada.link("change-email"),))
    assert told(ada, "whoami")["email"] == "countess@example.net"
    assert refusal(ada.run("email", "change", "third@example.net")) == (75, "undo_pending")
    assert refusal(ada.run("close")) == (75, "undo_pending")
    undo = ada.link("undo-email")
    ada.do("email", "undo", lines=(undo,))
    assert refusal(ada.run("email", "undo", lines=(undo,))) == (77, "invalid_token")
    assert refusal(ada.run("login", "ada", lines=(PASSWORD,))) == (77, "invalid_credentials")
    ada.do("password", "reset-complete", lines=(ada.link("reset"), OTHER_PASSWORD))
    ada.do("login", "ada@example.org", lines=(OTHER_PASSWORD,))


def test_sessions_are_listed_and_ended(ada: Terminal) -> None:
    phone = ada.but(XDG_STATE_HOME=str(ada.folder / "phone"))
    tablet = ada.but(XDG_STATE_HOME=str(ada.folder / "tablet"))
    phone.do("login", "ada", lines=(PASSWORD,))
    phone_id = told(phone, "whoami")["session_id"]
    tablet.do("login", "ada", "--remember", lines=(PASSWORD,))
    sessions = told(ada, "sessions", "list")["sessions"]
    assert (
        len(sessions),
        sum(session["current"] for session in sessions),
        sum(session["remembered"] for session in sessions),
    ) == (3, 1, 1)
    ada.do("sessions", "end", phone_id)
    assert refusal(ada.run("sessions", "end", phone_id)) == (67, "unknown_session")
    assert refusal(phone.run("whoami")) == (77, "not_logged_in")
    assert told(ada, "sessions", "end-others") == {"ended": 1}
    assert refusal(tablet.run("whoami")) == (77, "not_logged_in")
    assert told(ada, "whoami")["username"] == "ada"


def test_an_account_is_exported_and_closed(ada: Terminal) -> None:
    held = json.loads(ada.do("export"))
    assert held["account"]["email"] == "ada@example.org"
    assert held == {**told(ada, "export"), "events": held["events"]}
    ada.do("close")
    assert refusal(ada.run("whoami")) == (77, "not_logged_in")
    assert refusal(ada.run("login", "ada", lines=(PASSWORD,))) == (77, "invalid_credentials")


def test_activity_shows_what_happened(ada: Terminal) -> None:
    ada.run("login", "ada", lines=(OTHER_PASSWORD,))
    assert [event["kind"] for event in told(ada, "activity")["events"]] == ["login_failed", "confirmed", "registered"]
    assert len(told(ada, "activity", "--limit", "1")["events"]) == 1


def test_a_second_login_ends_the_session_that_was_kept_before(ada: Terminal) -> None:
    before = told(ada, "whoami")["session_id"]
    ada.do("login", "ada", lines=(PASSWORD,))
    sessions = told(ada, "sessions", "list")["sessions"]
    assert (len(sessions), before == sessions[0]["id"]) == (1, False)


def test_a_taken_address_answers_like_a_free_one(ada: Terminal) -> None:
    """ENU-06, D15."""
    taken = ada.do("register", "ada@example.org", "somebody", lines=(PASSWORD,))
    free = ada.do("register", "bob@example.org", "somebody", lines=(PASSWORD,))
    assert taken == free.replace("bob@", "ada@")


def test_fresh_proof_is_asked_for_when_the_password_was_typed_too_long_ago(terminal: Terminal) -> None:
    auth, mailbox, clock = memory.auth()
    email = EmailAddress.parse("ada@example.org")
    terminal.run("register", str(email), "ada", lines=(PASSWORD,), core=auth)
    terminal.run("confirm", lines=(mailbox.token(email).reveal(), PASSWORD), core=auth)
    clock.tick(minutes=10)
    needy = [("email", "change", "new@example.org"), ("sessions", "end-others"), ("export",), ("close",)]
    for command in needy:
        assert refusal(terminal.run(*command, core=auth)) == (77, "proof_needed")
        assert refusal(terminal.run(*command, lines=(OTHER_PASSWORD,), core=auth)) == (77, "wrong_password")
    assert terminal.run("sessions", "end-others", lines=(PASSWORD,), core=auth).exit_code == 0
    assert [terminal.run(*command, core=auth).exit_code for command in needy[:3]] == [0, 0, 0]
    clock.tick(minutes=10)
    terminal.run("prove", lines=(PASSWORD,), core=auth)
    assert terminal.run("close", core=auth).exit_code == 0
