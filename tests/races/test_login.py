"""Sessions race against what ends them: none outlives the change that voids it, and none comes back (law L3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.events import EventKind
from tests.races.crew import Call, call
from tests.races.ground import NEW_PASSWORD, PASSWORD, winner

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.races.crew import Round
    from tests.races.ground import Ground, Person


def change(_: Ground, person: Person) -> Call:
    return call("password_change.change", person.sessions[0], PASSWORD, NEW_PASSWORD)


def reset(ground: Ground, person: Person) -> Call:
    return call("password_reset.complete", ground.link(Purpose.PASSWORD_RESET, person.account), NEW_PASSWORD)


def disable(_: Ground, person: Person) -> Call:
    return call("administration.disable", person.id, actor="race")


def close(_: Ground, person: Person) -> Call:
    return call("closing.close", person.sessions[0])


@pytest.mark.parametrize("ending", [change, reset, disable, close])
def test_no_session_begun_before_a_change_is_valid_after_it(
    ground: Ground, rounds: int, ending: Callable[[Ground, Person], Call]
) -> None:
    """A quarter of the rounds for each of the four changes."""
    people = ground.people(rounds)
    outcomes = ground.race(
        f"logins beside {ending.__name__}",
        [
            [
                # So that the change comes before, during and after the logins, of which each lane makes two.
                [*ground.dawdle(number % 5), ending(ground, person)],
                *([call("login.log_in", person.email, PASSWORD) for _ in "12"] for _ in "123"),
            ]
            for number, person in enumerate(people)
        ],
        "stale_account",
        "invalid_credentials",
    )
    for number, (person, ((*_, ended), *logins)) in enumerate(zip(people, outcomes, strict=True)):
        if not ended.is_ok:
            # Closing and changing are a compare-and-set, and only the database may keep the others from it.
            assert ended.code == "unavailable"
            continue
        begun = [login.value.session for lane in logins for login in lane if login.is_ok]
        assert not any(map(ground.is_valid, [*person.sessions, *begun]))
        if ending is change:
            assert ground.is_valid(ended.value.session)
        if number % 10 == 0:
            assert not ground.opens(person.email, PASSWORD)
            assert ground.opens(person.email, NEW_PASSWORD) == (ending in {change, reset})


@pytest.mark.parametrize("ending", ["sessions.end", "sessions.end_others", "login.log_out"])
def test_a_session_that_is_ended_while_it_is_proved_never_comes_back(ground: Ground, rounds: int, ending: str) -> None:
    people = ground.people(rounds, stays=2)
    races: list[Round] = []
    for person in people:
        mine, other = person.sessions
        match ending:
            case "sessions.end":
                end = call(ending, other, ground.auth.login.visits.current(mine).session.id)
            case "sessions.end_others":
                end = call(ending, other)
            case _:
                end = call(ending, mine)
        # Asked in between, so that the end comes before, during and after the proof.
        look = [Call("login.account_of", (other,), {})] * (len(races) % 8)
        races.append([[call("login.prove", mine, PASSWORD)], [*look, end]])
    outcomes = ground.race(f"prove beside {ending}", races, "not_logged_in")
    for person, (proving, (*_, ended)) in zip(people, outcomes, strict=True):
        if not ended.is_ok:
            assert ended.code == "unavailable"
            continue
        kinds = {event.kind for event in ground.auth.audit.of(person.id)}
        assert not ground.is_valid(person.sessions[0])
        proved = proving[0]
        if proved.is_ok:
            # Logging out by a token that proof has replaced meanwhile ends nothing, and says so in no event.
            came_too_late = ending == "login.log_out" and EventKind.LOGGED_OUT not in kinds
            assert ground.is_valid(proved.value.session) == came_too_late
        assert (EventKind.PROVED in kinds) == proved.is_ok
        assert ground.is_valid(person.sessions[1])


def test_five_at_once_prove_with_one_session_and_one_gets_the_new_token(ground: Ground, rounds: int) -> None:
    people = ground.people(rounds)
    proofs = [[[call("login.prove", person.sessions[0], PASSWORD)] for _ in "12345"] for person in people]
    for person, lanes in zip(people, ground.race("proofs of one session", proofs, "not_logged_in"), strict=True):
        first = winner([lane[0] for lane in lanes])
        if first is not None:
            assert not ground.is_valid(person.sessions[0])
            assert ground.is_valid(lanes[first][0].value.session)
