"""TOK-07: whatever happens to an account, every link that was given out before it is dead (law L2, D5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import AccountId, Password, Token, Username
from tests.unit.house import ADA, CLIENT, EVE, NEW_ADA, NEW_PASSWORD, PASSWORD, House, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable

THIRD = Password("five foxes in a fountain")


@attrs.frozen
class Moment:
    """An account in use, with one link of each purpose that an active account can have."""

    house: House
    account_id: AccountId
    session: Token
    links: dict[Purpose, Token]


def moment() -> Moment:
    house = House()
    opened = house.join()
    links = {Purpose.PASSWORD_RESET: house.reset(), Purpose.EMAIL_CHANGE: house.ask_for_change(opened.session)}
    return Moment(house, house.account().id, opened.session, links)


def works(at: Moment, purpose: Purpose) -> bool:
    return outcome_of(lambda: at.house.auth.landing.look(at.links[purpose], purpose)) is None


def change_address(at: Moment) -> None:
    other = at.house.ask_for_change(at.session, EVE)
    at.house.auth.email_change.complete(at.session, other, client=CLIENT)


def undo(at: Moment) -> None:
    """Ask for links between the change and its undo."""
    _, token = at.house.move(at.session, EVE)
    at.links[Purpose.PASSWORD_RESET] = at.house.reset(EVE)
    at.links[Purpose.EMAIL_CHANGE] = token
    at.house.auth.email_change.undo(token, client=CLIENT)


def disable_and_enable(at: Moment) -> None:
    at.house.auth.administration.disable(at.account_id, actor="ops")
    at.house.auth.administration.enable(at.account_id, actor="ops")


def close_and_reopen(at: Moment) -> None:
    at.house.auth.closing.close(at.session, client=CLIENT)
    at.house.auth.closing.reopen(at.account_id, actor="ops")


VOIDING: dict[str, Callable[[Moment], object]] = {
    "password change": lambda at: at.house.auth.password_change.change(
        at.session, PASSWORD, NEW_PASSWORD, client=CLIENT
    ),
    "password change to the same": lambda at: at.house.auth.password_change.change(
        at.session, PASSWORD, PASSWORD, client=CLIENT
    ),
    "reset by another link": lambda at: at.house.auth.password_reset.complete(
        at.house.reset(), NEW_PASSWORD, client=CLIENT
    ),
    "email change by another link": change_address,
    "undo": undo,
    "removed password": lambda at: at.house.auth.administration.remove_password(at.account_id, actor="ops"),
    "disable": lambda at: at.house.auth.administration.disable(at.account_id, actor="ops"),
    "disable and enable": disable_and_enable,
    "close": lambda at: at.house.auth.closing.close(at.session, client=CLIENT),
    "close and reopen": close_and_reopen,
}
SPARING: dict[str, Callable[[Moment], object]] = {
    "login": lambda at: at.house.log_in(),
    "log out": lambda at: at.house.auth.login.log_out(at.session, client=CLIENT),
    "proof": lambda at: at.house.auth.login.prove(at.session, PASSWORD, client=CLIENT),
    "failed login": lambda at: outcome_of(lambda: at.house.log_in(ADA, NEW_PASSWORD)),
    "another reset request": lambda at: at.house.reset(),
    "another change request": lambda at: at.house.ask_for_change(at.session, EVE),
    "ended sessions": lambda at: at.house.auth.administration.end_sessions(at.account_id, actor="ops"),
    "granted role": lambda at: at.house.auth.roles.grant(at.account_id, "Administrator", actor="ops"),
    "export": lambda at: at.house.auth.closing.export(at.session, client=CLIENT),
}
BOTH = (Purpose.PASSWORD_RESET, Purpose.EMAIL_CHANGE)


@pytest.mark.parametrize("purpose", BOTH)
@pytest.mark.parametrize("name", VOIDING)
def test_d5_tok_07_a_link_is_dead_after(name: str, purpose: Purpose) -> None:
    at = moment()
    assert works(at, purpose)
    VOIDING[name](at)
    assert not works(at, purpose)


@pytest.mark.parametrize("purpose", BOTH)
@pytest.mark.parametrize("name", SPARING)
def test_l2_a_link_is_alive_after(name: str, purpose: Purpose) -> None:
    """So nobody voids somebody else's link by asking for another, failing to log in, or the like."""
    at = moment()
    SPARING[name](at)
    assert works(at, purpose)


def test_a_rehash_voids_no_link() -> None:
    at = moment()
    at.house.hasher.cost = 2
    at.house.log_in()
    password_hash = at.house.account().password_hash
    assert password_hash is not None
    assert password_hash.reveal().startswith("plain$2$")
    assert all(works(at, purpose) for purpose in BOTH)


@pytest.mark.parametrize("name", ["confirmed", "confirmed anew", "discarded", "purged"])
def test_tok_07_a_link_that_confirms_is_dead_once_the_account_is(name: str) -> None:
    house = House()
    token = house.register()
    used = house.reset()  # another link of the same account, as it is pending
    confirmation = house.auth.confirmation
    match name:
        case "confirmed":
            confirmation.complete(used, PASSWORD, client=CLIENT)
        case "confirmed anew":
            confirmation.complete_anew(used, Username("countess"), NEW_PASSWORD, client=CLIENT)
        case "discarded":
            confirmation.discard(used, client=CLIENT)
        case _:
            house.clock.tick(days=3)
            house.auth.housekeeping.purge()
    with pytest.raises(InvalidToken):
        house.auth.landing.look(token, Purpose.CONFIRMATION)


def test_tok_07_an_undo_survives_all_but_itself_its_time_and_an_operator() -> None:
    house = House()
    opened, token = house.move(house.join().session)
    house.auth.password_change.change(opened.session, PASSWORD, NEW_PASSWORD, client=CLIENT)
    house.auth.password_reset.complete(house.reset(NEW_ADA), THIRD, client=CLIENT)
    account_id = house.account(NEW_ADA).id
    house.auth.administration.remove_password(account_id, actor="ops")
    house.auth.administration.disable(account_id, actor="ops")
    house.auth.administration.enable(account_id, actor="ops")
    assert house.auth.landing.look(token, Purpose.EMAIL_UNDO).claim.email == ADA
    house.auth.email_change.undo(token, client=CLIENT)
    with pytest.raises(InvalidToken):
        house.auth.landing.look(token, Purpose.EMAIL_UNDO)


@pytest.mark.parametrize("name", VOIDING)
def test_d6_l3_a_session_is_over_after(name: str) -> None:
    """SES-03 and SES-04: this very token always, every other session too."""
    at = moment()
    other = at.house.log_in().session
    VOIDING[name](at)
    assert not at.house.is_logged_in(at.session)
    assert not at.house.is_logged_in(other)
    kept = 1 if name.startswith(("password change", "email change")) else 0
    assert at.house.auth.administration.end_sessions(at.account_id, actor="ops") == kept
