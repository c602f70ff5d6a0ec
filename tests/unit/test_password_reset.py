"""Password reset: the mailbox sets another password, once, and everything that knew the old one ends."""

from __future__ import annotations

import attrs
import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.errors import AuthError, Busy, InvalidCredentials, InvalidToken, WeakPassword
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import EmailAddress, Password, Token, Username
from tests.unit.house import ADA, CLIENT, EVE, GRACE, NEW_PASSWORD, PASSWORD, STRANGER, House, outcome_of


def complete(house: House, token: Token, password: Password = NEW_PASSWORD) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.password_reset.complete(token, password, client=CLIENT))


def test_the_mailbox_replaces_the_password_and_is_told() -> None:
    house = House()
    house.join()
    device = house.auth.password_reset.complete(house.reset(), NEW_PASSWORD, client=CLIENT)
    assert outcome_of(house.log_in) is InvalidCredentials
    house.log_in(password=NEW_PASSWORD, client=attrs.evolve(CLIENT, device=device))
    assert house.letters()[-2:] == [LetterKind.PASSWORD_RESET, LetterKind.PASSWORD_CHANGED]
    assert EventKind.PASSWORD_RESET in house.events()


def test_d6_ses_04_a_reset_ends_every_session_and_begins_none() -> None:
    house = House()
    tokens = [house.join().session, house.log_in().session, house.log_in(client=STRANGER).session]
    device = house.auth.password_reset.complete(house.reset(), NEW_PASSWORD, client=CLIENT)
    for token in (*tokens, device):
        assert not house.is_logged_in(token)
    assert len(house.auth.sessions.of(house.log_in(password=NEW_PASSWORD).session)) == 1


def test_a_reset_forgets_every_known_browser_and_knows_this_one_by_a_new_name() -> None:
    """A thief may have copied the token of the very browser that resets."""
    house = House()
    thiefs = house.join().device
    client = attrs.evolve(CLIENT, device=thiefs)
    device = house.auth.password_reset.complete(house.reset(), NEW_PASSWORD, client=client)
    assert device != thiefs
    house.log_in(password=NEW_PASSWORD, client=client)
    assert house.letters()[-1] is LetterKind.NEW_LOGIN
    before = len(house.letters())
    house.log_in(password=NEW_PASSWORD, client=attrs.evolve(CLIENT, device=device))
    assert len(house.letters()) == before


def test_d4_a_link_works_once() -> None:
    house = House()
    house.join()
    token = house.reset()
    assert complete(house, token) is None
    assert complete(house, token, PASSWORD) is InvalidToken
    assert complete(house, token) is InvalidToken
    assert house.letters().count(LetterKind.PASSWORD_CHANGED) == 1
    house.log_in(password=NEW_PASSWORD)


def test_tok_14_a_later_link_voids_no_earlier_one_and_using_either_voids_both() -> None:
    for used in (0, 1):
        house = House()
        house.join()
        tokens = [house.reset(), house.reset()]
        assert complete(house, tokens[used]) is None
        assert complete(house, tokens[1 - used], PASSWORD) is InvalidToken


@pytest.mark.parametrize(("seconds", "outcome"), [(-1, None), (0, InvalidToken), (1, InvalidToken)])
def test_tok_05_a_link_lives_for_an_hour(seconds: int, outcome: type[AuthError] | None) -> None:
    house = House()
    house.join()
    token = house.reset()
    house.clock.tick(hours=1, seconds=seconds)
    assert complete(house, token) is outcome


def test_d23_a_link_of_another_purpose_resets_nothing() -> None:
    house = House()
    opened = house.join()
    confirming, changing = house.register(GRACE, "grace"), house.ask_for_change(opened.session)
    assert opened.device is not None
    for token in (confirming, changing, opened.session, opened.device, Token(""), Token("forged")):
        assert complete(house, token) is InvalidToken
    house.log_in()


