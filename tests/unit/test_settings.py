"""Settings: each wrong one stops the start with one sentence that names it."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from offbrand.domain.claims import Purpose
from offbrand.domain.policy import Policy
from offbrand.settings import Settings, SettingsError

KEY = "0123456789abcdef0123456789abcdef"
PRODUCTION = {
    "OFFBRAND_SECRET_KEYS": KEY,
    "OFFBRAND_BASE_URL": "https://auth.example.org",
    "OFFBRAND_SMTP_URL": "smtp://relay.example.org:587",
    "OFFBRAND_MAIL_SENDER": "accounts@example.org",
}
DEVELOPMENT = {"OFFBRAND_ENV": "development", "OFFBRAND_SECRET_KEYS": KEY}

WRONG = [
    ("ENV", "staging"),
    ("ENV", "Production"),
    ("DATABASE_URL", "oracle://db.example.org/x"),
    ("DATABASE_URL", "mysql://db.example.org/x"),
    ("DATABASE_URL", "offbrand.db"),
    ("SECRET_KEYS", "secret"),
    ("SECRET_KEYS", KEY[:-1]),
    ("SECRET_KEYS", "a" * 64),
    ("SECRET_KEYS", f"{KEY},short"),
    ("SECRET_KEYS", f"{KEY},"),
    ("THROTTLE_URL", "127.0.0.1:6379"),
    ("THROTTLE_URL", "redis://"),
    ("BASE_URL", "example.org"),
    ("BASE_URL", "ftp://example.org"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https://example.org/app"),
    ("BASE_URL", "https://example.org?x=1"),
    ("BASE_URL", "https://example.org#x"),
    ("BASE_URL", "https://someone@example.org"),
    ("BASE_URL", "https://@example.org"),
    ("BASE_URL", "https://example.org:notaport"),
    ("BASE_URL", "https://example.org:99999"),
    ("BASE_URL", "https://exa mple.org"),
    ("BASE_URL", "https://b\u00fccher.example"),
    ("BASE_URL", "https://[::1"),
    ("SMTP_URL", "relay.example.org"),
    ("SMTP_URL", "http://relay.example.org"),
    ("SMTP_URL", "smtp://"),
    ("SMTP_URL", "smtp://relay.example.org:port"),
    ("MAIL_SENDER", "nobody"),
    ("MAIL_SENDER", "Somebody <somebody@example.org>"),
    ("MAIL_SENDER", "a@example.org,b@example.org"),
    ("MAIL_SENDER", "a@example.org\r\nBcc: b@example.org"),
    ("MAIL_SUBJECT_PREFIX", "one\ntwo"),
    ("MAIL_SUBJECT_PREFIX", "x" * 65),
    ("PRODUCT", "one\x07two"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "11"),
    ("TRUSTED_PROXIES", "all"),
    ("HASH_SLOTS", "0"),
    ("HASH_SLOTS", "1.5"),
    ("HASH_MEMORY_KIB", "7"),
    ("HASH_MEMORY_KIB", "9" * 30),
    ("HASH_PASSES", "0"),
    ("HASH_LANES", "0"),
    ("HASH_LANES", "two"),
    ("PASSWORD_MIN_LENGTH", "14"),
    ("PASSWORD_MIN_LENGTH", "65"),
    ("BREACHED_PASSWORDS_FILE", "/nowhere/at/all"),
    ("BREACHED_PASSWORDS_FILE", "/"),
    ("DELIVERY_THREAD", "maybe"),
    ("LOG_FORMAT", "xml"),
    ("CONFIRMATION_LIFETIME", "3"),
    ("CONFIRMATION_LIFETIME", "0d"),
    ("CONFIRMATION_LIFETIME", "3 d"),
    ("RESET_LIFETIME", "25h"),
    ("EMAIL_CHANGE_LIFETIME", "-1h"),
    ("EMAIL_UNDO_LIFETIME", "7w"),
    ("INVITATION_LIFETIME", "4000d"),
    ("SESSION_LIFETIME", "999999999d"),
    ("SESSION_IDLE", "12hours"),
    ("REMEMBERED_LIFETIME", "1e3d"),
    ("CLOSED_FOR", "for ever"),
    ("RETENTION", "never"),
]


@pytest.mark.parametrize("environ", [PRODUCTION, DEVELOPMENT], ids=["production", "development"])
@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}={value[:70]!r}" for name, value in WRONG])
def test_a_wrong_setting_is_named_in_one_sentence(name: str, value: str, environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({**environ, f"OFFBRAND_{name}": value})
    sentence = str(refused.value)
    assert (f"OFFBRAND_{name}" in sentence, sentence.endswith("."), "\n" in sentence) == (True, True, False)


@pytest.mark.parametrize(
    ("missing", "defect"),
    [("SECRET_KEYS", "D1"), ("BASE_URL", "D37"), ("SMTP_URL", "D61"), ("MAIL_SENDER", "D61")],
)
def test_production_makes_nothing_up(missing: str, defect: str) -> None:
    """D1, D37, D61: no key, address or sender that anybody could have read in the source."""
    environ = {name: value for name, value in PRODUCTION.items() if name != f"OFFBRAND_{missing}"}
    with pytest.raises(SettingsError, match=f"OFFBRAND_{missing} "):
        Settings.from_env(environ)
    assert defect


def test_d1_no_secret_key_has_a_default() -> None:
    with pytest.raises(SettingsError, match="OFFBRAND_SECRET_KEYS is required"):
        Settings.from_env({name: value for name, value in PRODUCTION.items() if name != "OFFBRAND_SECRET_KEYS"})


def test_d2_production_is_what_an_empty_environment_means() -> None:
    with pytest.raises(SettingsError, match="in production"):
        Settings.from_env({})
    assert Settings.from_env(PRODUCTION).production


def test_d9_no_setting_makes_an_administrator() -> None:
    """A role comes from an operator's command, never from an address that was configured."""
    settings = Settings.from_env({**PRODUCTION, "OFFBRAND_ADMIN": "ada@example.org"})
    assert Policy().first_roles == settings.policy.first_roles
    assert "ada" not in repr(settings)


