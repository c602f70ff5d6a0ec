"""Totality: every kind has its row in every table, every flow its methods, and no row is without use."""

from __future__ import annotations

import inspect

import attrs
import pytest

from offbrand.domain.auth import Auth
from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from offbrand.domain.letters import CAUSES, PURPOSES, LetterKind
from offbrand.domain.policy import Policy
from offbrand.domain.values import Client, Username
from tests.unit.house import (
    ADA,
    CLIENT,
    EVE,
    GRACE,
    NEW_ADA,
    NEW_PASSWORD,
    PASSWORD,
    STRANGER,
    WRONG,
    House,
    outcome_of,
)

# DESIGN.md, section 3.
FLOWS = {
    "registration": {"register"},
    "confirmation": {"request", "complete", "complete_anew", "discard"},
    "login": {"log_in", "account_of", "prove", "log_out"},
    "password_reset": {"request", "complete"},
    "password_change": {"change"},
    "email_change": {"request", "complete", "undo", "end_undo"},
    "sessions": {"current", "of", "end", "end_others"},
    "closing": {"close", "reopen", "export"},
    "landing": {"look"},
    "delivery": {"deliver", "status", "retry"},
    "roles": {"list", "grant", "revoke"},
    "administration": {"disable", "enable", "end_sessions", "remove_password"},
    "invitation": {"invite"},
    "directory": {"list", "show"},
    "audit": {"activity", "of", "after", "newest"},
    "housekeeping": {"purge"},
}


def tour() -> House:
    """Let everything happen that is recorded, and every letter be written that there is."""
    house = House()
    auth = house.auth
    auth.confirmation.discard(house.register(), client=CLIENT)
    auth.invitation.invite(GRACE, Username("grace"), actor="ops")
    for request in (auth.confirmation.request, auth.password_reset.request):
        request(GRACE, client=CLIENT)
        request(EVE, client=CLIENT)
    house.register(EVE, "eve")
    for request in (auth.confirmation.request, auth.password_reset.request):
        request(EVE, client=CLIENT)
    auth.confirmation.complete_anew(house.link(EVE), Username("eve"), PASSWORD, client=CLIENT)
    house.join()
    house.sign_up(ADA, "countess")
    outcome_of(lambda: house.log_in(password=WRONG))
    session = house.log_in(client=STRANGER).session
    outcome_of(lambda: auth.login.prove(session, WRONG, client=CLIENT))
    session = auth.login.prove(session, PASSWORD, client=CLIENT).session
    auth.sessions.end(session, auth.sessions.of(session)[1].id, client=CLIENT)
    auth.sessions.end_others(session, client=CLIENT)
    auth.email_change.request(session, EVE, client=CLIENT)
    opened, undo = house.move(session)
    opened = auth.password_change.change(opened.session, PASSWORD, NEW_PASSWORD, client=CLIENT)
    auth.closing.export(opened.session, client=CLIENT)
    auth.login.log_out(opened.session, client=CLIENT)
    auth.email_change.undo(undo, client=CLIENT)
    auth.password_reset.complete(house.reset(), PASSWORD, client=CLIENT)
    account_id = house.account().id
    house.move(house.log_in().session)
    auth.email_change.end_undo(account_id, actor="ops")
    auth.roles.grant(account_id, "Moderator", actor="ops")
    auth.roles.revoke(account_id, "Moderator", actor="ops")
    auth.administration.end_sessions(account_id, actor="ops")
    auth.administration.disable(account_id, actor="ops")
    auth.administration.enable(account_id, actor="ops")
    auth.administration.remove_password(account_id, actor="ops")
    auth.password_reset.complete(house.link(NEW_ADA), PASSWORD, client=CLIENT)
    auth.closing.close(house.log_in(NEW_ADA).session, client=CLIENT)
    auth.closing.reopen(account_id, actor="ops")
    house.deliver()
    house.clock.tick(days=7)
    auth.housekeeping.purge()
    return house


@pytest.fixture(scope="module")
def toured() -> House:
    return tour()


