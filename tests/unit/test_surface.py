"""Surface: what `import offbrand` gives and loads, who may open a secret, and the size and shape of every module."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import offbrand

CHECKOUT = Path(__file__).parents[2]
SOURCE = CHECKOUT / "src" / "offbrand"
MODULES = sorted([*SOURCE.rglob("*.py"), *(CHECKOUT / "tests").rglob("*.py")])
HEAVY = {
    *("sqlalchemy", "alembic", "flask", "click", "itsdangerous", "argon2", "jinja2", "smtplib", "email_validator"),
    *("zxcvbn", "werkzeug", "redis", "limits", "waitress", "logging", "socket", "ssl", "hypothesis", "pytest"),
    *("procrastinate", "psycopg"),
}
# Adapters, the one judge of passwords, the two keepers of sessions, and the two places that read settings.
MAY_REVEAL = {
    *("domain/values.py", "domain/passwords.py"),
    *("bootstrap.py", "settings/secret_keys.py"),
    *("entrypoints/web/cookies.py", "entrypoints/cli/session_file.py"),
}
MAY_REVEAL_BELOW = {"adapters", "contracts"}
NEVER_IN_NAMES = {"utils", "helpers", "common", "manager", "impl", "info", "misc", "mock", "mocks", "stub"}


def test_the_public_names_are_those_of_the_design() -> None:
    assert offbrand.__all__ == [
        *("Account", "AccountId", "Auth", "Client", "EmailAddress", "Password", "Policy", "Token", "Username"),
        *("errors", "ports"),
    ]
    assert all(hasattr(offbrand, name) for name in offbrand.__all__)


def test_importing_offbrand_loads_attrs_and_the_domain_and_nothing_else() -> None:
    """In an interpreter of its own: nothing that this one has loaded may hide what is missing."""
    program = "import sys; before = set(sys.modules); import offbrand; print(*(set(sys.modules) - before))"
    run = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [sys.executable, "-I", "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = run.stdout.split()
    assert not HEAVY & {name.partition(".")[0] for name in loaded}
    assert {name for name in loaded if name.startswith("offbrand.")} >= {"offbrand.domain.auth"}
    assert not [name for name in loaded if name.startswith("offbrand.") and not name.startswith("offbrand.domain")]


def test_l9_a_secret_is_opened_only_where_it_must_be() -> None:
    revealing = {
        path.relative_to(SOURCE) for path in SOURCE.rglob("*.py") if "reveal" in path.read_text(encoding="utf-8")
    }
    outside = {path.as_posix() for path in revealing if path.parts[0] not in MAY_REVEAL_BELOW}
    assert not outside - MAY_REVEAL


def test_l9_no_argument_defaults_to_what_the_process_knows() -> None:
    """`help` shows what arguments default to: the environment holds keys, a call's outcome may."""
    found = [
        f"{path.name}:{node.lineno}: {ast.unparse(default)}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.Lambda)
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        if any(word in ast.unparse(default) for word in ("os.", "sys.", "environ", "getenv"))
    ]
    assert found == []


def test_no_file_is_longer_than_a_mind_holds() -> None:
    """The aim is 40 to 150 lines."""
    long = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert not {path: lines for path, lines in long.items() if lines > 300}


def test_every_module_says_in_a_sentence_what_it_is() -> None:
    """Empty ones, which make a folder a package, excepted."""
    sentence = re.compile(r'"""\n?\S.*[.:](?:"""|\n)')
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES}
    assert not [path for path, text in texts.items() if text and not sentence.match(text)]


def test_no_name_is_a_drawer_for_everything() -> None:
    parts = {part for path in MODULES for part in path.relative_to(CHECKOUT).with_suffix("").parts}
    assert not NEVER_IN_NAMES & {word for part in parts for word in part.split("_")}


def test_nothing_is_mocked() -> None:
    imports = re.compile(r"^\s*(?:import|from)\s.*mock", flags=re.MULTILINE | re.IGNORECASE)
    assert not [path for path in MODULES if imports.search(path.read_text(encoding="utf-8"))]
