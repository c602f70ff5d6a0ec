"""Email change: the new mailbox proves itself, and the session asks for it."""

from __future__ import annotations

import attrs
import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.errors import (
    AddressTaken,
    AddressUnchanged,
    AuthError,
    InvalidCredentials,
    InvalidToken,
    NotLoggedIn,
    ProofNeeded,
    UndoPending,
)
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Token
from tests.unit.house import ADA, CLIENT, EVE, GRACE, NEW_ADA, PASSWORD, STRANGER, House, outcome_of


def request(house: House, session: Token, email: EmailAddress = NEW_ADA) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.email_change.request(session, email, client=CLIENT))


def complete(house: House, session: Token, token: Token) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.email_change.complete(session, token, client=CLIENT))


def test_nothing_changes_before_the_new_mailbox_has_proved_itself() -> None:
    house = House()
    session = house.join().session
    before = house.account()
    token = house.ask_for_change(session)
    assert house.account() == before
    assert house.letters(NEW_ADA) == [LetterKind.EMAIL_CHANGE]
    assert house.letters() == [LetterKind.CONFIRMATION]
    assert house.events()[-1] is EventKind.EMAIL_CHANGE_REQUESTED
    assert house.auth.landing.look(token, Purpose.EMAIL_CHANGE).claim.email == NEW_ADA


def test_the_account_moves_and_the_former_address_is_told() -> None:
    house = House()
    _, undo = house.move(house.join().session)
    assert house.account(NEW_ADA).username.text == "ada"
    assert outcome_of(house.log_in) is InvalidCredentials
    house.log_in(NEW_ADA)
    letter = house.mailbox.newest(ADA)
    assert (letter.kind, letter.token) == (LetterKind.EMAIL_CHANGED, undo)
    assert EventKind.EMAIL_CHANGED in house.events()


def test_ses_04_this_browser_gets_a_new_session_and_every_other_one_ends() -> None:
    house = House()
    others = [house.join().session, house.log_in(client=STRANGER).session]
    asking = house.log_in().session
    opened, _ = house.move(asking)
    for token in (*others, asking):
        assert not house.is_logged_in(token)
    assert house.auth.login.account_of(opened.session).email == NEW_ADA


def test_the_former_address_is_free_for_others() -> None:
    house = House()
    house.move(house.join().session)
    house.join(ADA, "ada.the.second")
    assert house.account(ADA).username.text == "ada.the.second"


def test_asking_needs_a_session_with_fresh_proof_and_costs_nobody_a_letter_without() -> None:
    house = House()
    session = house.join().session
    house.clock.tick(minutes=10)
    with house.counted() as calls:
        assert request(house, session) is ProofNeeded
        assert request(house, Token("forged")) is NotLoggedIn
    assert not {"throttle.count", "letters.add", "events.add"} & set(calls)
    proved = house.auth.login.prove(session, PASSWORD, client=CLIENT)
    assert request(house, proved.session) is None


def test_asking_for_the_address_one_has_is_refused() -> None:
    house = House()
    assert request(house, house.join().session, EmailAddress("ADA@example.org")) is AddressUnchanged


def test_d16_an_address_that_has_an_account_is_told_and_the_asker_is_not() -> None:
    house = House()
    house.join(EVE, "eve")
    session = house.join().session
    assert request(house, session, EVE) is None
    letter = house.mailbox.newest(EVE)
    assert (letter.kind, letter.token, letter.username) == (LetterKind.ALREADY_REGISTERED, None, "eve")
    assert house.letters() == [LetterKind.CONFIRMATION]


def test_a_pending_account_does_not_hold_an_address_back() -> None:
    house = House()
    house.register(NEW_ADA, "nobody.yet")
    house.move(house.join().session)
    assert house.account(NEW_ADA).username.text == "ada"


def test_only_a_session_of_the_account_completes_and_not_another_one() -> None:
    house = House()
    others = house.join(EVE, "eve").session
    session = house.join().session
    token = house.ask_for_change(session)
    assert complete(house, others, token) is InvalidToken
    assert complete(house, Token("forged"), token) is NotLoggedIn
    assert complete(house, house.log_in().session, token) is None
    assert house.account(EVE).username.text == "eve"


