"""Operating: what the commands for operators have in common."""

from __future__ import annotations

import os
import pwd
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import click

from offbrand.domain.errors import UnknownAccount
from offbrand.domain.values import AccountId
from offbrand.entrypoints import parsing
from offbrand.entrypoints.cli.core import core
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.failures import failure_of, sentence_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offbrand.domain.account import Account
    from offbrand.domain.auth import Auth
    from offbrand.domain.values import EmailAddress, Username

_NAME_MAX = 64
_PENDING = "One that is not confirmed yet is named by its id, which offbrand accounts list tells."


def _actor(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str:
    if name is None:
        try:
            # Not the environment's word for it, which anybody may set.
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            name = str(os.getuid())
    if not name.isprintable() or not 0 < len(name) <= _NAME_MAX:
        raise click.BadParameter(f"a name has up to {_NAME_MAX} printable characters.")
    return f"cli:{name}"


actor_option = click.option(
    "--actor", metavar="NAME", callback=_actor, help="Who does this, for the log; by default your name on this system."
)
account_argument = click.argument("name", metavar="ACCOUNT")


@contextmanager
def looking_up(name: str) -> Iterator[tuple[Auth, Account]]:
    """
    Lend the core together with the account that an operator names by id, address or username.

    Raises:
        UnknownAccount: If there is none with this id.
        Stop: If no account holds the address or username.
    """
    wanted = parsing.account_name(name)
    with core() as auth:
        yield auth, _found(auth, wanted)


def id_of(auth: Auth, name: str) -> AccountId:
    """
    Return the id of an account; one given by its id need not exist any more.

    Raises:
        UnknownAccount: If no account could have that name.
        Stop: If no account holds the address or username.
    """
    wanted = parsing.account_name(name)
    return AccountId(wanted) if isinstance(wanted, UUID) else _found(auth, wanted).id


def _found(auth: Auth, wanted: AccountId | EmailAddress | Username) -> Account:
    try:
        return auth.directory.show(wanted)
    except UnknownAccount as refusal:
        if isinstance(wanted, UUID):
            raise
        # Only confirming claims a name (law L1); until then, any number of accounts may go by it.
        sentence = f"{sentence_of(refusal)} {_PENDING}"
        raise Stop(sentence, failure_of(refusal).exit_code, refusal.code) from None
