"""Stage: a house in which everything is prepared that a flow may need, and every flow that changes something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.values import AccountId, EmailAddress, Token, Username
from tests.unit.house import ADA, CLIENT, EVE, NEW_ADA, NEW_PASSWORD, PASSWORD, WRONG, House, outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable


@attrs.frozen
class Stage:
    """The house, and what flows need of it."""

    house: House
    session: Token
    account_id: AccountId
    pending: Token
    reset: Token
    change: Token
    undo: Token
    moved_id: AccountId
    closed_id: AccountId
    disabled_id: AccountId


def stage() -> Stage:
    house = House()
    house.hasher.cost = 2
    _, undo = house.move(house.join(EVE, "eve").session, NEW_ADA, EVE)
    ids = []
    for name in ("closed", "disabled"):
        session = house.join(EmailAddress(f"{name}@example.org"), name).session
        ids.append(house.account(Username(name)).id)
        if name == "closed":
            house.auth.closing.close(session, client=CLIENT)
        else:
            house.auth.administration.disable(ids[-1], actor="ops")
    house.hasher.cost = 1
    session = house.join().session
    house.hasher.cost = 2
    return Stage(
        house=house,
        session=session,
        account_id=house.account().id,
        pending=house.register(EmailAddress("pending@example.org"), "pending"),
        reset=house.reset(),
        change=house.ask_for_change(session, EmailAddress("another@example.org")),
        undo=undo,
        moved_id=house.account(NEW_ADA).id,
        closed_id=ids[0],
        disabled_id=ids[1],
    )


FLOWS: dict[str, Callable[[Stage], object]] = {
    "register": lambda at: at.house.sign_up(ADA, "countess"),
    "request confirmation": lambda at: at.house.auth.confirmation.request(ADA, client=CLIENT),
    "confirm": lambda at: at.house.auth.confirmation.complete(at.pending, PASSWORD, client=CLIENT),
    "confirm anew": lambda at: at.house.auth.confirmation.complete_anew(
        at.pending, Username("pending"), NEW_PASSWORD, client=CLIENT
    ),
    "discard": lambda at: at.house.auth.confirmation.discard(at.pending, client=CLIENT),
    "log in": lambda at: at.house.log_in(),
    "fail to log in": lambda at: outcome_of(lambda: at.house.log_in(password=WRONG)),
    "prove": lambda at: at.house.auth.login.prove(at.session, PASSWORD, client=CLIENT),
    "log out": lambda at: at.house.auth.login.log_out(at.session, client=CLIENT),
    "request reset": lambda at: at.house.auth.password_reset.request(ADA, client=CLIENT),
    "reset": lambda at: at.house.auth.password_reset.complete(at.reset, NEW_PASSWORD, client=CLIENT),
    "change password": lambda at: at.house.auth.password_change.change(
        at.session, PASSWORD, NEW_PASSWORD, client=CLIENT
    ),
    "request address": lambda at: at.house.auth.email_change.request(at.session, EVE, client=CLIENT),
    "change address": lambda at: at.house.auth.email_change.complete(at.session, at.change, client=CLIENT),
    "undo": lambda at: at.house.auth.email_change.undo(at.undo, client=CLIENT),
    "end undo": lambda at: at.house.auth.email_change.end_undo(at.moved_id, actor="ops"),
    "end others": lambda at: at.house.auth.sessions.end_others(at.session, client=CLIENT),
    "close": lambda at: at.house.auth.closing.close(at.session, client=CLIENT),
    "reopen": lambda at: at.house.auth.closing.reopen(at.closed_id, actor="ops"),
    "export": lambda at: at.house.auth.closing.export(at.session, client=CLIENT),
    "disable": lambda at: at.house.auth.administration.disable(at.account_id, actor="ops"),
    "enable": lambda at: at.house.auth.administration.enable(at.disabled_id, actor="ops"),
    "end sessions": lambda at: at.house.auth.administration.end_sessions(at.account_id, actor="ops"),
    "remove password": lambda at: at.house.auth.administration.remove_password(at.account_id, actor="ops"),
    "grant": lambda at: at.house.auth.roles.grant(at.account_id, "Moderator", actor="ops"),
    "revoke": lambda at: at.house.auth.roles.revoke(at.account_id, "User", actor="ops"),
    "invite": lambda at: at.house.auth.invitation.invite(EmailAddress("zoe@example.org"), Username("zoe"), actor="ops"),
}


def stored(house: House) -> object:
    """Return all that is stored; a table is replaced as a whole and never changed."""
    return house.store._tables  # noqa: SLF001 - no port shows everything
