"""Registrations race for one address and one username; whoever confirms first holds them (law L1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Username
from tests.races.crew import call
from tests.races.ground import NEW_PASSWORD, PASSWORD, winner

if TYPE_CHECKING:
    from tests.races.ground import Ground

MANY = 100
SPELLINGS = [EmailAddress.parse(raw) for raw in ("ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG")]


def test_a_hundred_register_one_address_and_one_confirms_it(ground: Ground) -> None:
    lanes = [
        [call("registration.register", SPELLINGS[number % 3], Username(f"ada{number}"), PASSWORD)]
        for number in range(MANY)
    ]
    registered = ground.at_once("registering one address", lanes)
    pending = ground.accounts()
    assert len(pending) == sum(outcome.is_ok for outcome in registered)
    # What a mailbox is sent in an hour is counted across all processes.
    assert ground.letters(LetterKind.CONFIRMATION) <= 5
    lanes = [[call("confirmation.complete", ground.link(Purpose.CONFIRMATION, one), PASSWORD)] for one in pending[::2]]
    lanes += [
        [call("confirmation.complete_anew", ground.link(Purpose.CONFIRMATION, one), Username(f"eve{n}"), NEW_PASSWORD)]
        for n, one in enumerate(pending[1::2])
    ]
    # What registers meanwhile is answered as ever.
    lanes += [[call("registration.register", SPELLINGS[0], Username(f"late{n}"), PASSWORD)] for n in range(5)]
    outcomes = ground.at_once("confirming one address", lanes, "address_taken")
    first = winner(outcomes[:-5])
    assert ground.claims() == ground.events(EventKind.CONFIRMED) == (first is not None)
    if first is not None:
        assert ground.opens(SPELLINGS[2], PASSWORD if first < len(pending[::2]) else NEW_PASSWORD)


def test_a_hundred_register_one_username_and_one_confirms_it(ground: Ground) -> None:
    """RAC-02, INP-01: in every case, composed or not."""
    emails = [EmailAddress(f"ada{number}@example.org") for number in range(MANY)]
    names = [Username.parse(name) for name in ("\u00e9lodie", "E\u0301lodie", "\u00c9LODIE")]
    lanes = [[call("registration.register", email, names[n % 3], PASSWORD)] for n, email in enumerate(emails)]
    registered = ground.at_once("registering one username", lanes)
    assert ground.letters(LetterKind.CONFIRMATION) == sum(outcome.is_ok for outcome in registered)
    pending = ground.accounts()
    lanes = [[call("confirmation.complete", ground.link(Purpose.CONFIRMATION, one), PASSWORD)] for one in pending]
    lanes += [[call("registration.register", EmailAddress(f"l{n}@example.org"), names[0], PASSWORD)] for n in range(5)]
    outcomes = ground.at_once("confirming one username", lanes, "username_taken")
    first = winner(outcomes[:-5])
    assert ground.claims() == ground.events(EventKind.CONFIRMED) == (first is not None)
    if first is not None:
        assert ground.auth.directory.show(names[1]).email == pending[first].email


def test_a_newcomer_is_confirmed_or_confirmed_anew_or_discarded(ground: Ground, rounds: int) -> None:
    newcomers = ground.newcomers(rounds)
    links = [ground.link(Purpose.CONFIRMATION, one) for one in newcomers]
    outcomes = ground.race(
        "confirm, confirm anew, discard",
        [
            [
                [call("confirmation.complete", link, PASSWORD)],
                [call("confirmation.complete_anew", link, Username(f"eve{number}"), NEW_PASSWORD)],
                # Fresh links keep whoever discards busy for as long as the others check and hash.
                [call("confirmation.request", newcomers[number].email)] * 2 + [call("confirmation.discard", link)],
            ]
            for number, link in enumerate(links)
        ],
        "invalid_token",
    )
    left = {account.id: account for account in ground.accounts()}
    discarded = 0
    for number, (newcomer, lanes) in enumerate(zip(newcomers, outcomes, strict=True)):
        match winner([lane[-1] for lane in lanes]):
            case 0:
                assert left[newcomer.id].username == newcomer.username
            case 1:
                assert left[newcomer.id].username == Username(f"eve{number}")
                assert left[newcomer.id].password_hash != newcomer.password_hash
            case 2:
                discarded += 1
                assert newcomer.id not in left
    assert ground.events(EventKind.CONFIRMED) == ground.claims()
    assert ground.events(EventKind.REGISTRATION_DISCARDED) == discarded == rounds - len(left)