def test_d13_a_weak_password_is_refused_and_the_link_stays_alive() -> None:
    house = House()
    house.join()
    token = house.reset()
    for weak in (Password("short"), Password("correct horse battery staple")):
        assert complete(house, token, weak) is WeakPassword
    assert complete(house, token) is None


def test_d43_a_dead_link_is_refused_before_the_password_is_looked_at() -> None:
    house = House()
    house.join()
    with house.counted() as calls:
        assert complete(house, Token("forged"), Password("short")) is InvalidToken
    assert "hasher.admit" not in calls


def test_l7_a_full_line_leaves_the_link_alive() -> None:
    house = House()
    house.join()
    token = house.reset()
    house.hasher.is_full = True
    assert complete(house, token) is Busy
    house.hasher.is_full = False
    assert complete(house, token) is None


def test_the_link_goes_to_the_address_of_the_account_not_to_the_spelling_that_was_typed() -> None:
    house = House()
    house.join()
    house.auth.password_reset.request(EmailAddress("ADA@EXAMPLE.org"), client=CLIENT)
    house.deliver()
    assert str(house.mailbox.newest(ADA).recipient) == "ada@example.org"


def test_d48_an_address_that_only_waits_for_confirmation_gets_the_newest_link_to_confirm() -> None:
    house = House()
    house.register(ADA, "ada")
    house.register(ADA, "countess")
    token = house.reset()
    landed = house.auth.landing.look(token, Purpose.CONFIRMATION)
    assert str(landed.account.username) == "countess"
    assert house.letters() == [LetterKind.CONFIRMATION] * 3
    assert complete(house, token) is InvalidToken


def test_an_invited_address_gets_its_invitation_again() -> None:
    house = House()
    house.auth.invitation.invite(ADA, Username("ada"), actor="ops")
    house.reset()
    assert house.letters() == [LetterKind.INVITATION] * 2


@pytest.mark.parametrize("state", ["unknown", "disabled", "closed"])
def test_nobody_else_gets_a_link(state: str) -> None:
    house = House()
    session = house.join().session
    house.sign_up(ADA, "countess")
    if state == "disabled":
        house.auth.administration.disable(house.account().id, actor="ops")
    if state == "closed":
        house.auth.closing.close(session, client=CLIENT)
    before = house.letters()
    email = EVE if state == "unknown" else ADA
    house.auth.password_reset.request(email, client=CLIENT)
    assert (house.letters(), house.letters(EVE)) == (before, [])
    assert house.written()[-1].recipient is None
    assert house.events()[-1] is EventKind.PASSWORD_RESET_REQUESTED


def test_who_has_no_password_may_set_the_first_one() -> None:
    house = House()
    house.join()
    house.auth.administration.remove_password(house.account().id, actor="ops")
    assert complete(house, house.reset()) is None
    house.log_in(password=NEW_PASSWORD)


def test_d25_a_mailbox_gets_five_links_and_then_silence_for_the_rest_of_the_window() -> None:
    """An earlier link is alive whenever one is suppressed."""
    house = House()
    house.join()
    for _ in range(8):
        house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.letters().count(LetterKind.PASSWORD_RESET) == 5
    earlier = house.link()
    house.clock.tick(minutes=45, seconds=-1)
    house.auth.password_reset.request(ADA, client=CLIENT)
    assert house.letters().count(LetterKind.PASSWORD_RESET) == 5
    assert complete(house, earlier) is None


def test_l8_a_reset_gives_the_mailbox_its_letters_back() -> None:
    house = House()
    house.join()
    for _ in range(5):
        token = house.reset()
    assert complete(house, token) is None
    assert complete(house, house.reset(), PASSWORD) is None


def test_l8_a_flood_of_one_kind_of_letter_suppresses_no_other() -> None:
    house = House()
    opened = house.join()
    for _ in range(9):
        house.auth.password_reset.request(ADA, client=CLIENT)
        house.auth.email_change.request(opened.session, EVE, client=CLIENT)
    assert complete(house, house.link()) is None
    assert house.letters()[-1] is LetterKind.PASSWORD_CHANGED