def test_d37_production_links_are_https() -> None:
    with pytest.raises(SettingsError, match="OFFBRAND_BASE_URL must begin with https"):
        Settings.from_env({**PRODUCTION, "OFFBRAND_BASE_URL": "http://auth.example.org"})
    assert Settings.from_env(PRODUCTION).is_https


def test_d61_no_secret_shows_in_the_settings() -> None:
    """D61, law L9: keys, and the passwords of database and mail server, come from the environment and stay inside."""
    settings = Settings.from_env(
        {
            **PRODUCTION,
            "OFFBRAND_DATABASE_URL": "postgresql://offbrand:canary-database@db.example.org/offbrand",
            "OFFBRAND_SMTP_URL": "smtp://offbrand:canary-mail@relay.example.org:587",
        }
    )
    assert ("canary" in repr(settings), KEY in repr(settings)) == (False, False)


@pytest.mark.parametrize("name", ["DATABASE_URL", "SMTP_URL", "SECRET_KEYS", "BASE_URL"])
def test_a_refused_setting_is_not_repeated(name: str) -> None:
    """Law L9: what was put where may be a password."""
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({**PRODUCTION, f"OFFBRAND_{name}": "x://user:canary@host"})
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("OFFBRAND_SECRET_KEY", "OFFBRAND_SECRET_KEYS"),
        ("OFFBRAND_DATABSE_URL", "OFFBRAND_DATABASE_URL"),
        ("OFFBRAND_TRUSTED_PROXY", "OFFBRAND_TRUSTED_PROXIES"),
        ("OFFBRAND_HASH_SLOT", "OFFBRAND_HASH_SLOTS"),
    ],
)
def test_a_misspelt_setting_is_refused(misspelt: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"{misspelt} is not a setting; did you mean {meant}"):
        Settings.from_env({**PRODUCTION, misspelt: "1"})


def test_what_others_put_under_the_prefix_is_left_alone() -> None:
    """Kubernetes names variables after a service; the tests have settings of their own."""
    others = [
        "OFFBRAND_SERVICE_HOST",
        "OFFBRAND_SERVICE_PORT",
        "OFFBRAND_PORT",
        "OFFBRAND_PORT_8000_TCP_ADDR",
        "OFFBRAND_REQUIRE",
        "OFFBRAND_TEST_POSTGRES_URL",
        "OFFBRAND_TEST_MARIADB_URL",
    ]
    settings = Settings.from_env({**PRODUCTION, **dict.fromkeys(others, "x")})
    assert settings == Settings.from_env(PRODUCTION)
    assert sorted(others) == [*settings.unread]


def test_hashing_below_what_asvs_allows_stops_production_only() -> None:
    cheap = {"OFFBRAND_HASH_MEMORY_KIB": str(19 * 1024 - 1), "OFFBRAND_HASH_PASSES": "2"}
    with pytest.raises(SettingsError, match="OFFBRAND_HASH_MEMORY_KIB and OFFBRAND_HASH_PASSES are below"):
        Settings.from_env({**PRODUCTION, **cheap})
    assert Settings.from_env({**PRODUCTION, **cheap, "OFFBRAND_HASH_MEMORY_KIB": str(19 * 1024)}).is_hash_dear_enough
    assert not Settings.from_env({**DEVELOPMENT, **cheap}).is_hash_dear_enough


