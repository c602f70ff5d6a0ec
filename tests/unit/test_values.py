"""Values: what parses, what does not, what is the same, and that secrets never show."""

from __future__ import annotations

import copy
import json
import pickle
import sys
import unicodedata
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.domain.errors import InvalidToken, MalformedEmailAddress, MalformedPassword, MalformedUsername
from offbrand.domain.values import Client, EmailAddress, Password, PasswordHash, Secret, Token, Username

if TYPE_CHECKING:
    from collections.abc import Callable

LONG_DOMAIN = ".".join(["d" * 60] * 3)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada.Lovelace+letters@EXAMPLE.org", "Ada.Lovelace+letters@example.org"),
        ("o'neill@example.org", "o'neill@example.org"),
        ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
        ("a@b.cd", "a@b.cd"),
        ("a@1and1.example", "a@1and1.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        (f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
        (f"{'a' * 64}@{LONG_DOMAIN}.{'e' * 6}", f"{'a' * 64}@{LONG_DOMAIN}.{'e' * 6}"),
        (f"a@{'d' * 63}.org", f"a@{'d' * 63}.org"),
    ],
)
def test_d27_an_address_keeps_its_local_part_and_folds_its_domain(raw: str, text: str) -> None:
    assert str(EmailAddress.parse(raw)) == text


@pytest.mark.parametrize(
    "raw",
    [
        *("", "@", "ada", "ada@", "@example.org", "ada@example", "ada@localhost", "a@b@example.org"),
        *(" ada@example.org", "ada@example.org ", "ada @example.org", "ada@exa mple.org", "ada@example.org."),
        *("ada@.example.org", "ada@example..org", ".ada@example.org", "ada.@example.org", "a..da@example.org"),
        *('"ada"@example.org', "ada@[192.0.2.1]", "Ada <ada@example.org>", "ada@example.org,eve@example.org"),
        *(
            "ada@192.0.2.1",
            "ada@example.org\n",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada\n@example.org",
            "ada\0@example.org",
        ),
        *("ada@-example.org", "ada@example-.org", "ada@exam_ple.org", f"ada@{'d' * 64}.org"),
        *("\u00e4da@example.org", "ada@ex\u00e4mple.org", "ada@\u212axample.org", "ada@example\u3002org"),
        *(f"{'a' * 65}@example.org", f"{'a' * 64}@{LONG_DOMAIN}.{'e' * 7}", "ada@" + "d." * 10_000 + "org"),
    ],
)
def test_what_is_not_one_plain_address_is_refused(raw: str) -> None:
    """INP-04, INP-11: no quoted parts, comments, literals, lists, blanks, controls or letters beyond ASCII."""
    with pytest.raises(MalformedEmailAddress):
        EmailAddress.parse(raw)


def test_two_addresses_are_the_same_whatever_their_case() -> None:
    """INP-01: D27."""
    upper, lower = EmailAddress.parse("Ada@Example.ORG"), EmailAddress.parse("ada@example.org")
    assert upper == lower
    assert {upper} == {lower}
    assert upper.key == "ada@example.org"
    assert upper != EmailAddress.parse("ada@example.com")


@pytest.mark.parametrize(
    "raw",
    [
        *("a", "ada", "Ada_L", "ada.lovelace.1815", "x" * 64, "\u00e9l\u00e9onore", "\u0430\u0434\u0430"),
        *("\u03b1\u03b4\u03b1", "\u4f50\u3005\u6728", "\u6771\u4eac\u30bf\u30ef\u30fc", "\ub098\ub098", "stra\u00dfe"),
    ],
)
def test_a_username_is_kept_as_it_is_written(raw: str) -> None:
    assert str(Username.parse(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "Please choose"),
        ("x" * 65, "at most 64"),
        *((raw, "begin with a letter") for raw in ("1ada", ".ada", "_ada", " ada", "ada ", "a da", "ada-l", "a@b.cd")),
        *((raw, "begin with a letter") for raw in ("ada\n", "ada\r", "ada\0", "ada\u2028", "ada\u200b", "\u202eada")),
        *(
            (raw, "begin with a letter")
            for raw in ("ada\u0660", "ada\u00b2", "a\u0301\u0301", "ada\ud800", "ada\U0001f600")
        ),
        *((raw, "cannot have this letter") for raw in ("\uff41da", "\u017fam", "\ufb01n", "\U0001d41ada")),
        *((raw, "different scripts") for raw in ("\u0430da", "ad\u03b1", "pay\u0440al", "\ub098\u30ef", "a\u4eac")),
        *((raw, "reserved") for raw in ("admin", "Admin", "ROOT", "postmaster", "mailer.daemon", "me", "OffBrand")),
    ],
)
def test_d26_a_username_that_breaks_a_rule_is_refused_with_the_reason(raw: str, reason: str) -> None:
    """A trailing newline included, which a pattern that ends in ``$`` lets through."""
    with pytest.raises(MalformedUsername) as refusal:
        Username.parse(raw)
    assert reason in refusal.value.reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada", "ADA"),
        ("kelvin", "\u212aelvin"),
        ("\u00e9l\u00e9onore", "E\u0301L\u00c9ONORE"),
        ("stra\u00dfe", "STRASSE"),
        ("\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3"),
    ],
)
def test_d26_two_spellings_of_a_username_are_the_same(one: str, other: str) -> None:
    assert Username.parse(one) == Username.parse(other)
    assert {Username.parse(one).key} == {Username.parse(other).key}