def test_completing_needs_no_fresh_proof() -> None:
    house = House()
    session = house.join().session
    token = house.ask_for_change(session)
    house.clock.tick(hours=11)
    assert complete(house, session, token) is None


@pytest.mark.parametrize(("seconds", "outcome"), [(-1, None), (0, InvalidToken), (1, InvalidToken)])
def test_tok_05_a_link_lives_for_a_day(seconds: int, outcome: type[AuthError] | None) -> None:
    house = House()
    token = house.ask_for_change(house.join().session)
    house.clock.tick(days=1, seconds=seconds)
    assert complete(house, house.log_in().session, token) is outcome


def test_d23_a_link_of_another_purpose_changes_no_address() -> None:
    house = House()
    session = house.join().session
    for token in (house.reset(), house.register(GRACE, "grace"), Token("forged"), Token("")):
        assert complete(house, session, token) is InvalidToken


def test_d21_a_link_moves_the_account_once_and_never_again() -> None:
    """A to B, back to A after the undo has lapsed: the old link to B is dead."""
    house = House()
    session = house.join().session
    token = house.ask_for_change(session)
    opened = house.auth.email_change.complete(session, token, client=CLIENT)
    assert complete(house, opened.session, token) is InvalidToken
    house.clock.tick(days=7)
    back, _ = house.move(house.log_in(NEW_ADA).session, ADA, NEW_ADA)
    house.clock.tick(hours=1)
    assert complete(house, back.session, token) is InvalidToken
    assert house.account(ADA).username.text == "ada"


def test_rac_03_of_two_pending_changes_one_is_applied() -> None:
    house = House()
    session = house.join().session
    first, second = house.ask_for_change(session), house.ask_for_change(session, EVE)
    opened = house.auth.email_change.complete(session, second, client=CLIENT)
    assert complete(house, opened.session, first) is InvalidToken
    assert house.account(EVE).username.text == "ada"


def test_d20_an_address_that_was_claimed_meanwhile_is_refused() -> None:
    house = House()
    session = house.join().session
    token = house.ask_for_change(session)
    house.join(NEW_ADA, "faster")
    before = house.events()
    assert complete(house, session, token) is AddressTaken
    assert house.events() == before
    assert house.is_logged_in(session)
    assert house.account(ADA).username.text == "ada"


@pytest.mark.parametrize(("seconds", "outcome"), [(-1, UndoPending), (0, None), (1, None)])
def test_while_the_former_address_may_undo_the_address_stays(seconds: int, outcome: type[AuthError] | None) -> None:
    house = House()
    house.move(house.join().session)
    house.clock.tick(days=7, seconds=seconds)
    session = house.log_in(NEW_ADA).session
    assert request(house, session, EVE) is outcome
    assert outcome_of(lambda: house.auth.closing.close(session, client=CLIENT)) is outcome


def test_d25_one_address_gets_five_letters_an_hour_and_the_asker_is_not_told() -> None:
    house = House()
    session = house.join().session
    for _ in range(8):
        assert request(house, session) is None
    assert house.letters(NEW_ADA) == [LetterKind.EMAIL_CHANGE] * 5
    assert complete(house, session, house.link(NEW_ADA)) is None


def test_d25_an_address_that_has_an_account_has_the_same_budget() -> None:
    house = House()
    house.join(EVE, "eve")
    session = house.join().session
    for _ in range(8):
        assert request(house, session, EVE) is None
    assert house.letters(EVE).count(LetterKind.ALREADY_REGISTERED) == 5


def test_a_known_browser_stays_known() -> None:
    house = House()
    opened = house.join()
    house.move(opened.session)
    house.log_in(NEW_ADA, client=attrs.evolve(CLIENT, device=opened.device))
    assert LetterKind.NEW_LOGIN not in house.letters(NEW_ADA)
