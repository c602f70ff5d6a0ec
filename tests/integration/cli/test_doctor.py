"""Doctor: one line for each thing that it looked at, and an exit code that says whether all is well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.terminal import Terminal


def examined(terminal: Terminal) -> tuple[int, dict[str, Any]]:
    """Return the exit code, and the checks by name."""
    result = terminal.run("doctor", "--json")
    report = json.loads(result.stdout)
    assert report["healthy"] == (result.exit_code == 0) == all(check["ok"] for check in report["checks"])
    return result.exit_code, {check["name"]: check for check in report["checks"]}


def test_a_deployment_that_is_well(terminal: Terminal) -> None:
    code, checks = examined(terminal)
    assert (code, list(checks)) == (0, ["settings", "database", "tables", "mail", "hash", "secret_keys"])
    lines = terminal.do("doctor").splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", name] for name in checks]


def test_wrong_settings_are_the_only_finding(terminal: Terminal) -> None:
    code, checks = examined(terminal.but(OFFBRAND_HASH_SLOTS="many"))
    assert (code, list(checks)) == (78, ["settings"])
    assert "OFFBRAND_HASH_SLOTS" in checks["settings"]["finding"]
    assert terminal.but(OFFBRAND_HASH_SLOTS="many").run("doctor").stdout.startswith("BAD  settings")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "sqlite+x:///y"),
        ("DATABASE_URL", "sqlite://offbrand.db"),
        ("SMTP_URL", "smtp://ann@mail.example.org"),
        ("SMTP_URL", "smtp+plain://ann:canary@mail.example.org"),
        ("SMTP_URL", "smtp://mail.example.org/path"),
        ("MAIL_SENDER", "a..b@example.org"),
    ],
)
def test_a_setting_that_an_adapter_refuses(name: str, value: str, terminal: Terminal) -> None:
    """Found here, and not only when the first letter is due; any other command says the same sentence."""
    wrong = terminal.but(**{f"OFFBRAND_{name}": value, "OFFBRAND_SECRET_KEYS": "0123456789abcdef" * 2})
    code, checks = examined(wrong)
    assert (code, list(checks)) == (78, ["settings"])
    assert f"OFFBRAND_{name}" in checks["settings"]["finding"]
    assert "canary" not in str(checks)
    refused = wrong.run("mail", "status")
    assert (refused.exit_code, "defect" in refused.stderr) == (78, False)


@pytest.mark.parametrize(
    "url", ["postgresql://offbrand:canary@127.0.0.1:1/x", "mariadb://offbrand:canary@127.0.0.1:1/x"]
)
def test_a_database_that_does_not_answer(url: str, terminal: Terminal) -> None:
    code, checks = examined(terminal.but(OFFBRAND_DATABASE_URL=url, OFFBRAND_SECRET_KEYS="0123456789abcdef" * 2))
    assert (code, checks["database"]["ok"], "tables" in checks) == (78, False, False)
    assert "canary" not in str(checks)


def test_tables_that_are_missing(terminal: Terminal) -> None:
    code, checks = examined(terminal.but(OFFBRAND_DATABASE_URL=f"sqlite:///{terminal.folder}/other.db"))
    assert (code, checks["database"]["ok"], checks["tables"]["ok"]) == (78, True, False)
    assert "offbrand db upgrade" in checks["tables"]["finding"]


def test_a_key_that_others_can_read(terminal: Terminal) -> None:
    (terminal.folder / "offbrand.db.key").chmod(0o644)
    code, checks = examined(terminal)
    assert (code, checks["secret_keys"]["ok"]) == (78, False)


def test_keys_in_the_environment_have_no_file(terminal: Terminal) -> None:
    code, checks = examined(terminal.but(OFFBRAND_SECRET_KEYS="0123456789abcdef0123456789abcdef"))
    assert (code, checks["secret_keys"]["finding"]) == (0, "They are in the environment.")


def test_a_mail_server_is_enough(terminal: Terminal) -> None:
    code, checks = examined(terminal.but(OFFBRAND_SMTP_URL="smtp://user:canary@relay.example.org"))
    assert (code, checks["mail"]["finding"]) == (0, "A mail server is configured.")


def test_a_mailbox_that_cannot_be_written(terminal: Terminal) -> None:
    (terminal.folder / "offbrand.db.mailbox").write_text("in the way")
    code, checks = examined(terminal)
    assert (code, checks["mail"]["ok"]) == (78, False)


def test_hashing_as_production_needs_it_is_told_apart(terminal: Terminal) -> None:
    dear = terminal.but(OFFBRAND_HASH_MEMORY_KIB="65536", OFFBRAND_HASH_PASSES="3")
    assert examined(dear)[1]["hash"]["finding"].startswith("Dear enough")
    assert examined(terminal)[1]["hash"]["finding"].startswith("Below what production needs")
