"""Guessing at one account with real threads: what the throttle in SQL lets through to the hash (THR-04)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs

from offbrand.adapters import memory
from offbrand.adapters.sql.throttle import SqlThrottle
from offbrand.adapters.sql.unit_of_work import SqlUnitOfWork
from offbrand.domain.auth import Auth
from offbrand.domain.errors import AuthError, InvalidCredentials, TooManyAttempts, Unavailable
from offbrand.domain.values import Client, EmailAddress, Password, PasswordHash, Username

if TYPE_CHECKING:
    from sqlalchemy import Engine

ANN = EmailAddress("ann@example.org")
PASSWORD, WRONG = Password("seven unlikely words in a row"), Password("eight unlikely words in a row")


class CountingHasher(memory.PlainHasher):
    """A hasher that counts how often a guess was compared with somebody's hash."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.compared = 0

    def matches(self, password: Password, password_hash: PasswordHash | None) -> bool:
        if password_hash is not None:
            with self.lock:
                self.compared += 1
        return super().matches(password, password_hash)


def test_thr_04_two_hundred_guesses_at_once_with_the_right_one_among_them(engine: Engine) -> None:
    """Ten reach the hash, from whatever networks; the right password behind them is refused like a wrong one."""
    hasher, clock, mailbox = CountingHasher(), memory.MovableClock(), memory.Mailbox()
    auth = Auth.assemble(
        unit_of_work=SqlUnitOfWork(engine),
        hasher=hasher,
        tokens=memory.MemoryTokens(clock),
        mailer=mailbox,
        clock=clock,
        throttle=SqlThrottle(engine),
        blocklist=memory.listed,
    )
    mailbox.collect_from(auth.delivery.deliver)
    auth.registration.register(ANN, Username("ann"), PASSWORD, client=memory.CLIENT)
    device = auth.confirmation.complete(mailbox.token(ANN), PASSWORD, client=memory.CLIENT).device
    hasher.compared = 0

    def guess(number: int) -> type[AuthError] | None:
        password = PASSWORD if number == 150 else WRONG
        try:
            auth.login.log_in(ANN, password, client=Client(network=f"198.51.100.{number}"))
        except AuthError as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, range(200)))
    assert set(answers) <= {InvalidCredentials, TooManyAttempts, Unavailable}
    assert answers.count(InvalidCredentials) <= 20
    assert hasher.compared == 10 or (hasher.compared < 10 and Unavailable in answers)
    # The owner's own browser is free of all that.
    auth.login.log_in(ANN, PASSWORD, client=attrs.evolve(memory.CLIENT, device=device))
