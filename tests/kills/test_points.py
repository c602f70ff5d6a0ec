"""Each flow is killed at each of its points: before and after every statement and commit, and between transactions."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from offbrand.adapters.sql.tables import events, throttle
from offbrand.domain.claims import Purpose
from offbrand.domain.values import Client, EmailAddress, Password, Username
from tests.kills.points import PASSWORD, link, newest, stopped
from tests.races.crew import Call, call
from tests.races.ground import NEW_PASSWORD
from tests.tallies import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from offbrand.domain.account import Account
    from tests.kills.place import Place


def kill_everywhere(place: Place, tallies: list[Tally], made: Callable[[str], Call]) -> Iterator[tuple[int, Call]]:
    """Kill a process at each point of the call that *made* makes for another person each time, up to its end."""
    for point in itertools.count(1):
        act = made(f"ada{point}")
        with place.hazard() as terminal, stopped(terminal.environ, act, point) as what:
            pass
        if not what:
            tallies.append(Tally(f"{act.flow} killed at every point", place.kind, {"points": point - 1}))
            assert point > 5
            return
        yield point, act


def confirmed(place: Place, name: str) -> Account:
    """Settle somebody who may log in."""
    pending = place.pending(name)
    token = link(place.auth, pending, Purpose.CONFIRMATION)
    place.auth.confirmation.complete(token, PASSWORD, client=Client())
    return newest(place.auth, pending.email)


def test_a_registration_is_there_with_its_letter_or_not_at_all(place: Place, tallies: list[Tally]) -> None:
    """FLT-02: between commit and mail hand-over among others."""

    def register(name: str) -> Call:
        return call("registration.register", EmailAddress(f"{name}@example.org"), Username(name), PASSWORD)

    for point, act in kill_everywhere(place, tallies, register):
        place.rest()
        assert len(place.post.links_to(f"ada{point}@example.org")) < 2
        assert act.on(place.auth).is_ok
    place.rest()


def test_a_confirmation_is_done_or_its_link_still_works(place: Place, tallies: list[Tally]) -> None:
    """FLT-02, and law L2: no token is spent for nothing."""

    def confirm(name: str) -> Call:
        return call("confirmation.complete", link(place.auth, place.pending(name), Purpose.CONFIRMATION), PASSWORD)

    for point, act in kill_everywhere(place, tallies, confirm):
        place.rest()
        email = EmailAddress(f"ada{point}@example.org")
        was_confirmed = not newest(place.auth, email).is_pending
        assert act.on(place.auth).code == ("invalid_token" if was_confirmed else "ok")
        assert call("login.log_in", email, PASSWORD).on(place.auth).is_ok
    place.rest()


def test_a_login_is_done_or_can_be_done_again(place: Place, tallies: list[Tally]) -> None:
    for _, act in kill_everywhere(
        place, tallies, lambda name: call("login.log_in", confirmed(place, name).email, PASSWORD)
    ):
        place.rest()
        assert act.on(place.auth).is_ok
    place.rest()


def test_a_reset_is_done_or_its_link_still_works(place: Place, tallies: list[Tally]) -> None:
    """Law L2, and L3: with the password all sessions go, or none."""

    def reset(name: str) -> Call:
        token = link(place.auth, confirmed(place, name), Purpose.PASSWORD_RESET)
        return call("password_reset.complete", token, NEW_PASSWORD)

    for point, act in kill_everywhere(place, tallies, reset):
        place.rest()
        email = EmailAddress(f"ada{point}@example.org")
        was_reset = call("login.log_in", email, NEW_PASSWORD).on(place.auth).is_ok
        assert call("login.log_in", email, PASSWORD).on(place.auth).is_ok != was_reset
        assert act.on(place.auth).code == ("invalid_token" if was_reset else "ok")
    place.rest()


def test_a_guess_that_was_counted_stays_counted(place: Place, tallies: list[Tally]) -> None:
    """Law L8: whoever has the server killed before it answers has guessed all the same."""
    wrong = Password("xqzvkjxhmpfybgd")
    for point, act in kill_everywhere(
        place, tallies, lambda name: call("login.log_in", confirmed(place, name).email, wrong)
    ):
        place.rest()
        account = newest(place.auth, EmailAddress(f"ada{point}@example.org"))
        failed = select(func.count()).where(events.c.account_id == account.id, events.c.kind == "login_failed")
        counted = select(throttle.c.attempts).where(throttle.c.key == f"account:{account.id}")
        with place.engine.connect() as connection:
            guesses = connection.execute(counted).scalar_one_or_none() or 0
            assert connection.execute(failed).scalar_one() <= guesses <= 1
        assert act.on(place.auth).code == "invalid_credentials"
    place.rest()


def test_a_letter_leaves_once_whoever_was_to_send_it(place: Place, tallies: list[Tally]) -> None:
    """FLT-02: between lease and send, between acceptance and marking; only there it leaves twice."""

    def deliver(name: str) -> Call:
        place.pending(name)
        return Call("delivery.deliver", (1,), {})

    seen = set()
    for point, _ in kill_everywhere(place, tallies, deliver):
        address = f"ada{point}@example.org"
        early = len(place.post.links_to(address))
        is_leased = place.leased() > 0
        assert len(place.post.links_to(address)) == (early if is_leased else 1)
        place.rest()
        copies = place.post.links_to(address)
        assert len(set(copies)) == 1
        # Twice only where it had been accepted, and was not marked.
        assert len(copies) == 1 + (early and is_leased)
        seen.add((early, is_leased))
    # Before the lease; leased; accepted; marked.
    assert seen == {(0, False), (0, True), (1, True), (1, False)}
