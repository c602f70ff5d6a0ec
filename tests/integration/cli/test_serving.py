"""Serving: what `demo`, `serve` and `mail deliver --watch` do until they are told to end."""

from __future__ import annotations

import json
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.cli.server import PATIENCE, Server, connected, page
from tests.integration.cli.terminal import PASSWORD, Terminal, refusal

if TYPE_CHECKING:
    from pathlib import Path


def bare(folder: Path, **environ: str) -> Terminal:
    """Return a terminal in an empty folder, with nothing set."""
    terminal = Terminal.at(folder)
    cheap = {name: value for name, value in terminal.environ.items() if "HASH" in name}
    return Terminal(folder, {**cheap, **environ})


def test_a_demonstration_needs_nothing_and_prints_one_url(tmp_path: Path) -> None:
    """DESIGN 6, README: the letter with the link is read in the browser."""
    terminal = bare(tmp_path, OFFBRAND_SMTP_URL="smtp://relay.example.org", OFFBRAND_BASE_URL="https://example.org")
    with Server(terminal, "demo") as server:
        url = server.says()
        assert url.startswith("http://localhost:")
        assert page(url)[0] == 200
        here = terminal.but(
            OFFBRAND_ENV="development",
            OFFBRAND_BASE_URL=url,
            OFFBRAND_DATABASE_URL=f"sqlite:///{tmp_path}/offbrand-demo.db",
        ).but(OFFBRAND_SMTP_URL="")
        here.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
        until = time.monotonic() + PATIENCE
        while "ada@example.org" not in page(f"{url}dev/mailbox")[1]:
            assert time.monotonic() < until
        code, said, remarked = server.ends(signal.SIGINT)
    assert (code, said, remarked.count("\n"), "http" in remarked) == (0, "", 1, False)
    assert "/dev/mailbox" in remarked
    made = {path.name for path in tmp_path.iterdir()}
    assert made >= {"offbrand-demo.db", "offbrand-demo.db.key", "offbrand-demo.db.mailbox"}


def test_a_demonstration_leaves_a_deployment_in_the_same_folder_alone(tmp_path: Path) -> None:
    """Its letters are for real people, and would end in the demonstration's mailbox; its guesses are not ours."""
    database = tmp_path / "offbrand.db"
    settings = {
        "OFFBRAND_DATABASE_URL": f"sqlite:///{database}",
        "OFFBRAND_SECRET_KEYS": "0123456789abcdef" * 2,
        "OFFBRAND_THROTTLE_URL": "not even looked at",
    }
    with Server(bare(tmp_path, **settings), "demo") as server:
        assert page(server.says())[0] == 200
        server.ends(signal.SIGINT)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("offbrand.db")]


