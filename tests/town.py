"""Town: one account of every kind, settled behind any core; a stranger must not be able to tell them apart (law L4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.domain.errors import AuthError
from offbrand.domain.values import Client, EmailAddress, Password, Username

if TYPE_CHECKING:
    from offbrand.adapters.memory import Mailbox, MovableClock
    from offbrand.domain.auth import Auth
    from offbrand.domain.values import Token

PASSWORD = Password("a lantern, a ladder and a loaf")
WRONG = Password("seven kettles under one roof")
MEMBER = EmailAddress("member@example.org")
NOBODY = "unknown"
KINDS = (NOBODY, "active", "pending", "expired", "invited", "disabled", "closed", "passwordless", "throttled")
_CLIENT = Client(network="192.0.2.1", user_agent="town")


def name_of(kind: str) -> Username:
    """Return the username of the account of this kind; all have one length, because what is typed is shown again."""
    return Username(f"{kind:_<12}")


def email_of(kind: str) -> EmailAddress:
    """Return its address."""
    return EmailAddress(f"{name_of(kind)}@example.org")


def settle(auth: Auth, mailbox: Mailbox, clock: MovableClock) -> None:
    """Settle one account of every kind but the unknown, and a member who is active and asks."""

    def register(kind: str) -> Token:
        auth.registration.register(email_of(kind), name_of(kind), PASSWORD, client=_CLIENT)
        return mailbox.token(email_of(kind))

    register("expired")
    clock.tick(days=3)
    register("pending")
    auth.invitation.invite(email_of("invited"), name_of("invited"), actor="town")
    opened = {
        kind: auth.confirmation.complete(register(kind), PASSWORD, client=_CLIENT)
        for kind in ("active", "disabled", "closed", "passwordless", "throttled")
    }
    auth.closing.close(opened["closed"].session, client=_CLIENT)
    auth.administration.disable(auth.directory.show(name_of("disabled")).id, actor="town")
    auth.administration.remove_password(auth.directory.show(name_of("passwordless")).id, actor="town")
    auth.registration.register(MEMBER, Username("member"), PASSWORD, client=_CLIENT)
    auth.confirmation.complete(mailbox.token(MEMBER), PASSWORD, client=_CLIENT)
    mailbox.of(MEMBER)
    # By its username, so that whoever types the address has guesses left.
    spend(auth, name_of("throttled"))


def spend(auth: Auth, name: EmailAddress | Username) -> None:
    """Use up the guesses of whoever has this name, from many networks."""
    for number in range(auth.policy.guesses.account.limit):
        try:
            auth.login.log_in(name, WRONG, client=Client(network=f"203.0.113.{number}"))
        except AuthError:
            continue
