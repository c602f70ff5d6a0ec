"""Silence: no page tells whether an address has an account (law L4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.domain.letters import LetterKind
from tests.integration.web.telling import FORMS, JSON, alike, plain, told, told_about
from tests.integration.web.visitor import ORIGIN, OTHER_PASSWORD, PASSWORD, json_of
from tests.town import KINDS, NOBODY, email_of, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.web.conftest import Site

LOGIN, REGISTRATION = FORMS["login"], FORMS["registration"]


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "JSON"])
@pytest.mark.parametrize("name", FORMS)
def test_every_kind_of_account_is_answered_like_none(name: str, headers: Mapping[str, str], town: Site) -> None:
    """D15, D16, ENU-01, ENU-04, ENU-06, ENU-08: status, headers, cookies, body, and the page that follows."""
    assert alike(told_about(town, FORMS[name], headers))


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "JSON"])
def test_an_account_that_cannot_be_used_does_not_show_by_its_right_password(
    headers: Mapping[str, str], town: Site
) -> None:
    """D42: the sentence comes after a failed attempt and is the same for all."""
    closed = [kind for kind in KINDS if kind != "active"]
    assert alike(told_about(town, LOGIN, headers, closed, password=PASSWORD))
    assert LOGIN.send(town.visitor(), str(email_of("active")), headers=headers, password=PASSWORD).status_code == 303


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "JSON"])
@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("registration", {"password": "short", "password2": "short"}),
        ("registration", {"password2": PASSWORD}),
        ("registration", {"username": "1"}),
        *((name, {"csrf_token": "another"}) for name in FORMS),
        ("login", {"password": ""}),
        ("email change", {"password": OTHER_PASSWORD}),
    ],
)
def test_a_form_that_is_refused_is_refused_for_everybody(
    name: str, spoilt: Mapping[str, str], headers: Mapping[str, str], town: Site
) -> None:
    answers = told_about(town, FORMS[name], headers, **spoilt)
    assert answers[NOBODY][0].startswith("4")
    assert alike(answers)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_from_another_site_is_refused_for_everybody(name: str, town: Site) -> None:
    answers = told_about(town, FORMS[name], {"Origin": "https://elsewhere.example"})
    assert answers[NOBODY][0] == "403 FORBIDDEN"
    assert alike(answers)


@pytest.mark.parametrize("name", FORMS)
def test_no_page_is_filled_in_from_its_url(name: str, town: Site) -> None:
    """Nor tells anything by HEAD, which would be cheaper to ask."""
    for ask in ("GET", "HEAD"):
        answers = {
            kind: told(
                town,
                lambda visitor, kind=kind, ask=ask: visitor.client.open(  # type: ignore[misc] # bound at once
                    f"{FORMS[name].path}?email={email_of(kind)}&identifier={email_of(kind)}",
                    method=ask,
                    base_url=ORIGIN,
                    buffered=True,
                ),
                str(name_of(kind)),
            )
            for kind in KINDS
        }
        assert alike(answers)


@pytest.mark.parametrize("name", FORMS)
def test_asking_again_and_again_tells_nothing(name: str, town: Site) -> None:
    """L8: limits are reached by everybody at the same request, and say the same."""

    def flood(kind: str) -> list[list[str]]:
        visitor, email = town.visitor(), str(email_of(kind))
        answers = [plain(FORMS[name].send(visitor, email, headers=JSON)) for _ in range(7)]
        return [[part.replace(email, "what was typed") for part in answer] for answer in answers]

    expected = flood(NOBODY)
    for kind in KINDS:
        assert flood(kind) == expected, kind


@pytest.mark.parametrize("kind", KINDS)
def test_an_identifier_is_used_up_after_as_many_guesses_for_everybody(kind: str, town: Site) -> None:
    visitor = town.visitor()
    answers = [LOGIN.send(visitor, str(email_of(kind)), headers=JSON) for _ in range(22)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "900"
    assert json_of(answers[-1])["code"] == "too_many_attempts"


def test_d15_the_owner_learns_by_letter_what_the_asker_does_not(town: Site) -> None:
    town.visitor().register(str(email_of("active")), "somebody", OTHER_PASSWORD)
    letter = town.mailbox.newest(email_of("active"))
    assert (letter.kind, letter.token) == (LetterKind.ALREADY_REGISTERED, None)


def test_enu_04_only_who_can_use_a_letter_gets_one(town: Site) -> None:
    """The mailbox of an account that is disabled or closed learns nothing of what strangers ask for."""
    before = {kind: len(town.mailbox.of(email_of(kind))) for kind in KINDS}
    for name in ("reset", "fresh link"):
        told_about(town, FORMS[name], {})
    got = {kind: [letter.kind for letter in town.mailbox.of(email_of(kind))[before[kind] :]] for kind in KINDS}
    assert {kind: letters for kind, letters in got.items() if letters} == {
        "active": [LetterKind.PASSWORD_RESET],
        "passwordless": [LetterKind.PASSWORD_RESET],
        "throttled": [LetterKind.PASSWORD_RESET],
        "pending": [LetterKind.CONFIRMATION] * 2,
        "invited": [LetterKind.INVITATION] * 2,
    }


def test_usernames_are_public_but_lead_to_no_address(town: Site) -> None:
    """A taken username is told for a fresh address and for the one that it belongs to alike."""
    answers = told_about(town, REGISTRATION, {}, username=str(name_of("active")))
    assert alike({kind: answers[kind] for kind in (NOBODY, "pending", "disabled")})
    assert answers[NOBODY][0] == "409 CONFLICT"
    assert "Username already in use." in answers[NOBODY][-1]
    own = [part.replace("what was typed", str(email_of("active"))) for part in answers["active"]]
    assert own == [part.replace("what was typed", str(email_of("active"))) for part in answers[NOBODY]]
