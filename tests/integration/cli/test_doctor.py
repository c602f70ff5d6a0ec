"""Doctor: one finding for each thing that it looked at, and an exit code that says whether all is well."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from offbrand import bootstrap
from offbrand.entrypoints.cli.checks import CHECKS, examine_with
from offbrand.entrypoints.cli.checks.finding import Check, Finding, Patient, State, bad, ok
from offbrand.settings import Settings
from tests.integration.cli.examined import KEY, examined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.cli.terminal import Terminal

EVERYTHING = ["settings", *(check.name for check in CHECKS)]


def test_a_deployment_that_is_well(terminal: Terminal) -> None:
    """Warnings, for plain http and hashing that costs next to nothing here, harm nobody."""
    report = examined(terminal)
    assert (report.exit_code, report.checks) == (0, EVERYTHING)
    warned = {check for check in report.checks if report.states(check) != {"ok"}}
    assert warned == {"cookies", "hashing"}


def test_a_person_reads_one_thing_below_another(terminal: Terminal) -> None:
    """In 80 columns unless a path alone is longer, and with a last line that says what it comes to."""
    screen = terminal.but(COLUMNS="80").do("doctor").splitlines()
    assert all(len(line) <= 80 or len(line[22:].split()) == 1 for line in screen)
    heads = [line[8:22].strip().replace(" ", "_") for line in screen if line[:8].strip()]
    assert heads[:-1] == EVERYTHING
    assert screen[-2:] == ["", "0 bad, 2 warnings. Nothing has to be mended."]


def test_a_person_sees_at_once_what_is_bad(terminal: Terminal) -> None:
    (terminal.folder / "offbrand.db").unlink()
    result = terminal.run("doctor")
    assert result.exit_code == 78
    assert "BAD     database" in result.stdout
    assert "-> Run: offbrand db upgrade" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 bad, 2 warnings, 5 skipped. Something has to be mended."


def test_wrong_settings_leave_nothing_to_look_at(terminal: Terminal) -> None:
    report = examined(terminal.but(OFFBRAND_HASH_SLOTS="many"))
    assert report.checks == EVERYTHING
    assert "OFFBRAND_HASH_SLOTS" in report.says("settings")
    assert {state for check in EVERYTHING[1:] for state in report.states(check)} == {"skipped"}


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
    wrong = terminal.but(**{f"OFFBRAND_{name}": value, "OFFBRAND_SECRET_KEYS": KEY})
    report = examined(wrong)
    assert report.states("settings") == {"bad"}
    assert f"OFFBRAND_{name}" in report.says("settings")
    assert "canary" not in str(report)
    refused = wrong.run("mail", "status")
    assert (refused.exit_code, "defect" in refused.stderr) == (78, False)


@pytest.mark.parametrize("time", ["0ms", "fast", "11s", "250", "-1s"])
def test_a_target_that_is_no_time_is_refused(time: str, terminal: Terminal) -> None:
    assert terminal.run("doctor", "--target-time", time).exit_code == 64


def _well(_patient: Patient) -> Iterator[Finding]:
    yield ok("Fine.")


def _ill(_patient: Patient) -> Iterator[Finding]:
    yield bad("Not at all.", "Mend it.")


def _broken(_patient: Patient) -> Iterator[Finding]:
    yield ok("So far.")
    secret = "canary"
    raise ValueError(secret)


def test_a_check_that_fails_hides_only_what_needs_it(terminal: Terminal) -> None:
    """L9: and tells nothing of what it failed with."""
    checks = [
        Check("broken", _broken),
        Check("stranger", _well),
        Check("child", _well, needs=("broken",)),
        Check("ill", _ill),
        Check("other", _well, needs=("stranger", "ill")),
    ]
    settings = Settings.from_env(terminal.environ)
    with bootstrap.connected(settings) as auth:
        found = list(examine_with(checks, Patient(settings=settings, auth=auth, target=timedelta(seconds=1))))
    expected = [State.BAD, State.OK, State.SKIPPED, State.BAD, State.SKIPPED]
    assert [(check.name, state) for check, state in zip(checks, expected, strict=True)] == [
        (name, finding.state) for name, finding in found
    ]
    assert "canary" not in str(found)
    assert "ValueError" in found[0][1].finding


def _locked(_patient: Patient) -> Iterator[Finding]:
    raise PermissionError(13, "Permission denied", "/var/lib/offbrand/offbrand.db")
    yield


def test_a_check_that_is_not_let_in_says_where(terminal: Terminal) -> None:
    """Operators are rarely the user that the service runs as, whose folder nobody else can enter."""
    settings = Settings.from_env(terminal.environ)
    with bootstrap.connected(settings) as auth:
        patient = Patient(settings=settings, auth=auth, target=timedelta(seconds=1))
        [(_, finding)] = examine_with([Check("locked", _locked)], patient)
    assert (finding.state, "/var/lib/offbrand/offbrand.db" in finding.finding) == (State.BAD, True)
    assert "user" in finding.advice