def test_every_event_says_which_letters_it_causes_and_every_letter_which_link_it_has() -> None:
    assert set(CAUSES) == set(EventKind)
    assert set(PURPOSES) == set(LetterKind)
    assert set(PURPOSES.values()) == {None, *Purpose}


def test_every_link_has_a_lifetime() -> None:
    assert set(Policy().lifetimes) == set(Purpose)


def test_every_event_there_is_happens(toured: House) -> None:
    assert set(toured.events()) == set(EventKind)


def test_every_letter_is_one_that_its_event_causes_and_every_such_pair_occurs(toured: House) -> None:
    kinds = {event.id: event.kind for event in toured.auth.audit.after(0, 1000)}
    written = {(kinds[letter.event_id], letter.kind) for letter in toured.written()}
    assert written == {(event, letter) for event, letters in CAUSES.items() for letter in letters}


def test_every_mail_budget_is_counted(toured: House) -> None:
    allowances = [call.arguments[0] for call in toured.calls if call.name == "throttle.count"]
    keys = {allowance.key for asked in allowances for allowance in asked}
    assert {key.split(":")[1] for key in keys if key.startswith("mail:")} == set(Policy().mail)


def test_l8_every_count_asks_for_its_keys_in_one_order(toured: House) -> None:
    """Networks before identifiers before accounts, the wide before the narrow: no two wait for each other's rows."""
    order = ["registration", "request", "network", "identifier", "mail-by", "mail", "account", "account-in-all"]
    asked = [call.arguments[0] for call in toured.calls if call.name == "throttle.count"]
    kinds = [[allowance.key.partition(":")[0] for allowance in allowances] for allowances in asked]
    assert {kind for each in kinds for kind in each} == set(order)
    assert [each for each in kinds if each != sorted(each, key=order.index)] == []
    networks = [allowance.key for allowance in Policy().requests.of("request", Client(network="2001:db8::1"))]
    assert networks == ["request:2001:db8::/48", "request:2001:db8::/64"]


def test_l9_no_event_letter_or_count_holds_a_secret_or_a_typed_text(toured: House) -> None:
    """Addresses stand in letters alone, and there only until they are settled."""
    secrets = [secret.reveal() for secret in (PASSWORD, NEW_PASSWORD, WRONG)]
    events = str([attrs.asdict(event) for event in toured.auth.audit.after(0, 1000)])
    keys = str([call.arguments[0] for call in toured.calls if call.name.startswith("throttle.")])
    settled = [call.arguments[0] for call in toured.calls if call.name == "letters.settle"]
    letters = str([attrs.asdict(letter) for letter in settled])
    for text in (events, keys, letters):
        assert not [secret for secret in secrets if secret in text]
        assert not [email for email in (ADA, NEW_ADA, EVE, GRACE) if email.key in text.lower()]
        assert "@" not in text


def test_the_flows_are_those_of_the_design() -> None:
    assert {field.name for field in attrs.fields(Auth)} == {"policy", *FLOWS}


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_has_the_methods_of_the_design_and_stays_small(name: str) -> None:
    """Four public methods and six ports or collaborators at most; frozen; every method says what it does."""
    flow = type(getattr(House().auth, name))
    methods = {
        method: function
        for method, function in inspect.getmembers(flow, inspect.isfunction)
        if not method.startswith("_")
    }
    assert set(methods) == FLOWS[name]
    assert len(methods) <= 4
    assert len(attrs.fields(flow)) <= 6
    assert all(function.__doc__ for function in methods.values())
    assert flow.__bases__ == (object,)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(getattr(House().auth, name), attrs.fields(flow)[0].name, None)


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_told_who_asks(name: str) -> None:
    """Whatever is recorded takes a client or an operator, by keyword, so that no door forgets it."""
    silent = {"account_of", "current", "of", "look", "list", "show", "activity", "after", "newest"}
    silent |= {"deliver", "status", "retry", "purge"}
    for method in FLOWS[name] - silent:
        parameters = inspect.signature(getattr(getattr(House().auth, name), method)).parameters
        told = [parameters[word] for word in ("client", "actor") if word in parameters]
        assert [parameter.kind for parameter in told] == [inspect.Parameter.KEYWORD_ONLY]
        assert told[0].default is inspect.Parameter.empty
