"""The session file: for one person's eyes, one entry a deployment, never exchanged behind the program's back."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.terminal import OTHER_PASSWORD, PASSWORD, Terminal, refusal

if TYPE_CHECKING:
    from pathlib import Path

HOME = "http://localhost:8000"


def kept(terminal: Terminal) -> dict[str, dict[str, str]]:
    """Return what the file holds."""
    entries: dict[str, dict[str, str]] = json.loads(path_of(terminal).read_text())
    return entries


def path_of(terminal: Terminal) -> Path:
    """Return where the file is."""
    return terminal.folder / "state" / "offbrand" / "session.json"


def test_only_its_owner_can_read_it(terminal: Terminal) -> None:
    before = os.umask(0)
    try:
        terminal.join()
    finally:
        os.umask(before)
    path = path_of(terminal)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["session.json"]


def test_log_out_drops_the_session_and_keeps_the_device(ada: Terminal) -> None:
    """Law L8: a known device stays known, so that strangers' guesses cannot keep its owner out."""
    device = kept(ada)[HOME]["device"]
    ada.do("logout")
    assert kept(ada)[HOME] == {"device": device}
    ada.do("login", "ada", lines=(PASSWORD,))
    assert kept(ada)[HOME]["device"] == device


def test_a_session_gets_a_new_token_with_every_proof(ada: Terminal) -> None:
    """Law L3."""
    tokens = {kept(ada)[HOME]["session"]}
    for command, lines in (
        (("prove",), (PASSWORD,)),
        (("password", "change"), (PASSWORD, OTHER_PASSWORD)),
        (("login", "ada"), (OTHER_PASSWORD,)),
    ):
        ada.do(*command, lines=lines)
        tokens.add(kept(ada)[HOME]["session"])
    assert len(tokens) == 4


def test_a_failed_login_leaves_the_session_as_it_was(ada: Terminal) -> None:
    before = path_of(ada).read_bytes()
    ada.run("login", "ada", lines=(OTHER_PASSWORD,))
    assert path_of(ada).read_bytes() == before


def test_two_deployments_do_not_mix(ada: Terminal) -> None:
    other = ada.but(OFFBRAND_BASE_URL="https://auth.example.org")
    assert refusal(other.run("whoami")) == (77, "not_logged_in")
    other.do("login", "ada", lines=(PASSWORD,))
    other.do("logout")
    assert "ada" in ada.do("whoami")
    assert set(kept(ada)) == {HOME, "https://auth.example.org"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_file_that_others_can_see_is_not_used(mode: int, ada: Terminal) -> None:
    path_of(ada).chmod(mode)
    before = path_of(ada).read_bytes()
    for command in (("whoami",), ("login", "ada"), ("logout",)):
        assert refusal(ada.run(*command, lines=(PASSWORD,))) == (77, "session_file_open")
    assert path_of(ada).read_bytes() == before


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
def test_a_directory_that_others_can_enter_is_not_used(mode: int, ada: Terminal) -> None:
    path_of(ada).parent.chmod(mode)
    assert refusal(ada.run("whoami")) == (77, "session_file_open")


def test_a_link_in_its_place_is_not_followed(ada: Terminal) -> None:
    """Somebody else's file must be neither read as a session nor written over."""
    path = path_of(ada)
    elsewhere = path.rename(ada.folder / "elsewhere")
    path.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    assert refusal(ada.run("whoami")) == (73, "session_file")
    assert refusal(ada.run("login", "ada", lines=(PASSWORD,))) == (73, "session_file")
    assert elsewhere.read_bytes() == before


def test_a_link_in_place_of_its_directory_is_not_followed(ada: Terminal) -> None:
    directory = path_of(ada).parent
    directory.symlink_to(directory.rename(ada.folder / "elsewhere"))
    assert refusal(ada.run("whoami")) == (77, "session_file_open")


def test_a_pipe_in_its_place_does_not_hang(ada: Terminal) -> None:
    path_of(ada).unlink()
    os.mkfifo(path_of(ada), 0o600)
    assert refusal(ada.run("whoami")) == (77, "session_file_open")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"7",
        b"\xff",
        b'{"http://localhost:8000": 7}',
        b'{"http://localhost:8000": {"session": 7}}',
        b'{"http://localhost:8000": {"session": null}}',
        b'{"http://localhost:8000": {"session": "' + b"x" * 2000 + b'"}}',
        b"[" * 100_000,
    ],
    ids=lambda content: ascii(content[:50]),
)
def test_a_spoilt_file_is_named_and_left_alone(content: bytes, ada: Terminal) -> None:
    path_of(ada).write_bytes(content)
    result = ada.run("whoami")
    assert refusal(result) == (78, "session_file")
    assert path_of(ada).read_bytes() == content


@pytest.mark.parametrize("token", ["", "x", "\u0000", "\U0001f600", "' OR 1=1--"])
def test_a_made_up_token_opens_nothing(token: str, ada: Terminal) -> None:
    """TOK-10."""
    path_of(ada).write_text(json.dumps({HOME: {"session": token}}))
    assert refusal(ada.run("whoami")) == (77, "not_logged_in")


def test_no_login_happens_when_nothing_can_be_kept(terminal: Terminal) -> None:
    (terminal.folder / "state").write_text("in the way")
    assert refusal(terminal.run("login", "ada", lines=(PASSWORD,))) == (73, "session_file")


def test_a_relative_state_directory_is_ignored(ada: Terminal) -> None:
    """As the XDG specification has it."""
    home = ada.folder / "home"
    lost = ada.but(XDG_STATE_HOME="state", HOME=str(home))
    lost.do("login", "ada", lines=(PASSWORD,))
    assert (home / ".local" / "state" / "offbrand" / "session.json").is_file()


def test_somebody_without_a_home_is_told_what_to_set(terminal: Terminal) -> None:
    result = terminal.but(XDG_STATE_HOME="", HOME="~").run("whoami")
    assert refusal(result) == (78, "session_file")
    assert "XDG_STATE_HOME" in result.stderr
