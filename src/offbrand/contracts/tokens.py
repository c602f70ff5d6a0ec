"""Tokens contract: what was signed here comes back, for its purpose, and nothing else does."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING
from uuid import RFC_4122

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from offbrand.contracts import strategies
from offbrand.contracts.crowd import at_once
from offbrand.contracts.samples import AT, new_id
from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import TOKEN_MAX, AccountId, EmailAddress, Token

if TYPE_CHECKING:
    from offbrand.domain.ports import Tokens

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_URL_SAFE = re.compile(r"[A-Za-z0-9_.~-]+")
_ODD = ["", " ", "x", ".", "..", "None", "null", "0", "[]", "{}", "%00", "\0", "\ud800", "é", "a" * TOKEN_MAX]
_shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors])


def _claim(purpose: Purpose = Purpose.PASSWORD_RESET) -> Claim:
    email = EmailAddress("Ann.Lee+tag@example.org")
    return Claim(purpose=purpose, account_id=AccountId(new_id()), generation=7, expires_at=AT, email=email)


def _refuses(tokens: Tokens, text: str, purpose: Purpose = Purpose.PASSWORD_RESET) -> bool:
    """Return whether the text is refused; anything else that is raised passes through."""
    try:
        tokens.read(Token(text), purpose)
    except InvalidToken:
        return True
    return False


class TokensContract:
    """Override ``tokens``, and ``other`` by one with other keys; ``twin`` may be another one with the same keys."""

    @pytest.fixture
    def tokens(self) -> Tokens:
        raise NotImplementedError

    @pytest.fixture
    def other(self) -> Tokens:
        raise NotImplementedError

    @pytest.fixture
    def twin(self, tokens: Tokens) -> Tokens:
        return tokens

    @_shared
    @given(claim=strategies.claims())
    def test_a_claim_comes_back_whole(self, tokens: Tokens, twin: Tokens, claim: Claim) -> None:
        """Time to the microsecond, address to the letter, and all of it in a link (L2)."""
        token = tokens.sign(claim)
        read = twin.read(token, claim.purpose)
        assert read == claim, "L2 broke: a link says something else than was signed"
        assert read.email.text == claim.email.text, "L2 broke: a link changes the spelling of its address"
        assert read.expires_at.isoformat() == claim.expires_at.isoformat(), "L2 broke: a link changes its expiry"
        assert _URL_SAFE.fullmatch(token.reveal()), "L2 broke: a token does not fit into a URL as it is"

    @pytest.mark.parametrize("signed", Purpose)
    def test_a_token_is_for_one_purpose(self, tokens: Tokens, signed: Purpose) -> None:
        """Of the whole matrix only the diagonal works (L2, TOK-02, D23)."""
        text = tokens.sign(_claim(signed)).reveal()
        accepted = [purpose for purpose in Purpose if not _refuses(tokens, text, purpose)]
        assert accepted == [signed], f"L2 broke: a {signed} link is accepted as {accepted}"

    def test_no_character_can_be_changed(self, tokens: Tokens) -> None:
        """One token has one spelling: each character matters with each of its bits (L2, TOK-01)."""
        text = tokens.sign(_claim()).reveal()
        assert not _refuses(tokens, text)
        for place, character in enumerate(text):
            others = {".", "A"} if character not in _ALPHABET else _neighbours(character)
            for changed in others - {character}:
                forged = f"{text[:place]}{changed}{text[place + 1 :]}"
                assert _refuses(tokens, forged), f"L2 broke: {changed!r} is as good as {character!r} at {place}"

    def test_nothing_can_be_added_or_cut(self, tokens: Tokens) -> None:
        """A token with more or less text is another (L2, TOK-01)."""
        text = tokens.sign(_claim()).reveal()
        changed = [text[:-1], text[1:], text + "A", "A" + text, text + "=", text + ".", " " + text, text + "\n"]
        accepted = [each for each in [*changed, text + text, text.upper()] if not _refuses(tokens, each)]
        assert accepted == [], f"L2 broke: {len(accepted)} texts are accepted beside the token itself"

    def test_a_stranger_signs_nothing_for_us(self, tokens: Tokens, other: Tokens) -> None:
        """What was signed with other keys is refused, in both directions (L2, SES-09)."""
        assert _refuses(tokens, other.sign(_claim()).reveal()), "L2 broke: a token of other keys is accepted"
        assert _refuses(other, tokens.sign(_claim()).reveal()), "L2 broke: a token of other keys is accepted"

    @_shared
    @given(text=st.text(max_size=200) | st.text(_ALPHABET + ".", max_size=200))
    @example("")
    def test_odd_text_is_an_invalid_token(self, tokens: Tokens, text: str) -> None:
        """Whatever stands in a URL is refused, and never anything worse (L11, TOK-10, D59)."""
        assert all(_refuses(tokens, text, purpose) for purpose in Purpose), "L2 broke: made-up text is accepted"

    @pytest.mark.parametrize("text", _ODD, ids=ascii)
    def test_known_odd_texts_are_invalid_tokens(self, tokens: Tokens, text: str) -> None:
        """Empty, huge and undecodable text is refused, and never anything worse (L11, TOK-10, D59)."""
        assert _refuses(tokens, text), f"L2 broke: {text!r} is accepted"
        genuine = tokens.sign(_claim()).reveal()
        if text:
            assert _refuses(tokens, text + genuine), f"L2 broke: {text!r} before a token is accepted"

    def test_random_names_are_long_and_never_the_same(self, tokens: Tokens) -> None:
        """256 bits as 43 characters that fit into a cookie; and they are no signed tokens (L3)."""
        names = [tokens.opaque().reveal() for _ in range(500)]
        assert len(set(names)) == 500, "L3 broke: two random names are the same"
        assert all(len(name) == 43 and set(name) <= set(_ALPHABET) for name in names), f"L3 broke: {names[0]!r}"
        assert len({name[0] for name in names}) > 32, "L3 broke: random names begin alike"
        assert _refuses(tokens, names[0]), "L2 broke: a random name is accepted as a link"

    def test_ids_are_unique_ordered_and_of_version_7(self, tokens: Tokens) -> None:
        """Ids sort in the order in which they were made, also within one moment; no two are the same, in any crowd."""
        ids = [tokens.new_id() for _ in range(500)]
        assert ids == sorted(set(ids)), "ids do not rise"
        assert {(each.version, each.variant) for each in ids} == {(7, RFC_4122)}
        crowd = at_once(8, lambda _: [tokens.new_id() for _ in range(200)])
        made = [each for result in crowd if isinstance(result, list) for each in result]
        assert len(set(made) | set(ids)) == 8 * 200 + 500, "two ids are the same"

    def test_a_fingerprint_is_keyed_and_steady(self, tokens: Tokens, other: Tokens, twin: Tokens) -> None:
        """Equal text has one fingerprint, which nobody can make, or look up, without the key (L9)."""
        texts = ["ann@example.org", "Ann@example.org", "ann", "", "élodie"]
        prints = [tokens.fingerprint(text) for text in texts]
        assert prints == [twin.fingerprint(text) for text in texts], "L8 broke: a fingerprint is not steady"
        assert len(set(prints)) == len(texts), "L8 broke: different texts have one fingerprint"
        assert all(re.fullmatch(r"[0-9a-f]{32,128}", each) for each in prints), f"no hexadecimal digest: {prints[0]!r}"
        theirs = {other.fingerprint(text) for text in texts}
        assert theirs.isdisjoint(prints), "L9 broke: a fingerprint does not depend on the key"


def _neighbours(character: str) -> set[str]:
    """Return the characters that differ from it in one of their six bits."""
    index = _ALPHABET.index(character)
    return {_ALPHABET[index ^ 1 << bit] for bit in range(6)}
