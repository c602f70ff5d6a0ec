"""Login: an identifier and a password become a session; the session is looked after and ended."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import attrs
import pytest

from offbrand.domain.errors import AuthError, Busy, InvalidCredentials, StaleAccount
from offbrand.domain.events import EventKind
from offbrand.domain.letters import LetterKind
from offbrand.domain.values import Client, EmailAddress, Password, Token, Username
from tests.unit.house import ADA, CLIENT, EVE, NEW_PASSWORD, PASSWORD, STRANGER, WRONG, House, outcome_of


def prove(
    house: House, session: Token, password: Password = PASSWORD, client: Client = CLIENT
) -> type[AuthError] | None:
    return outcome_of(lambda: house.auth.login.prove(session, password, client=client))


@pytest.mark.parametrize(
    "name", [ADA, EmailAddress("ADA@example.org"), Username("ada"), Username("ADA")], ids=lambda name: name.text
)
def test_inp_01_address_and_username_log_in_whatever_their_case(name: EmailAddress | Username) -> None:
    house = House()
    house.join()
    opened = house.log_in(name)
    assert house.auth.login.account_of(opened.session).email == ADA
    assert house.auth.sessions.current(opened.session).is_proved
    assert house.events()[-1] is EventKind.LOGGED_IN


def test_the_password_is_taken_exactly() -> None:
    house = House()
    house.join(password=Password("  caf\u00e9 au lait, s'il vous plait "))
    for text in ("caf\u00e9 au lait, s'il vous plait", "  CAF\u00c9 au lait, s'il vous plait "):
        with pytest.raises(InvalidCredentials):
            house.log_in(password=Password(text))
    house.log_in(password=Password("  cafe\u0301 au lait, s'il vous plait "))


def test_a_password_is_good_until_it_is_replaced() -> None:
    """NIST SP 800-63B-4, 3.1.1.2, and ASVS 6.2.10: nobody has to change one because of its age."""
    house = House()
    house.join()
    house.clock.tick(days=5 * 365)
    assert house.is_logged_in(house.log_in().session)


def test_ses_01_every_login_gets_a_token_of_its_own() -> None:
    house = House()
    tokens = [house.join().session, house.log_in().session, house.log_in().session]
    assert len(set(tokens)) == 3
    assert all(house.is_logged_in(token) for token in tokens)


def test_a_remembered_session_lasts_longer_and_is_no_fresher() -> None:
    house = House()
    house.join()
    plain = house.log_in()
    remembered = house.auth.login.log_in(ADA, PASSWORD, True, client=CLIENT)  # noqa: FBT003 - as a form has it
    assert (plain.remembered, remembered.remembered) == (False, True)
    assert plain.expires_at == house.clock.now() + timedelta(hours=24)
    assert remembered.expires_at == house.clock.now() + timedelta(days=30)
    house.clock.tick(minutes=10)
    assert not house.auth.sessions.current(remembered.session).is_proved
    house.clock.tick(days=29)
    assert (house.is_logged_in(plain.session), house.is_logged_in(remembered.session)) == (False, True)
    house.clock.tick(days=1)
    assert not house.is_logged_in(remembered.session)


def test_a_login_from_an_unknown_browser_is_told_to_the_owner() -> None:
    house = House()
    known = attrs.evolve(CLIENT, device=house.join().device)
    house.log_in(client=known)
    assert LetterKind.NEW_LOGIN not in house.letters()
    device = house.log_in(client=STRANGER).device
    assert house.mailbox.newest(ADA).kind is LetterKind.NEW_LOGIN
    assert house.mailbox.newest(ADA).network == STRANGER.network
    house.log_in(client=attrs.evolve(STRANGER, device=device))
    assert house.letters().count(LetterKind.NEW_LOGIN) == 1


def test_a_browser_stays_known_after_log_out_and_known_browsers_are_five_at_most() -> None:
    house = House()
    opened = house.join()
    house.auth.login.log_out(opened.session, client=CLIENT)
    first = attrs.evolve(CLIENT, device=opened.device)
    for minute in range(4):
        house.clock.tick(minutes=minute)
        house.log_in()
    house.log_in(client=first)
    assert house.letters().count(LetterKind.NEW_LOGIN) == 4
    for _ in range(5):
        house.clock.tick(minutes=1)
        house.log_in()
    house.log_in(client=first)
    assert house.letters().count(LetterKind.NEW_LOGIN) == 10


def test_a_browser_known_to_one_account_is_not_known_to_another() -> None:
    house = House()
    device = house.join().device
    house.join(EVE, "eve")
    house.log_in(EVE, client=attrs.evolve(CLIENT, device=device))
    assert house.letters(EVE)[-1] is LetterKind.NEW_LOGIN


def test_a_failed_login_is_recorded_without_what_was_typed() -> None:
    house = House()
    house.join()
    for name in (ADA, EVE, Username("ada")):
        with pytest.raises(InvalidCredentials):
            house.log_in(name, WRONG)
    known, unknown, by_name = house.auth.audit.after()[-3:]
    assert {known.kind, unknown.kind, by_name.kind} == {EventKind.LOGIN_FAILED}
    assert (known.account_id, unknown.account_id) == (house.account().id, None)
    assert len({event.identifier_digest for event in (known, unknown, by_name)}) == 3
    assert known.outcome == "refused"
    assert not [text for text in ("example", WRONG.reveal()) if text in str(attrs.asdict(known))]


def test_a_failed_login_says_exactly_that_whatever_the_reason() -> None:
    house = House()
    house.join()
    for name, password in ((ADA, WRONG), (EVE, PASSWORD), (Username("nobody.at.all"), PASSWORD), (ADA, Password(""))):
        with pytest.raises(InvalidCredentials) as refusal:
            house.log_in(name, password)
        assert type(refusal.value) is InvalidCredentials


def test_l3_a_session_never_begins_in_an_account_that_changed_while_the_password_was_checked() -> None:
    for change in ("disable", "remove_password"):
        house = House()
        house.join()
        changing = getattr(house.auth.administration, change)
        account_id = house.account().id
        house.hasher.meanwhile = partial(changing, account_id, actor="ops")
        assert outcome_of(house.log_in) is StaleAccount
        assert EventKind.LOGGED_IN not in house.events()


def test_an_account_has_twenty_sessions_at_most_and_the_oldest_ends() -> None:
    house = House()
    tokens = [house.join().session]
    for _ in range(20):
        house.clock.tick(seconds=1)
        tokens.append(house.log_in().session)
    assert [house.is_logged_in(token) for token in tokens] == [False] + [True] * 20


def test_a_login_opens_two_blocks_at_most() -> None:
    house = House()
    house.join()
    house.hasher.cost = 2
    for name, password in ((ADA, PASSWORD), (ADA, PASSWORD), (ADA, WRONG), (EVE, WRONG)):
        with house.counted() as calls:
            outcome_of(partial(house.log_in, name, password))
        assert [call for call in calls if call.startswith("unit_of_work")] == [
            "unit_of_work.reading",
            "unit_of_work.writing",
        ]


def test_l7_a_crowd_that_is_turned_away_costs_no_query() -> None:
    """So neither does it tell whether there is an account (L4)."""
    house = House()
    house.join()
    house.hasher.is_full = True
    for name in (ADA, EVE):
        with house.counted() as calls:
            assert outcome_of(partial(house.log_in, name)) is Busy
        assert calls == ["tokens.fingerprint", "hasher.admit"]


def test_l7_a_full_line_costs_no_guess() -> None:
    house = House()
    session = house.join().session
    house.hasher.is_full = True
    with house.counted() as calls:
        for _ in range(60):
            assert outcome_of(house.log_in) is Busy
            assert prove(house, session) is Busy
    assert "throttle.count" not in calls
    house.hasher.is_full = False
    assert outcome_of(lambda: house.log_in(password=NEW_PASSWORD)) is InvalidCredentials
    assert outcome_of(house.log_in) is None
