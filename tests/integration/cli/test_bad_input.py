"""Bad input: each command refuses it with a sentence and a code of sysexits(3), and stores nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from offbrand.adapters import memory
from offbrand.entrypoints.cli.app import offbrand
from tests.integration.cli.terminal import OTHER_PASSWORD, PASSWORD, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.cli.terminal import Terminal

ID = "01a20352-936a-7000-ac84-68ca13eb06fa"
HUGE = "x" * 1_000_000
Case = tuple[str, tuple[str, ...], tuple[int, str]]


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Find every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS = dict(commands(offbrand))
CASES: list[Case] = [
    # What is typed is spelled as a shell would split it; then the lines of standard input.
    ("register not-an-address ada", (PASSWORD,), (65, "malformed_email_address")),
    (f"register {HUGE}@example.org ada", (PASSWORD,), (65, "malformed_email_address")),
    ("register bob@example.org 1bob", (PASSWORD,), (65, "malformed_username")),
    (f"register bob@example.org {HUGE}", (PASSWORD,), (65, "malformed_username")),
    ("register bob@example.org \x1b[31mbob", (PASSWORD,), (65, "malformed_username")),
    ("register bob@example.org root", (PASSWORD,), (65, "malformed_username")),
    ("register bob@example.org ADA", (PASSWORD,), (73, "username_taken")),
    ("register bob@example.org bob", ("short",), (65, "weak_password")),
    ("register bob@example.org bob", ("",), (65, "weak_password")),
    ("register bob@example.org bob", (HUGE,), (65, "malformed_password")),
    ("register bob@example.org bob", ("a lantern, \0 a ladder and a loaf",), (65, "malformed_password")),
    ("register bob@example.org bob", (), (65, "no_input")),
    ("confirm", (), (65, "no_input")),
    ("confirm", ("nonsense", PASSWORD), (77, "invalid_token")),
    ("confirm", ("", PASSWORD), (77, "invalid_token")),
    ("confirm", ("\0", PASSWORD), (77, "invalid_token")),
    ("confirm", (HUGE, PASSWORD), (77, "invalid_token")),
    ("confirm", (f"http://localhost:8000/auth/confirm/{'x' * 5000}", PASSWORD), (77, "invalid_token")),
    ("confirm --anew bob", ("nonsense", PASSWORD), (77, "invalid_token")),
    ("confirm --anew 1bob", ("nonsense", PASSWORD), (65, "malformed_username")),
    ("confirm --discard", ("nonsense",), (77, "invalid_token")),
    ("confirm --resend nobody", (), (65, "malformed_email_address")),
    ("confirm --resend a@example.org --discard", (), (64, "usage")),
    ("login nobody", (PASSWORD,), (77, "invalid_credentials")),
    ("login ada", (), (65, "no_input")),
    ("login ada", (HUGE,), (65, "malformed_password")),
    ("login ada", ("\0",), (65, "malformed_password")),
    (f"login {HUGE}", (PASSWORD,), (77, "invalid_credentials")),
    ("prove", (OTHER_PASSWORD,), (77, "wrong_password")),
    ("prove", (), (65, "no_input")),
    ("password reset nobody", (), (65, "malformed_email_address")),
    ("password reset-complete", ("nonsense", OTHER_PASSWORD), (77, "invalid_token")),
    ("password reset-complete", (), (65, "no_input")),
    ("password change", (), (65, "no_input")),
    ("password change", (PASSWORD,), (65, "no_input")),
    ("password change", (PASSWORD, "short"), (65, "weak_password")),
    ("password change", (OTHER_PASSWORD, "marmalade under the third stair"), (77, "wrong_password")),
    ("email change nobody", (), (65, "malformed_email_address")),
    ("email change ADA@example.org", (), (65, "address_unchanged")),
    ("email change-complete", ("nonsense",), (77, "invalid_token")),
    ("email change-complete", (), (65, "no_input")),
    ("email undo", ("nonsense",), (77, "invalid_token")),
    ("email undo", (), (65, "no_input")),
    ("sessions end nonsense", (), (67, "unknown_session")),
    (f"sessions end {ID}", (), (67, "unknown_session")),
    ("activity --limit 0", (), (64, "usage")),
    ("activity --limit many", (), (64, "usage")),
    ("accounts show nobody", (), (67, "unknown_account")),
    ("accounts show nobody@example.org", (), (67, "unknown_account")),
    (f"accounts show {ID}", (), (67, "unknown_account")),
    (f"accounts show {HUGE}", (), (67, "unknown_account")),
    ("accounts show \udcff", (), (67, "unknown_account")),
    ("accounts list --after nonsense", (), (64, "usage")),
    ("accounts list --limit 1001", (), (64, "usage")),
    ("accounts invite nobody bob", (), (65, "malformed_email_address")),
    ("accounts invite bob@example.org 1bob", (), (65, "malformed_username")),
    ("accounts invite ada@example.org bob", (), (73, "address_taken")),
    ("accounts invite bob@example.org ada", (), (73, "username_taken")),
    ("accounts invite bob@example.org bob --role Emperor", (), (65, "unknown_role")),
    ("accounts disable nobody", (), (67, "unknown_account")),
    ("accounts enable ada", (), (65, "wrong_state")),
    ("accounts reopen ada", (), (65, "wrong_state")),
    ("accounts end-undo ada", (), (65, "wrong_state")),
    ("accounts end-sessions nobody", (), (67, "unknown_account")),
    ("accounts remove-password nobody", (), (67, "unknown_account")),
    ("accounts grant ada Emperor", (), (65, "unknown_role")),
    (f"accounts grant ada {HUGE}", (), (65, "unknown_role")),
    ("accounts grant nobody User", (), (67, "unknown_account")),
    ("accounts revoke nobody User", (), (67, "unknown_account")),
    ("accounts disable ada --actor \x1b[31m", (), (64, "usage")),
    (f"accounts disable ada --actor {HUGE}", (), (64, "usage")),
    ("events list --account nobody", (), (67, "unknown_account")),
    ("events list --after -1", (), (64, "usage")),
    (f"events list --account {ID} --after 1", (), (64, "usage")),
    ("serve --port 70000", (), (64, "usage")),
    ("serve --port http", (), (64, "usage")),
    ("demo --port -1", (), (64, "usage")),
    ("nonsense", (), (64, "usage")),
    ("accounts nonsense", (), (64, "usage")),
    ("whoami --nonsense", (), (64, "usage")),
]
# These are remembered although they are refused: guesses (law L8).
RECORDED = ("login nobody", f"login {HUGE}", "prove", "password change")


def spelled(case: Case) -> str:
    """Return a name for the case."""
    line, lines, _ = case
    return ascii(f"{line[:60]} < {len(lines)} {lines[0][:12] if lines else ''}")


@pytest.mark.parametrize("case", CASES, ids=spelled)
def test_bad_input_is_refused(case: Case, ada: Terminal) -> None:
    """CLI-02, INP-03, INP-07, TOK-10."""
    line, lines, expected = case
    before = ada.stored()
    result = ada.run(*line.split(" "), lines=lines)
    assert refusal(result) == expected
    if not line.startswith(RECORDED):
        assert ada.stored() == before


@pytest.mark.parametrize(("typed", "meant"), [("acounts list", "accounts"), ("docter", "doctor")])
def test_a_misspelt_command_is_told_from_an_unknown_one(typed: str, meant: str, terminal: Terminal) -> None:
    result = terminal.run(*typed.split())
    assert refusal(result) == (64, "usage")
    assert f"Did you mean '{meant}'?" in result.stderr
    assert "Did you mean" not in terminal.run("nonsense").stderr


NEEDY = [path for path, command in COMMANDS.items() if any(parameter.required for parameter in command.params)]


@pytest.mark.parametrize("path", NEEDY, ids=" ".join)
def test_a_missing_argument_is_told(path: tuple[str, ...], terminal: Terminal) -> None:
    result = terminal.run(*path)
    assert refusal(result) == (64, "usage")
    assert f"Usage: offbrand {' '.join(path)}" in result.stderr


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_cli_01_no_command_takes_a_secret(path: tuple[str, ...], terminal: Terminal) -> None:
    """CLI-01: nothing is called like one, and what is given although nothing is wanted is not repeated."""
    names = [name for parameter in COMMANDS[path].params for name in (parameter.name or "", *parameter.opts)]
    assert not [name for name in names if any(word in name for word in ("password", "token", "link", "secret"))]
    result = terminal.run(*path, *["x"] * len(COMMANDS[path].params), "a-secret-typed-where-none-belongs")
    assert refusal(result) == (64, "usage")
    assert "a-secret" not in result.stderr


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_says_what_every_command_does(path: tuple[str, ...], terminal: Terminal) -> None:
    text = terminal.do(*path, "--help")
    assert text.startswith(f"Usage: offbrand {' '.join(path)} ")
    assert COMMANDS[path].get_short_help_str(200).endswith(".")


@pytest.mark.parametrize("group", sorted({path[:-1] for path in COMMANDS}), ids=lambda group: " ".join(group) or "all")
def test_a_list_of_commands_cuts_no_sentence(group: tuple[str, ...], terminal: Terminal) -> None:
    """In a terminal of 80 columns."""
    lines = terminal.but(COLUMNS="80").do(*group, "--help").splitlines()
    listed = [line for line in lines if line.split() and (*group, line.split()[0]) in COMMANDS]
    assert len(listed) == sum(path[:-1] == group for path in COMMANDS)
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


def test_the_commands_are_those_that_are_promised() -> None:
    """DESIGN 6: names are stable, people write scripts with them."""
    promised = """
        demo, serve, db upgrade, db current, register, confirm, login, prove, whoami, logout, password reset,
        password reset-complete, password change, email change, email change-complete, email undo, sessions list,
        sessions end, sessions end-others, activity, export, close, accounts list, accounts show, accounts invite,
        accounts disable, accounts enable, accounts reopen, accounts end-sessions, accounts end-undo,
        accounts remove-password, accounts grant, accounts revoke, roles list, mail status, mail deliver, mail retry,
        events list, purge, doctor
    """
    assert {" ".join(path) for path in COMMANDS} == {" ".join(name.split()) for name in promised.split(",")}


WITHOUT_SESSION = [
    ("whoami",),
    ("prove",),
    ("password", "change"),
    ("email", "change", "new@example.org"),
    ("email", "change-complete"),
    ("sessions", "list"),
    ("sessions", "end", ID),
    ("sessions", "end-others"),
    ("activity",),
    ("export",),
    ("close",),
]


@pytest.mark.parametrize("command", WITHOUT_SESSION, ids=" ".join)
def test_nothing_is_done_to_an_account_without_being_in_it(command: tuple[str, ...], terminal: Terminal) -> None:
    assert refusal(terminal.run(*command, lines=(PASSWORD, PASSWORD))) == (77, "not_logged_in")


def test_guesses_are_throttled_with_a_time_to_wait(ada: Terminal) -> None:
    """THR-01: in the end even the right password is not looked at, and time alone frees."""
    stranger = ada.but(XDG_STATE_HOME=str(ada.folder / "stranger"))
    for _ in range(20):
        assert refusal(stranger.run("login", "ada", lines=(OTHER_PASSWORD,)))[0] == 77
    result = stranger.run("login", "ada", lines=(PASSWORD,))
    assert refusal(result) == (75, "too_many_attempts")
    assert " Wait " in result.stderr
    ada.do("login", "ada", lines=(PASSWORD,))


def test_a_terminal_has_no_network_that_could_ask_too_often(ada: Terminal) -> None:
    """THR-08: 102 people may be registered at one terminal."""
    auth = memory.auth()[0]
    for number in range(102):
        registered = ada.run("register", f"name{number}@example.org", "somebody", lines=(PASSWORD,), core=auth)
        assert registered.exit_code == 0
