"""Doctor, on what needs no database: keys, base URL, cookies, proxies, files and the cost of hashing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand import bootstrap
from offbrand.entrypoints.cli.checks import hashing
from offbrand.entrypoints.web import create_app
from offbrand.settings import HASH_FLOORS, Settings
from tests.integration.cli.examined import KEY, OTHER_KEY, examined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.integration.cli.terminal import Terminal

PRODUCTION = {
    "OFFBRAND_ENV": "production",
    "OFFBRAND_SECRET_KEYS": KEY,
    "OFFBRAND_BASE_URL": "https://localhost",
    "OFFBRAND_SMTP_URL": "smtp+plain://127.0.0.1:1",
    "OFFBRAND_MAIL_SENDER": "accounts@example.org",
    "OFFBRAND_HASH_MEMORY_KIB": "12288",
    "OFFBRAND_HASH_PASSES": "3",
}


@pytest.fixture
def deployed(terminal: Terminal) -> Terminal:
    """A terminal over a deployment in production."""
    return terminal.but(**PRODUCTION)


def open_ways(url: str) -> Sequence[str]:
    """Return what `bootstrap` says of a deployment with that database."""
    environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": url, "OFFBRAND_SECRET_KEYS": KEY}
    return bootstrap.open_ways(Settings.from_env(environ))


def test_variables_that_mean_nothing(terminal: Terminal) -> None:
    """Only what is nearly a setting's name stops the start; L9: a value may be a secret."""
    wrong = {"OFFBRAND_PROXIES": "canary", "OFFBRAND_SERVICE_PORT": "8000"}
    report = examined(terminal.but(**wrong))
    assert (report.exit_code, report.states("environment")) == (0, {"warning"})
    assert "OFFBRAND_PROXIES, OFFBRAND_SERVICE_PORT are no settings." in report.says("environment")
    assert "canary" not in str(report)
    of_tests = {"OFFBRAND_REQUIRE": "redis", "OFFBRAND_TEST_POSTGRES_URL": "postgresql://127.0.0.1/x"}
    assert examined(terminal.but(**of_tests)).states("environment") == {"ok"}


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("postgresql+psycopg://db.example.org/offbrand", "warning"),
        ("postgresql+psycopg://db.example.org/offbrand?sslmode=require", "warning"),
        ("postgresql+psycopg://db.example.org/offbrand?sslmode=verify-full", "ok"),
        ("postgresql+psycopg://127.0.0.1:1/offbrand", "ok"),
        ("postgresql+psycopg:///offbrand?host=/run/postgresql", "ok"),
        ("postgresql+psycopg:///offbrand?host=db.example.org", "warning"),
        ("postgresql+psycopg:///offbrand?host=db.example.org:5433", "warning"),
        ("postgresql+psycopg:///offbrand?host=localhost:5433", "ok"),
        ("postgresql+psycopg://localhost/offbrand?host=db.example.org", "warning"),
        ("postgresql+psycopg://db.example.org/offbrand?host=localhost", "ok"),
        ("postgresql+psycopg:///offbrand?host=/run/postgresql,localhost,::1", "ok"),
        ("postgresql+psycopg:///offbrand?host=localhost,db.example.org", "warning"),
        ("postgresql+psycopg:///offbrand?host=localhost:1&host=db.example.org:1", "warning"),
        ("postgresql+psycopg:///offbrand?hostaddr=192.0.2.1", "warning"),
        ("postgresql+psycopg://localhost/offbrand?hostaddr=127.0.0.1,192.0.2.1", "warning"),
        ("postgresql+psycopg://localhost/offbrand?hostaddr=127.0.0.1", "ok"),
        ("postgresql+psycopg://localhost/offbrand?service=any", "warning"),
        ("postgresql+psycopg:///offbrand?service=any&sslmode=verify-full", "ok"),
        ("mariadb+pymysql://db.example.org/offbrand", "warning"),
        ("mariadb+pymysql://localhost/offbrand?host=db.example.org", "warning"),
        ("mariadb+pymysql://db.example.org/offbrand?unix_socket=/run/mysqld/mysqld.sock", "ok"),
        ("mariadb+pymysql:///offbrand", "ok"),
        ("mariadb+pymysql:///offbrand?read_default_file=/etc/my.cnf", "warning"),
        ("mariadb+pymysql://localhost/offbrand?read_default_file=/etc/my.cnf", "ok"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl=true", "warning"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl_cert=/etc/ssl/own.pem", "warning"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl_ca=/etc/ssl/ca.pem", "ok"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl_capath=/etc/ssl/certs&ssl_check_hostname=true", "ok"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl_ca=/etc/ssl/ca.pem&ssl_check_hostname=false", "warning"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl_ca=/etc/ssl/ca.pem&ssl_disabled=true", "warning"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl_ca=/etc/ssl/ca.pem&ssl_verify_cert=true", "warning"),
        ("mariadb+pymysql://db.example.org/offbrand?ssl_ca=/etc/ssl/ca.pem&ssl_verify_identity=true", "warning"),
    ],
)
def test_the_way_to_a_database(url: str, state: str) -> None:
    """ASVS 12.3: over a network, its server has to prove who it is."""
    assert open_ways(url) == ([] if state == "ok" else ["OFFBRAND_DATABASE_URL"])


