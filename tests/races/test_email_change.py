"""Addresses race: nobody gets one without its mailbox, and no two get the same (laws L1 and L2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from offbrand.domain.values import EmailAddress, Token
from tests.races.crew import call
from tests.races.ground import NEW_PASSWORD, PASSWORD, winner

if TYPE_CHECKING:
    from tests.races.ground import Ground


def test_incident_64_no_link_of_one_mailbox_ever_yields_the_address_of_another(ground: Ground, rounds: int) -> None:
    """An attacker asks for an own address and for the victim's at the same moment, and again while following links."""
    attackers = ground.people(rounds)
    own = [EmailAddress(f"attacker{number}@example.net") for number in range(rounds)]
    victims = [EmailAddress(f"victim{number}@example.com") for number in range(rounds)]
    request = "email_change.request"
    ground.race(
        "requests for two addresses",
        [
            [[call(request, attacker.sessions[0], one), call(request, attacker.sessions[0], two)] for one, two in turns]
            for attacker, mine, victim in zip(attackers, own, victims, strict=True)
            for turns in [[(mine, victim), (victim, mine)]]
        ],
    )
    while any(ground.auth.delivery.deliver(100).values()):
        pass
    links: dict[str, list[Token]] = {}
    for head in ground.mailbox.letters():
        found = re.search(r"change-email[/#?=a-z]*([\w.~-]{60,})", ground.mailbox.read(head.id).text)
        assert found is not None
        links.setdefault(head.to, []).append(Token(found[1]))
    assert set(links) == {str(email) for email in [*own, *victims]}
    for email, tokens in links.items():
        claims = {str(ground.auth.delivery.tokens.read(token, Purpose.EMAIL_CHANGE).email) for token in tokens}
        assert claims == {email}
    outcomes = ground.race(
        "links of one mailbox, requests for another",
        [
            [
                *([call("email_change.complete", attacker.sessions[0], link)] for link in links[str(mine)]),
                [call(request, attacker.sessions[0], victim), call(request, attacker.sessions[0], mine)],
            ]
            for attacker, mine, victim in zip(attackers, own, victims, strict=True)
        ],
        "not_logged_in",
        "invalid_token",
        "undo_pending",
        "address_unchanged",
    )
    for attacker, mine, lanes in zip(attackers, own, outcomes, strict=True):
        first = winner([lane[0] for lane in lanes[:-1]])
        assert ground.now(attacker).email == (attacker.email if first is None else mine)


def test_a_hundred_move_to_one_address_and_one_gets_it(ground: Ground) -> None:
    people = ground.people(100)
    wanted = EmailAddress("wanted@example.com")
    outcomes = ground.at_once(
        "moving to one address",
        [
            [
                call(
                    "email_change.complete",
                    person.sessions[0],
                    ground.link(Purpose.EMAIL_CHANGE, person.account, wanted),
                )
            ]
            for person in people
        ],
        "address_taken",
    )
    first = winner(outcomes)
    assert first is not None
    assert ground.auth.directory.show(wanted).id == people[first].id
    assert ground.events(EventKind.EMAIL_CHANGED) == 1


def test_an_undo_wins_over_every_further_change(ground: Ground, rounds: int) -> None:
    """Before, between or after: the former address has the account back, and no password that was set since."""
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    people = [
        person
        for number in range(rounds)
        for person in ground.people(
            1, stays=2, undo_email=EmailAddress(f"former{number}@example.org"), undo_until=until
        )
    ]
    outcomes = ground.race(
        "undo, password change, email change",
        [
            [
                [
                    *ground.dawdle(number % 5),
                    call(
                        "email_change.undo",
                        ground.link(Purpose.EMAIL_UNDO, person.account, person.account.undo_email),
                    ),
                ],
                [call("password_change.change", person.sessions[0], PASSWORD, NEW_PASSWORD)],
                [
                    call("email_change.request", person.sessions[1], EmailAddress(f"further{number}@example.com")),
                    call(
                        "email_change.complete",
                        person.sessions[1],
                        ground.link(Purpose.EMAIL_CHANGE, person.account, EmailAddress(f"further{number}@example.com")),
                    ),
                ],
            ]
            for number, person in enumerate(people)
        ],
        "not_logged_in",
        "invalid_token",
        "undo_pending",
        "stale_account",
    )
    for person, ((*_, undone), _, further) in zip(people, outcomes, strict=True):
        assert "ok" not in {outcome.code for outcome in further}
        if undone.is_ok:
            account = ground.now(person)
            assert (account.email, account.password_hash) == (person.account.undo_email, None)
            assert (account.undo_email, account.undo_until) == (None, None)
            assert not any(map(ground.is_valid, person.sessions))
        else:
            assert undone.code == "unavailable"


def test_a_former_address_goes_back_or_to_a_newcomer(ground: Ground, rounds: int) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    former = [EmailAddress(f"former{number}@example.org") for number in range(rounds)]
    people = [person for email in former for person in ground.people(1, undo_email=email, undo_until=until)]
    newcomers = [one for email in former for one in ground.newcomers(1, email=email)]
    outcomes = ground.race(
        "undo beside confirmation",
        [
            [
                [
                    *ground.dawdle(number % 3),
                    call("email_change.undo", ground.link(Purpose.EMAIL_UNDO, person.account, former[number])),
                ],
                [call("confirmation.complete", ground.link(Purpose.CONFIRMATION, newcomers[number]), PASSWORD)],
            ]
            for number, person in enumerate(people)
        ],
        "address_taken",
    )
    for email, person, newcomer, lanes in zip(former, people, newcomers, outcomes, strict=True):
        first = winner([lane[-1] for lane in lanes])
        if first is not None:
            assert ground.auth.directory.show(email).id == [person.id, newcomer.id][first]