def test_each_lane_needs_memory() -> None:
    """Argon2 refuses to hash with less, which no login should be the first to find out."""
    with pytest.raises(SettingsError, match="OFFBRAND_HASH_MEMORY_KIB must be at least 8 for each"):
        Settings.from_env({**DEVELOPMENT, "OFFBRAND_HASH_MEMORY_KIB": "15", "OFFBRAND_HASH_LANES": "2"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Auth.Example.ORG", "https://auth.example.org"),
        ("https://auth.example.org/", "https://auth.example.org"),
        ("https://auth.example.org:443", "https://auth.example.org"),
        ("https://auth.example.org:8443", "https://auth.example.org:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_base_url_is_written_as_browsers_write_an_origin(given: str, kept: str) -> None:
    assert kept == Settings.from_env({**PRODUCTION, "OFFBRAND_BASE_URL": given}).base_url


def test_keys_are_a_list_newest_last() -> None:
    other = KEY[::-1]
    keys = Settings.from_env({**PRODUCTION, "OFFBRAND_SECRET_KEYS": f" {KEY} , {other} "}).secret_keys
    assert [KEY, other] == [key.reveal() for key in keys]


def test_lifetimes_and_numbers_reach_the_policy() -> None:
    policy = Settings.from_env(
        {
            **PRODUCTION,
            "OFFBRAND_RESET_LIFETIME": "90s",
            "OFFBRAND_CONFIRMATION_LIFETIME": "15m",
            "OFFBRAND_SESSION_LIFETIME": "2h",
            "OFFBRAND_REMEMBERED_LIFETIME": "60d",
            "OFFBRAND_PASSWORD_MIN_LENGTH": "20",
        }
    ).policy
    assert timedelta(seconds=90) == policy.lifetimes[Purpose.PASSWORD_RESET]
    assert timedelta(minutes=15) == policy.lifetimes[Purpose.CONFIRMATION]
    assert timedelta(hours=2) == policy.session.absolute
    assert (timedelta(days=60), timedelta(days=60)) == (
        policy.remembered_session.absolute,
        policy.remembered_session.idle,
    )
    assert policy.password_min == 20


def test_an_empty_environment_in_development_means_the_defaults_of_the_policy(tmp_path: Path) -> None:
    environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}
    assert Policy() == Settings.from_env(environ).policy


def test_development_makes_its_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}
    settings = Settings.from_env(environ)
    assert tmp_path / "x.db.key" == settings.key_file
    assert stat.S_IMODE((tmp_path / "x.db.key").stat().st_mode) == 0o600
    assert settings.secret_keys == Settings.from_env(environ).secret_keys
    assert [path.name for path in tmp_path.iterdir()] == ["x.db.key"]


def test_two_developments_have_two_keys(tmp_path: Path) -> None:
    one, two = (
        Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/{name}.db"})
        for name in ("one", "two")
    )
    assert one.secret_keys != two.secret_keys


def test_no_key_is_made_for_settings_that_are_wrong(tmp_path: Path) -> None:
    environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}
    for wrong in ({"OFFBRAND_HASH_SLOTS": "many"}, {"OFFBRAND_SECRET_KEY": KEY}):
        with pytest.raises(SettingsError):
            Settings.from_env({**environ, **wrong})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"too short", b"\xff" * 64])
def test_a_spoilt_key_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.db.key"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"{path}"):
        Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"})


def test_a_directory_where_no_key_can_be_made_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    (tmp_path / "x.db.key").symlink_to(tmp_path / "missing" / "key")
    with pytest.raises(SettingsError, match=r"OFFBRAND_SECRET_KEYS is not set and .*x.db.key cannot be used"):
        Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": url})


@pytest.mark.parametrize(
    ("url", "mailbox"),
    [
        ("sqlite:////var/lib/offbrand.db", "/var/lib/offbrand.db.mailbox"),
        ("sqlite:///offbrand.db?lock_timeout=3", "offbrand.db.mailbox"),
        ("sqlite:///:memory:", "offbrand.mailbox"),
        ("postgresql://db.example.org/x", "offbrand.mailbox"),
    ],
)
def test_the_mailbox_lies_beside_the_database(url: str, mailbox: str) -> None:
    assert Path(mailbox) == Settings.from_env({**DEVELOPMENT, "OFFBRAND_DATABASE_URL": url}).mailbox