def test_dotted_and_dotless_letters_stay_apart() -> None:
    assert Username.parse("\u0130stanbul") != Username.parse("istanbul")
    assert Username.parse("\u0131stanbul") != Username.parse("istanbul")


def test_the_key_of_every_letter_that_may_begin_a_username_is_final() -> None:
    """Folding a key again changes nothing, over all of Unicode; and a key is at most twice as long as its name."""
    accepted = 0
    for letter in filter(str.isalpha, map(chr, range(sys.maxunicode + 1))):
        try:
            key = Username.parse(letter).key
        except MalformedUsername:
            continue
        accepted += 1
        assert Username(key).key == key
        assert len(key) <= 2
        assert unicodedata.normalize("NFC", key) == key
    assert accepted > 100_000


def test_a_password_is_normalised_but_never_trimmed_folded_or_cut() -> None:
    """D28, INP-06."""
    assert Password("cafe\u0301") == Password("caf\u00e9")
    assert Password("\u212b").reveal() == "\u00c5"
    for text in (
        "  blanks at both ends  ",
        "\ttab",
        "trailing newline\n",
        "CaSe",
        "\ufb01",
        "\U0001f469\u200d\U0001f680",
        "",
    ):
        assert Password(text).reveal() == text
    assert Password("x" * 255 + "a") != Password("x" * 255 + "b")


def test_d14_the_cap_on_passwords_counts_what_was_typed() -> None:
    """The cap comes before NFC: what normalising would shorten is not normalised at all."""
    assert len(Password("x" * 256).reveal()) == 256
    for text in ("x" * 257, "e\u0301" * 129, "x" * 1_000_000):
        with pytest.raises(MalformedPassword) as refusal:
            Password(text)
        assert "at most 256" in refusal.value.reason
    assert len(Password("\U0001d15e" * 256).reveal()) == 512


@pytest.mark.parametrize("text", ["nul\0inside", "\ud800 half a pair", "\udfff"])
def test_a_password_holds_nothing_that_cannot_be_stored(text: str) -> None:
    with pytest.raises(MalformedPassword) as refusal:
        Password(text)
    assert "cannot be typed" in refusal.value.reason


def test_l9_a_secret_shows_itself_to_nobody_who_does_not_ask() -> None:
    @attrs.frozen
    class Holder:
        secret: Secret

    for secret in (Secret("hunter2"), Password("hunter2"), PasswordHash("hunter2"), Token("hunter2")):
        shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", "%s" % secret, str([secret])]  # noqa: UP031
        shown += [str(attrs.asdict(Holder(secret))), repr(Holder(secret)), str(Client(device=Token("hunter2")))]
        shown += [str(attrs.astuple(Holder(secret))), str(vars(type(secret))), str(Exception(secret))]
        assert "hunter2" not in "".join(shown)
        assert not hasattr(secret, "__dict__")
        assert secret.reveal() == "hunter2"


def test_l9_a_secret_cannot_be_written_down() -> None:
    writers: list[Callable[[object], object]] = [pickle.dumps, json.dumps, copy.copy, copy.deepcopy]
    for write in writers:
        with pytest.raises(TypeError):
            write(Password("hunter2"))


def test_secrets_are_equal_only_within_their_kind() -> None:
    assert Token("abc") == Token("abc")
    assert Token("abc") != Token("abd")
    assert Token("abc") != Password("abc")
    assert Token("abc") != "abc"
    assert {Token("abc"), Token("abc"), Password("abc")} == {Token("abc"), Password("abc")}
    assert len({Token("abc"), Token("abc"), Password("abc")}) == 2


def test_a_token_is_stored_as_its_digest_and_the_context_keeps_digests_apart() -> None:
    token = Token("abc")
    assert token.digest() == "609f6e36d2405585188d5cfd761f407c7cc46a7d3f314c88270469dde315fcd1"
    assert len({token.digest(), token.digest("one"), token.digest("two"), Token("abd").digest()}) == 4
    assert Token("\ud800").digest() != Token("").digest()


def test_a_token_is_never_longer_than_any_that_was_given_out() -> None:
    """TOK-10."""
    assert Token("x" * 1024).reveal() == "x" * 1024
    for text in ("x" * 1025, "x" * 1_000_000):
        with pytest.raises(InvalidToken):
            Token(text)


def test_what_a_client_says_of_itself_is_cut_and_cleaned() -> None:
    """LOG-02: anybody may write a user agent."""
    client = Client(network="192.0.2.1\r\n", user_agent="a\x1b[31mred\r\nX: y\u2028\u202e" + "z" * 500)
    assert client.network == "192.0.2.1"
    assert client.user_agent is not None
    assert client.user_agent.startswith("a[31mredX: yzz")
    assert len(client.user_agent) <= 200
    assert client.user_agent.isprintable()
    assert Client(user_agent="\n\t", network="") == Client()
