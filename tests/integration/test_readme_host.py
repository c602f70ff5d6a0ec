"""README: its Flask application, started as a program of its own, as whoever copies it would."""

from __future__ import annotations

import re
import subprocess
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.integration.cli.terminal import PASSWORD, Terminal
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(HOST,) = (
    block
    for block in re.findall(r"^```python\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    if "from flask import Flask" in block
)
PATIENCE = 30  # seconds, for a machine that is busy; never waited for when all is well


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Return a deployment with its tables."""
    terminal = Terminal.at(tmp_path)
    terminal.do("db", "upgrade")
    return terminal


@pytest.fixture
def host(terminal: Terminal) -> Iterator[str]:
    """Return where the application answers: at a port that is free, which is all that is changed of it."""
    program = HOST.replace("port=8000", "port=0")
    with subprocess.Popen(  # noqa: S603 - our own text
        [sys.executable, "-c", program],
        cwd=terminal.folder,
        env=terminal.program_environ() | {"SECRET_KEY": "a key of the host's own"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            said = ""
            while (found := re.search(r"http://127\.0\.0\.1:\d+", said)) is None:
                line = process.stderr.readline()
                assert line, said
                said += line
            yield found[0]
        finally:
            process.kill()


def test_the_flask_application_of_the_readme_sends_letters_and_lets_members_in(host: str, terminal: Terminal) -> None:
    terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    mailbox = terminal.folder / "offbrand.db.mailbox"
    until(lambda: list(mailbox.glob("*.eml")), PATIENCE)
    terminal.do("confirm", lines=(terminal.link("confirm"), PASSWORD))

    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{host}/members", timeout=PATIENCE).read().decode()
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token is not None, page
    form = {"identifier": "ada", "password": PASSWORD, "csrf_token": token[1], "next": "/members"}
    answer = browser.open(f"{host}/auth/login", data=urlencode(form).encode(), timeout=PATIENCE)
    assert (answer.url, answer.read()) == (f"{host}/members", b"Hello ada!")
