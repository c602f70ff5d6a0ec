"""The program: how it starts, ends and speaks when it is a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from offbrand.entrypoints.cli.extras import EXTRAS, extra_for
from tests.integration.cli.terminal import PASSWORD, PROGRAM, refusal
from tests.unit.test_settings import WRONG

if TYPE_CHECKING:
    from tests.integration.cli.terminal import Terminal

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"
HEAVY = "sqlalchemy|alembic|flask|argon2|itsdangerous|jinja2|zxcvbn|smtplib|waitress"


def test_cli_01_no_secret_is_seen_from_outside(ada: Terminal) -> None:
    """CLI-01: looked at while the program has a link and waits for the password."""
    ada.do("password", "reset", "ada@example.org")
    link = ada.link("reset").encode()
    with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
        [*PROGRAM, "password", "reset-complete"],
        env=ada.program_environ(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(link + b"\n")
        process.stdin.flush()
        assert b"This link sets the password of ada" in process.stderr.readline()
        seen = b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
        printed, complaint = process.communicate()
    assert b"password\x00reset-complete" in seen
    assert link.rpartition(b"/")[2] not in seen + printed + complaint
    assert (process.returncode, b"(no_input)" in complaint) == (65, True)


def test_cli_02_closed_input_never_hangs(terminal: Terminal) -> None:
    """CLI-02."""
    ended = terminal.program(args=["/bin/sh", "-c", f"exec {' '.join(PROGRAM)} login ada <&-"])
    assert refusal(ended) == (65, "no_input")


def test_bytes_that_are_no_text_are_refused(ada: Terminal) -> None:
    ended = ada.program("login", "ada", input="\udcff\n", encoding="utf-8", errors="surrogateescape")
    assert refusal(ended) == (65, "malformed_password")


@pytest.mark.parametrize("ending", ["\r\n", ""])
def test_a_line_ends_as_lines_do(ending: str, ada: Terminal) -> None:
    """And nothing else is trimmed, as a blank may belong to a password (INP-06)."""
    ended = ada.program("login", "ada", input=f"{PASSWORD}{ending}".encode(), text=False)
    assert ended.returncode == 0
    assert refusal(ada.run("login", "ada", lines=(f"{PASSWORD} ",))) == (77, "invalid_credentials")


def test_inp_07_a_password_without_end_is_refused_at_once(ada: Terminal) -> None:
    """INP-07: what is longer than any password is not read to its end, so that an endless one ends, too."""
    ended = ada.program(args=["/bin/sh", "-c", f"yes | tr -d '\\n' | {' '.join(PROGRAM)} login ada"])
    assert refusal(ended) == (65, "malformed_password")


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}], ids=str)
def test_cli_06_output_works_in_any_locale(environ: dict[str, str], terminal: Terminal) -> None:
    """CLI-06: what the terminal cannot show is escaped."""
    account_id = terminal.do("accounts", "invite", "omega@example.org", "\u03c9\u03bc", "--json").split('"')[3]
    ended = terminal.program("accounts", "show", account_id, env={**terminal.program_environ(), **environ})
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ("\\u03c9\\u03bc" in ended.stdout) == ("LC_ALL" not in environ)


@pytest.mark.parametrize("command", ["events list", "export", "--help"])
def test_cli_06_output_may_be_cut(command: str, ada: Terminal) -> None:
    """CLI-06: ``| head -1`` gets its line, and nobody complains."""
    shell = f"{{ {' '.join(PROGRAM)} {command}; echo $? >&3; }} 3>status | head -c 1"
    cut = ada.program(args=["/bin/sh", "-c", shell])
    assert (len(cut.stdout), cut.stderr) == (1, "")
    assert (ada.folder / "status").read_text() in ("141\n", "0\n")


def test_output_to_nobody_is_told_by_the_exit_code_alone(ada: Terminal) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [*PROGRAM, "events", "list"],
        env=ada.program_environ(),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize("command", ["export", "--version"])
def test_a_full_disk_is_told(command: str, ada: Terminal) -> None:
    full = ada.program(args=["/bin/sh", "-c", f"{' '.join(PROGRAM)} {command} >/dev/full"])
    assert refusal(full) == (74, "output")


def test_cli_03_a_database_that_does_not_answer_is_told_in_one_line(terminal: Terminal) -> None:
    """CLI-03: without traceback, address or password."""
    lost = terminal.but(OFFBRAND_DATABASE_URL="postgresql://offbrand:canary@127.0.0.1:1/offbrand")
    ended = lost.program("accounts", "list")
    assert refusal(ended) == (75, "unavailable")
    assert (ended.stderr.count("\n"), "canary" in ended.stderr, "127.0.0.1" in ended.stderr) == (1, False, False)
    assert "Wait 5 s. It is the database of OFFBRAND_DATABASE_URL; offbrand -v says why." in ended.stderr


@pytest.mark.parametrize("command", ["db upgrade", "serve --port 0"])
def test_a_file_that_is_no_database_is_told(command: str, terminal: Terminal) -> None:
    (terminal.folder / "offbrand.db").write_bytes(b"no database at all" * 100)
    told = terminal.program("-v", *command.split())
    assert refusal(told) == (75, "unavailable")
    assert "SQLITE_NOTADB: file is not a database" in told.stderr.splitlines()[0]
    assert "OFFBRAND_DATABASE_URL" in told.stderr.splitlines()[-1]


def test_what_is_logged_can_be_asked_for(terminal: Terminal) -> None:
    lost = terminal.but(OFFBRAND_DATABASE_URL="postgresql://offbrand:canary@127.0.0.1:1/offbrand")
    ended = lost.program("--verbose", "accounts", "list")
    assert refusal(ended) == (75, "unavailable")
    assert ("WARNING" in ended.stderr, "canary" in ended.stderr) == (True, False)
    assert "Connection refused" in ended.stderr.splitlines()[0]
    assert [line for line in ended.stderr.splitlines() if line != line.strip()] == []


def test_a_database_without_tables_is_told(tmp_path: Path, terminal: Terminal) -> None:
    bare = terminal.but(OFFBRAND_DATABASE_URL=f"sqlite:///{tmp_path}/bare.db")
    result = bare.run("accounts", "list")
    assert refusal(result) == (78, "tables")
    assert "offbrand db upgrade" in result.stderr


def test_a_database_url_that_means_nothing_is_told(terminal: Terminal) -> None:
    unknown = "postgresql+nonsense://offbrand:canary@db/x"
    keys = "0123456789abcdef0123456789abcdef"
    result = terminal.but(OFFBRAND_DATABASE_URL=unknown, OFFBRAND_SECRET_KEYS=keys).run("accounts", "list")
    assert refusal(result) == (78, "settings")
    assert ("OFFBRAND_DATABASE_URL" in result.stderr, "canary" in result.stderr) == (True, False)


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}={value[:70]!r}" for name, value in WRONG])
def test_cli_03_a_wrong_setting_stops_every_command(name: str, value: str, terminal: Terminal) -> None:
    """CLI-03, DESIGN 6: one sentence that names it, exit code 78."""
    result = terminal.but(**{f"OFFBRAND_{name}": value}).run("whoami")
    assert refusal(result) == (78, "settings")
    assert (result.stderr.count("\n"), f"OFFBRAND_{name}" in result.stderr) == (1, True)


def test_a_missing_setting_stops_the_start(terminal: Terminal) -> None:
    """D1, D2: production is the default, and makes nothing up."""
    environ = {name: value for name, value in terminal.program_environ().items() if not name.startswith("OFFBRAND_")}
    ended = terminal.program("serve", env=environ)
    assert refusal(ended) == (78, "settings")
    assert ended.stderr.count("\n") == 1


def test_help_needs_no_adapter(terminal: Terminal) -> None:
    """It must be quick, and work where extras are missing."""
    code = (
        "import sys, re\n"
        "from offbrand.entrypoints.cli.app import offbrand\n"
        "try: offbrand.main(['--help'])\n"
        f"finally: print([name for name in sys.modules if re.match(r'({HEAVY})\\b', name)])\n"
    )
    ended = terminal.program(args=[sys.executable, "-c", code])
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "[]")
    assert "accounts" in ended.stdout


@pytest.mark.parametrize(
    ("module", "extra"), [("click", "cli"), ("email_validator", "cli"), ("sqlalchemy", "sqlalchemy")]
)
def test_a_missing_extra_is_named(module: str, extra: str, terminal: Terminal) -> None:
    code = (
        f"import sys; sys.modules['{module}'] = None; sys.argv[1:] = ['accounts', 'list']\n"
        "from offbrand.entrypoints.cli import main; main()"
    )
    ended = terminal.program(args=[sys.executable, "-c", code])
    assert (ended.returncode, ended.stdout) == (78, "")
    assert f'{module} is not installed; run: pip install "offbrand[{extra}]"' in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_every_extra_that_is_named_exists() -> None:
    offered = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    assert set(EXTRAS.values()) <= set(offered)
    assert extra_for(ModuleNotFoundError(name="waitress.server")) is not None
    assert extra_for(ModuleNotFoundError(name="something.else")) is None
    assert extra_for(ModuleNotFoundError()) is None


def test_the_version_is_printed(terminal: Terminal) -> None:
    assert terminal.do("--version").startswith("offbrand ")


def test_no_command_at_all_shows_the_help(terminal: Terminal) -> None:
    result = terminal.run()
    assert (result.exit_code, result.stdout, "Your own account:" in result.stderr) == (64, "", True)