def test_the_way_to_a_database_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """ASVS 12.3: where the URL names no host, PostgreSQL's library looks there."""
    monkeypatch.setenv("PGHOST", "db.example.org")
    assert open_ways("postgresql+psycopg:///offbrand") == ["OFFBRAND_DATABASE_URL"]
    assert open_ways("postgresql+psycopg://localhost/offbrand") == []


@pytest.mark.parametrize(
    ("url", "states"),
    [
        ("redis://counts.example.org", {"warning"}),
        ("rediss://counts.example.org", {"ok"}),
        ("valkeys://counts.example.org?ssl_cert_reqs=optional&ssl_check_hostname=true", {"ok"}),
        ("rediss://counts.example.org?ssl_cert_reqs=none", {"warning"}),
        ("rediss://counts.example.org?ssl_check_hostname=no", {"warning"}),
        ("rediss://127.0.0.1?ssl_cert_reqs=none", {"ok"}),
        ("redis://127.0.0.1:1?host=counts.example.org", {"ok"}),
        ("redis://127.0.0.1:1", {"ok"}),
        ("unix:///run/redis.sock", {"ok"}),
    ],
)
def test_the_way_to_redis(url: str, states: set[str], terminal: Terminal) -> None:
    """ASVS 12.3: what it counts says who may guess on."""
    report = examined(terminal.but(OFFBRAND_THROTTLE_URL=url))
    assert (report.exit_code, report.states("ways")) == (0, states)


def test_keys_that_are_random(terminal: Terminal) -> None:
    report = examined(terminal.but(OFFBRAND_SECRET_KEYS=f"{OTHER_KEY},{KEY}"))
    assert report.says("keys").startswith("2 keys that cannot be guessed, in the environment.")


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("0123456789abcdef0123456789abcdef", "repeats itself every 16 characters"),
        ("please change this to something of your own!", "words that come from an example"),
        ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", "counts up"),
        ("abcdefghijkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "too little variety"),
        (f"{KEY},{KEY}", "the same"),
        (f"{KEY},0123456789abcdef0123456789abcdef", "Key 2 of 2"),
    ],
)
def test_keys_that_others_could_know(keys: str, why: str, terminal: Terminal) -> None:
    """D1, L9: without showing them."""
    report = examined(terminal.but(OFFBRAND_SECRET_KEYS=keys))
    assert report.states("keys") == {"bad"}
    assert why in report.says("keys")
    assert not [key for key in keys.split(",") if key in str(report)]


def test_the_key_of_development_has_no_place_in_production(deployed: Terminal) -> None:
    """D1: it lies in a file beside the database, perhaps in a repository."""
    made = (deployed.folder / "offbrand.db.key").read_text(encoding="ascii")
    report = examined(deployed.but(OFFBRAND_SECRET_KEYS=f"{made},{KEY}"))
    assert report.states("keys") == {"bad"}
    assert made not in str(report)
    assert examined(deployed).states("keys") == {"ok"}


def test_keys_that_should_be_gone_by_now(terminal: Terminal) -> None:
    keys = ",".join(f"{number:x}{KEY}" for number in range(6))
    assert examined(terminal.but(OFFBRAND_SECRET_KEYS=keys)).states("keys") == {"warning"}


@pytest.mark.parametrize(
    ("url", "states", "says"),
    [
        ("http://localhost:8000", {"ok"}, "this machine"),
        ("https://127.0.0.2", {"ok"}, "whose host is known"),
        ("http://nowhere.invalid", {"warning"}, "plain http"),
        ("https://nowhere.invalid", {"warning"}, "does not know the host nowhere.invalid"),
    ],
)
def test_where_links_lead(url: str, states: set[str], says: str, terminal: Terminal) -> None:
    report = examined(terminal.but(OFFBRAND_BASE_URL=url))
    assert report.states("base_url") == states
    assert says in report.says("base_url")


def test_links_of_production_that_lead_to_the_readers_own_machine(deployed: Terminal) -> None:
    assert examined(deployed).states("base_url") == {"warning"}
    assert "the reader's own machine" in examined(deployed).says("base_url")


