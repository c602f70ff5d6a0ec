"""Prompts: what a person at a terminal is asked, and what happens when there is no answer."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.screen import CTRL_C, CTRL_D, Screen
from tests.integration.cli.terminal import OTHER_PASSWORD, PASSWORD, refusal

if TYPE_CHECKING:
    from tests.integration.cli.terminal import Terminal

# Each prompt, with what is typed before it and the words that it is known by.
PROMPTS = [
    ("register bob@example.org bob", [], "A new password"),
    ("register bob@example.org bob", [("A new password", OTHER_PASSWORD)], "The same once more"),
    ("email undo", [], "The link from the letter"),
]


def test_a_password_is_asked_for_without_echo(ada: Terminal) -> None:
    with Screen(ada, "login", "ada") as screen:
        screen.sees("Your password (not shown): ")
        assert not screen.echoes
        screen.types(PASSWORD)
        screen.sees("You are logged in")
        assert (screen.ends(), PASSWORD in screen.shown, screen.echoes) == (0, False, True)


def test_a_new_password_is_typed_twice(terminal: Terminal) -> None:
    before = terminal.stored()
    with Screen(terminal, "register", "ada@example.org", "ada") as screen:
        screen.sees("Four or more unrelated words make a good password")
        screen.sees("A new password (not shown): ")
        screen.types(PASSWORD)
        screen.sees("The same once more (not shown): ")
        screen.types(OTHER_PASSWORD)
        screen.sees("The two passwords differ. (passwords_differ)")
        assert screen.ends() == 65
    assert terminal.stored() == before


@pytest.mark.parametrize(("line", "typed", "prompt"), PROMPTS, ids=[f"{line}: {prompt}" for line, _, prompt in PROMPTS])
def test_cli_04_ctrl_c_at_a_prompt_ends_cleanly(
    line: str, typed: list[tuple[str, str]], prompt: str, ada: Terminal
) -> None:
    """CLI-04: exit code 130, the terminal's echo as it was, nothing stored, no word of Python."""
    before = ada.stored()
    with Screen(ada, *line.split()) as screen:
        for expected, answer in typed:
            screen.sees(expected)
            screen.types(answer)
        screen.sees(prompt)
        screen.presses(CTRL_C)
        assert (screen.ends(), screen.echoes, "Traceback" in screen.shown) == (130, True, False)
    assert ada.stored() == before


def test_cli_04_sigterm_at_a_prompt_ends_cleanly(ada: Terminal) -> None:
    before = ada.stored()
    with Screen(ada, "login", "ada") as screen:
        screen.sees("Your password")
        screen.process.send_signal(signal.SIGTERM)
        assert (screen.ends(), screen.echoes, "Traceback" in screen.shown) == (143, True, False)
    assert ada.stored() == before


def test_the_end_of_input_at_a_prompt_is_told(ada: Terminal) -> None:
    with Screen(ada, "login", "ada") as screen:
        screen.sees("Your password")
        screen.presses(CTRL_D)
        screen.sees("Your password was expected, but the input ended. (no_input)")
        assert (screen.ends(), screen.echoes) == (65, True)


def test_closing_asks_whether_it_is_meant(ada: Terminal) -> None:
    with Screen(ada, "close") as screen:
        screen.sees("Close the account ada of ada@example.org? [y/N] ")
        screen.types("")
        screen.sees("Nothing was changed.")
        assert screen.ends() == 0
    assert "ada" in ada.do("whoami")
    with Screen(ada, "close") as screen:
        screen.sees("[y/N] ")
        screen.types("yes")
        screen.sees("The account is closed, and will be deleted in 14 days.")
        assert screen.ends() == 0
    assert refusal(ada.run("whoami")) == (77, "not_logged_in")