def test_a_second_demonstration_takes_the_next_port(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with Server(bare(tmp_path / "one"), "demo") as one, Server(bare(tmp_path / "two"), "demo") as two:
        first, second = one.says(), two.says()
        assert first != second
        assert (page(first)[0], page(second)[0]) == (200, 200)


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_in_use_is_told(command: str, terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert refusal(terminal.run(command, "--port", port)) == (69, "port")


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", ""])
def test_an_address_of_another_machine_is_told(host: str, terminal: Terminal) -> None:
    assert refusal(terminal.run("serve", "--host", host, "--port", "0")) == (69, "port")


def test_production_does_not_serve_over_old_tables(tmp_path: Path) -> None:
    terminal = Terminal(
        tmp_path,
        {
            "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/offbrand.db",
            "OFFBRAND_SECRET_KEYS": "0123456789abcdef0123456789abcdef",
            "OFFBRAND_BASE_URL": "https://auth.example.org",
            "OFFBRAND_SMTP_URL": "smtp://relay.example.org",
            "OFFBRAND_MAIL_SENDER": "accounts@example.org",
        },
    )
    result = terminal.run("serve", "--port", "0")
    assert refusal(result) == (78, "tables")
    assert "offbrand db upgrade" in result.stderr


def test_flt_10_a_request_that_has_begun_is_answered_before_the_end(tmp_path: Path) -> None:
    """FLT-10: no new connection is taken, the one in work gets its answer, and the end is an ordinary one."""
    terminal = Terminal.at(tmp_path).but(OFFBRAND_BASE_URL="http://127.0.0.1")
    with Server(terminal, "serve", "--port", "0") as server:
        url = f"http://{server.remarks().rpartition(' at ')[2].rstrip('.')}/"
        assert "Server" not in page(url)[2]
        with connected(url) as begun:
            begun.sendall(b"POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20\r\n\r\nidentifier")
            # Answered behind the other in the same loop, so that the server has read what was sent.
            page(url)
            server.process.send_signal(signal.SIGTERM)
            _wait_until_closed(url)
            begun.sendall(b"=ada&passw")
            assert begun.recv(4096).startswith(b"HTTP/1.1 4")
            begun.shutdown(socket.SHUT_RDWR)
        said, remarked = server.process.communicate(timeout=PATIENCE)
    assert (server.process.returncode, said, "Traceback" in remarked) == (0, "", False)


def test_what_is_too_long_is_refused(tmp_path: Path) -> None:
    """RES-03: before it is read."""
    with Server(Terminal.at(tmp_path), "serve", "--port", "0") as server:
        url = f"http://{server.remarks().rpartition(' at ')[2].rstrip('.')}/"
        with connected(url) as greedy:
            greedy.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
            answer = greedy.recv(4096).decode()
            assert " 413 " in answer.splitlines()[0]
            # HDR-01: early refusals have the headers of all other answers.
            assert "Content-Security-Policy: default-src 'none'" in answer
            assert "X-Content-Type-Options: nosniff" in answer
        with connected(url) as greedy:
            greedy.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 65536)
            assert " 431 " in greedy.recv(4096).decode().splitlines()[0]


def test_what_cannot_be_read_is_refused_and_no_trouble(tmp_path: Path) -> None:
    """RES-03: anybody may send it, as often as they like, so that it must neither be a defect nor fill the log."""
    with Server(Terminal.at(tmp_path), "serve", "--port", "0") as server:
        url = f"http://{server.remarks().rpartition(' at ')[2].rstrip('.')}/"
        for first_line in (b"hello", b"get / HTTP/1.1", b"\0 / HTTP/1.1"):
            with connected(url) as stranger:
                stranger.sendall(first_line + b"\r\n\r\n")
                assert b" 400 " in stranger.recv(4096).partition(b"\r\n")[0]
        assert server.ends(signal.SIGTERM) == (0, "", "")


def test_watching_delivers_until_it_is_told_to_end(terminal: Terminal) -> None:
    terminal.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    with Server(terminal, "mail", "deliver", "--watch") as watcher:
        assert watcher.remarks() == "Delivering letters; Ctrl-C ends it."
        until = time.monotonic() + PATIENCE
        while '"sent": 1' not in terminal.do("mail", "status", "--json"):
            assert time.monotonic() < until
        assert watcher.ends(signal.SIGTERM) == (0, "", "")


def test_every_line_of_a_log_is_json_where_it_shall_be(tmp_path: Path) -> None:
    """LOG-02: what a program says when it begins, too; and requests only where somebody has asked for them."""
    terminal = Terminal.at(tmp_path).but(OFFBRAND_LOG_FORMAT="json")
    for options, expected in (((), []), (("-v",), ["/auth/static/<path:filename>"])):
        with Server(terminal, *options, "serve", "--port", "0") as server:
            begun = json.loads(server.remarks())
            url = f"http://{begun['message'].rpartition(' at ')[2].rstrip('.')}"
            assert page(f"{url}/auth/static/mark.svg?canary")[0] == 200
            code, said, remarked = server.ends(signal.SIGTERM)
        lines = [json.loads(line) for line in remarked.splitlines()]
        paths = [line["path"] for line in lines if line["logger"] == "offbrand.access"]
        assert (code, said, paths[:1], "canary" in remarked) == (0, "", expected, False)


def test_a_watcher_logs_json_where_it_shall(terminal: Terminal) -> None:
    broken = terminal.but(OFFBRAND_LOG_FORMAT="json", OFFBRAND_SMTP_URL="smtp+plain://127.0.0.1:1")
    broken.do("register", "ada@example.org", "ada", lines=(PASSWORD,))
    with Server(broken, "mail", "deliver", "--watch") as watcher:
        assert json.loads(watcher.remarks())["message"] == "Delivering letters; Ctrl-C ends it."
        assert json.loads(watcher.remarks())["message"].startswith("A letter could not leave.")
        assert watcher.ends(signal.SIGTERM)[0] == 0


def _wait_until_closed(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            connected(url).close()
        except ConnectionError:
            return
    pytest.fail("The server still takes connections.")