@pytest.mark.parametrize(("url", "state"), [("https://localhost", "ok"), ("http://localhost", "warning")])
def test_cookies_are_told_as_browsers_get_them(url: str, state: str, terminal: Terminal) -> None:
    terminal = terminal.but(OFFBRAND_BASE_URL=url)
    report = examined(terminal)
    assert report.states("cookies") == {state}
    settings = Settings.from_env(terminal.environ)
    with bootstrap.connected(settings) as auth:
        answer = create_app(auth, settings).test_client().get("/auth/reset/token", base_url=url)
    sent = answer.headers["Set-Cookie"]
    name = report.says("cookies").split()[0]
    assert sent.startswith(f"{name}-link=")
    assert ("; Secure" in sent) == (state == "ok")
    assert "HttpOnly" in sent
    assert "SameSite=Lax" in sent


@pytest.mark.parametrize(
    ("url", "count", "state"),
    [
        ("https://example.org", "0", "warning"),
        ("https://example.org", "1", "ok"),
        ("https://example.org", "2", "ok"),
        ("http://localhost", "1", "warning"),
        ("http://localhost", "0", "ok"),
    ],
)
def test_proxies_have_to_go_with_the_base_url(url: str, count: str, state: str, terminal: Terminal) -> None:
    """L8: else visitors share one limit of guesses, or make up their own."""
    report = examined(terminal.but(OFFBRAND_BASE_URL=url, OFFBRAND_TRUSTED_PROXIES=count))
    assert report.states("proxies") == {state}


@pytest.mark.parametrize("name", ["offbrand.db.key", "offbrand.db", "offbrand.db.mailbox", "state/offbrand"])
def test_what_others_can_read(name: str, ada: Terminal) -> None:
    """L9."""
    assert examined(ada).states("permissions") == {"ok"}
    (ada.folder / name).chmod(0o755)
    report = examined(ada)
    assert (report.exit_code, report.states("permissions")) == (78, {"bad"})
    assert f"chmod {'600' if (ada.folder / name).is_file() else '700'} {ada.folder / name}" in report.says(
        "permissions"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else(terminal: Terminal) -> None:
    os.chown(terminal.folder / "offbrand.db.key", 65534, -1)
    assert "belongs to somebody else" in examined(terminal).says("permissions")


def test_nothing_is_open_where_nothing_is(terminal: Terminal) -> None:
    (terminal.folder / "offbrand.db").unlink()
    report = examined(terminal.but(OFFBRAND_SECRET_KEYS=KEY, XDG_STATE_HOME=f"{terminal.folder}/none"))
    assert report.says("permissions").startswith("There are no secret files.")


def test_hashing_that_production_would_refuse(terminal: Terminal) -> None:
    report = examined(terminal, "--target-time", "20ms")
    assert report.states("hashing") == {"warning"}
    assert "below what production needs: 8 KiB" in report.says("hashing")
    assert "For about 20 ms: OFFBRAND_HASH_MEMORY_KIB=" in report.says("hashing")


def test_hashing_that_is_dear_enough(deployed: Terminal) -> None:
    assert examined(deployed).states("hashing") == {"ok"}


def test_hashing_that_visitors_would_not_wait_for(deployed: Terminal) -> None:
    """L7."""
    settings = Settings.from_env(deployed.environ)
    assert [hashing.judged(settings, seconds, 0.25).state for seconds in (0.99, 1.01)] == ["ok", "warning"]


@pytest.mark.parametrize(("share", "state"), [(0.7, "warning"), (1.2, "bad")])
def test_hashing_in_more_memory_than_there_is(share: float, state: str, terminal: Terminal) -> None:
    """L7."""
    slots = str(int(hashing.machine_memory_kib() * share / 65536))
    dear = terminal.but(OFFBRAND_HASH_MEMORY_KIB="65536", OFFBRAND_HASH_SLOTS=slots)
    report = examined(dear)
    assert state in report.states("hashing")
    assert f"{slots} slots take" in report.says("hashing")


@pytest.mark.parametrize("machine", [1024 * 1024, 64 * 1024 * 1024])
@pytest.mark.parametrize("target", [0.001, 0.02, 0.25, 1.0, 10.0])
@pytest.mark.parametrize("seconds", [0.01, 0.1, 3.0])
def test_what_is_suggested_is_never_too_cheap_and_fits(
    seconds: float, target: float, machine: int, tmp_path: Path
) -> None:
    """ASVS 5.0, appendix C; L7."""
    environ = {"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/offbrand.db"}
    settings = attrs.evolve(Settings.from_env(environ), hash_slots=4)
    better = hashing.suggested(settings, seconds, target, machine)
    assert better.is_hash_dear_enough
    assert better.hash_slots * better.hash_memory_kib <= machine / 2
    unit = seconds / (settings.hash_memory_kib * settings.hash_passes)
    expected = unit * better.hash_memory_kib * better.hash_passes
    assert expected <= target or (better.hash_passes, better.hash_memory_kib) in HASH_FLOORS
    # More memory or another pass would take too long, or there is no more.
    dearer = unit * better.hash_memory_kib * (better.hash_passes + 1)
    assert dearer > target or better.hash_passes == 10
