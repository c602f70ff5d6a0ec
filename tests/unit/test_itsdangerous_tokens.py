"""Signed claims: read here, for their purpose and letter by letter, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode

from offbrand.adapters.itsdangerous_tokens import ItsdangerousTokens
from offbrand.adapters.memory import MovableClock
from offbrand.contracts.tokens import TokensContract
from offbrand.domain.claims import Claim, Purpose
from offbrand.domain.errors import InvalidToken
from offbrand.domain.values import EMAIL_MAX, TOKEN_MAX, AccountId, EmailAddress, Secret, Token

OLD, NEW, NEWEST = (Secret(name * 8) for name in ("old-", "new-", "last"))
BASE_URL = "https://example.org"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
CLAIM = Claim(
    purpose=Purpose.PASSWORD_RESET,
    account_id=AccountId(UUID("019b8d87-79e8-7d5e-8449-7b379325ea00")),
    generation=3,
    expires_at=datetime(2026, 1, 5, 13, 30, 0, 123456, tzinfo=UTC),
    email=EmailAddress("Alice@example.org"),
)


def tokens(*keys: Secret, base_url: str = BASE_URL) -> ItsdangerousTokens:
    return ItsdangerousTokens(keys or (NEW,), base_url, MovableClock())


def signed(content: object, *, salt: str = f"offbrand reset {BASE_URL}") -> Token:
    """Sign anything as the adapter would."""
    settings = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return Token(URLSafeSerializer(NEW.reveal(), salt=salt, signer_kwargs=settings).dumps(content))


def test_a_token_says_what_was_signed_to_the_microsecond_and_with_the_addresss_case() -> None:
    read = tokens().read(tokens().sign(CLAIM), Purpose.PASSWORD_RESET)
    assert attrs.astuple(read, recurse=False) == attrs.astuple(CLAIM, recurse=False)
    assert str(read.email) == "Alice@example.org"
    assert read.expires_at.utcoffset() == timedelta(0)


@given(
    st.builds(
        Claim,
        purpose=st.sampled_from(Purpose),
        account_id=st.uuids().map(AccountId),
        generation=st.integers(0, 2**63),
        expires_at=st.datetimes(timezones=st.just(UTC)),
        email=st.text("aB0+.'-", min_size=1, max_size=64).map(lambda local: EmailAddress(f"{local}@example.org")),
    )
)
def test_every_claim_survives_the_journey(claim: Claim) -> None:
    token = tokens().sign(claim)
    assert tokens().read(token, claim.purpose) == claim
    assert set(token.reveal()) <= set(ALPHABET + ".")


def test_the_longest_claim_fits_into_a_token() -> None:
    longest = attrs.evolve(CLAIM, generation=2**63, email=EmailAddress("x" * EMAIL_MAX))
    assert len(tokens().sign(longest).reveal()) < TOKEN_MAX
    spread = EmailAddress("".join(chr(33 + (i * 53 + i * i) % 90) for i in range(EMAIL_MAX)))
    assert len(tokens().sign(attrs.evolve(longest, email=spread)).reveal()) < TOKEN_MAX


def test_d23_a_token_opens_only_what_it_was_signed_for() -> None:
    """TOK-02: of the whole matrix, only the diagonal."""
    for signed_for in Purpose:
        token = tokens().sign(attrs.evolve(CLAIM, purpose=signed_for))
        for purpose in Purpose:
            if purpose is signed_for:
                assert tokens().read(token, purpose).purpose is purpose
            else:
                with pytest.raises(InvalidToken):
                    tokens().read(token, purpose)


def test_two_deployments_with_one_key_do_not_read_each_other() -> None:
    token = tokens().sign(CLAIM)
    with pytest.raises(InvalidToken):
        tokens(base_url="https://staging.example.org").read(token, Purpose.PASSWORD_RESET)
    assert tokens(base_url=f"{BASE_URL}/").read(token, Purpose.PASSWORD_RESET) == CLAIM


def test_keys_are_rotated_by_adding_the_new_one_last() -> None:
    """TOK-09: the newest signs, all are read, and a key that is taken away takes its tokens along."""
    before, during, after = tokens(OLD), tokens(OLD, NEW), tokens(NEW)
    old, new = before.sign(CLAIM), during.sign(CLAIM)
    assert during.read(old, Purpose.PASSWORD_RESET) == CLAIM
    assert after.read(new, Purpose.PASSWORD_RESET) == CLAIM
    for reader, token in ((after, old), (before, new), (tokens(NEWEST), new)):
        with pytest.raises(InvalidToken):
            reader.read(token, Purpose.PASSWORD_RESET)


@pytest.mark.parametrize("key", ["", "secret", "x" * 31])
def test_d1_there_is_no_start_with_a_short_key(key: str) -> None:
    for keys in ([Secret(key)], [NEW, Secret(key)], [Secret(key), NEW], []):
        with pytest.raises(ValueError, match="at least 32 bytes") as caught:
            tokens(*keys) if keys else ItsdangerousTokens([], BASE_URL, MovableClock())
        assert not key or key not in str(caught.value)


def test_tok_01_no_character_of_a_token_can_be_another() -> None:
    """Not even the last one, two bits of which mean nothing."""
    text = tokens().sign(CLAIM).reveal()
    for at, original in enumerate(text):
        for other in {"A", ".", "=", "!", " ", "\n", "é", *(ALPHABET if at == len(text) - 1 else "")} - {original}:
            with pytest.raises(InvalidToken):
                tokens().read(Token(text[:at] + other + text[at + 1 :]), Purpose.PASSWORD_RESET)


@pytest.mark.parametrize("junk", ["=", "!", "\n", " ", "\0", "A", "."])
def test_tok_01_nothing_can_be_put_into_a_token(junk: str) -> None:
    """The decoder of base64 would skip what is not of its alphabet."""
    text = tokens().sign(CLAIM).reveal()
    for at in range(len(text) + 1):
        with pytest.raises(InvalidToken):
            tokens().read(Token(text[:at] + junk + text[at:]), Purpose.PASSWORD_RESET)


@pytest.mark.parametrize(
    "text",
    ["", " ", "a", "\0", "\ud800", "é", "..", "%00", "None", "null", "0", "[]", ".", f".{'A' * 43}", f"A.{'A' * 43}"],
)
def test_d59_tok_10_no_text_is_anything_but_an_invalid_token(text: str) -> None:
    with pytest.raises(InvalidToken):
        tokens().read(Token(text), Purpose.PASSWORD_RESET)


@given(st.text(max_size=TOKEN_MAX))
def test_d59_no_text_at_all_breaks_the_reader(text: str) -> None:
    with pytest.raises(InvalidToken):
        tokens().read(Token(text), Purpose.PASSWORD_RESET)


GOOD = [CLAIM.account_id.hex, 3, 1767619800123456, "alice@example.org"]


def test_the_strict_reader_reads_what_is_right() -> None:
    assert tokens().read(signed(GOOD), Purpose.PASSWORD_RESET) == CLAIM


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        [],
        "reset",
        {"reset": 1},
        GOOD[:3],
        [*GOOD, 1],
        [1, *GOOD[1:]],
        [str(CLAIM.account_id), *GOOD[1:]],
        [CLAIM.account_id.hex.upper(), *GOOD[1:]],
        [f"{{{CLAIM.account_id.hex}}}", *GOOD[1:]],
        [CLAIM.account_id.hex + "\n", *GOOD[1:]],
        [GOOD[0], "3", *GOOD[2:]],
        [GOOD[0], 3.0, *GOOD[2:]],
        [GOOD[0], True, *GOOD[2:]],
        [GOOD[0], None, *GOOD[2:]],
        [*GOOD[:2], 1767619800.5, GOOD[3]],
        [*GOOD[:2], True, GOOD[3]],
        [*GOOD[:2], 10**30, GOOD[3]],
        [*GOOD[:2], -(10**30), GOOD[3]],
        [*GOOD[:3], None],
        [*GOOD[:3], ["alice@example.org", "mallory@example.net"]],
    ],
)
def test_d23_what_is_signed_but_says_something_odd_is_no_claim(content: object) -> None:
    """The key may be used for other things, by hosts or by an older release."""
    with pytest.raises(InvalidToken):
        tokens().read(signed(content), Purpose.PASSWORD_RESET)


def test_d56_the_serializers_of_the_past_sign_nothing_for_us() -> None:
    """Another salt, another digest, another derivation, or the timed serializer: all with the right key."""
    salt = f"offbrand reset {BASE_URL}"
    strangers = [
        URLSafeSerializer(NEW.reveal(), salt=salt),
        URLSafeSerializer(NEW.reveal(), salt="reset", signer_kwargs={"digest_method": hashlib.sha256}),
        URLSafeSerializer(NEW.reveal(), salt=salt, signer_kwargs={"digest_method": hashlib.sha256}),
        URLSafeTimedSerializer(
            NEW.reveal(), salt=salt, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        ),
    ]
    for stranger in strangers:
        with pytest.raises(InvalidToken):
            tokens().read(Token(str(stranger.dumps(GOOD))), Purpose.PASSWORD_RESET)


def test_a_token_is_signed_with_sha_256_and_holds_no_more_than_the_claim() -> None:
    payload, _, signature = tokens().sign(CLAIM).reveal().rpartition(".")
    assert len(base64_decode(signature)) == 32
    assert json.loads(base64_decode(payload)) == [GOOD[0], 3, 1767619800123456, "Alice@example.org"]


def test_names_are_256_random_bits() -> None:
    names = {tokens().opaque().reveal() for _ in range(1000)}
    assert len(names) == 1000
    assert {len(base64_decode(name)) for name in names} == {32}
    assert {len(name) for name in names} == {43}


def test_ids_are_version_7_at_the_clocks_time() -> None:
    new = tokens().new_id()
    assert (new.version, new.variant) == (7, uuid4().variant)
    assert new.int >> 80 == int(MovableClock().now().timestamp() * 1000)


def test_ids_rise_within_a_millisecond_past_its_4096_and_while_the_clock_goes_back() -> None:
    clock = MovableClock()
    maker = ItsdangerousTokens([NEW], BASE_URL, clock)
    ids = [maker.new_id() for _ in range(5000)]
    clock.tick(seconds=-5)
    ids += [maker.new_id() for _ in range(10)]
    clock.tick(seconds=10)
    ids += [maker.new_id() for _ in range(10)]
    assert all(before < after for before, after in pairwise(ids))
    assert all((made.version, made.variant) == (7, uuid4().variant) for made in ids)


def test_ids_are_unique_among_threads() -> None:
    maker, made = tokens(), list[UUID]()

    def make() -> None:
        made.extend([maker.new_id() for _ in range(500)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork")
def test_a_forked_process_makes_ids_and_names_of_its_own() -> None:
    """Both begin with the same memory, and neither may repeat the other."""
    maker = tokens()
    maker.new_id()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        lines = [f"{maker.new_id()} {maker.opaque().reveal()}" for _ in range(100)]
        os.write(writer, "\n".join(lines).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        theirs = {word for line in pipe for word in line.split()}
    os.waitpid(child, 0)
    ours = {str(word) for _ in range(100) for word in (maker.new_id(), maker.opaque().reveal())}
    assert (len(theirs), len(ours), theirs & ours) == (200, 200, set())


def test_a_fingerprint_is_steady_and_keyed_by_the_newest_key() -> None:
    """L9: useless without the key; and a key that is being replaced is used for nothing new."""
    prints = {keys: tokens(*keys).fingerprint("alice@example.org") for keys in ((OLD,), (NEW,), (OLD, NEW), (NEW, OLD))}
    assert prints[OLD, NEW] == prints[NEW,] != prints[OLD,] == prints[NEW, OLD]
    assert tokens().fingerprint("alice@example.org") == prints[NEW,]
    assert tokens().fingerprint("alice@example.org ") != prints[NEW,]
    assert len(bytes.fromhex(prints[NEW,])) == 32
    assert tokens().fingerprint("\ud800") != tokens().fingerprint("?")


class TestItsdangerousTokens(TokensContract):
    @pytest.fixture
    def tokens(self) -> ItsdangerousTokens:
        return tokens(NEW)

    @pytest.fixture
    def twin(self, tokens: ItsdangerousTokens) -> ItsdangerousTokens:  # noqa: ARG002 - another process, in effect
        return ItsdangerousTokens([OLD, NEW], BASE_URL, MovableClock())

    @pytest.fixture
    def other(self) -> ItsdangerousTokens:
        return tokens(NEWEST)
