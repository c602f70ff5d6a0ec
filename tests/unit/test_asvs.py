"""ASVS: docs/asvs.md judges every requirement once, names tests that exist, and says nothing that is not so."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path

import attrs
import pytest

from offbrand.domain import values
from offbrand.domain.claims import Purpose
from offbrand.domain.policy import Policy
from offbrand.settings import Settings
from offbrand.settings.secret_keys import KEY_BYTES

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "asvs.md"
TEXT = PAGE.read_text(encoding="utf-8")
PAGES = [PAGE, CHECKOUT / "docs" / "threat-model.md", CHECKOUT / "SECURITY.md"]
VERDICTS = ("met", "not met", "not applicable")
# The levels of all requirements of ASVS 5.0.0, section by section: 1.1.1 and 1.1.2 are of level 2.
LEVELS = """
1.1 22  1.2 1111122223  1.3 112222222223  1.4 222  1.5 123
2.1 122  2.2 112  2.3 12223  2.4 23
3.1 3  3.2 113  3.3 12223  3.4 11222233  3.5 11122333  3.6 3  3.7 22333
4.1 12233  4.2 23333  4.3 22  4.4 1222
5.1 2  5.2 112333  5.3 113  5.4 222
6.1 122  6.2 111111112222  6.3 11223333  6.4 112233  6.5 22222333  6.6 2223  6.7 33  6.8 2222
7.1 222  7.2 1111  7.3 22  7.4 11222  7.5 223  7.6 22
8.1 1233  8.2 1123  8.3 133  8.4 23
9.1 111  9.2 1222
10.1 22  10.2 223  10.3 22223  10.4 1111122222233333  10.5 22222  10.6 22  10.7 222
11.1 2233  11.2 22233  11.3 11233  11.4 1222  11.5 23  11.6 23  11.7 33
12.1 12233  12.2 11  12.3 22223
13.1 2333  13.2 222223  13.3 2233  13.4 1222233
14.1 22  14.2 12223333  14.3 122
15.1 12233  15.2 12233  15.3 1222222  15.4 3333
16.1 2  16.2 22222  16.3 2222  16.4 222  16.5 2223
17.1 23  17.2 22223333  17.3 22
"""
REQUIREMENTS = {
    f"{section}.{n}": level
    for section, levels in re.findall(r"([\d.]+) (\d+)", LEVELS)
    for n, level in enumerate(levels, 1)
}
TEST = re.compile(r"`([\w/.]+\.py)::([\w:]+)`")
SECRET_MAKERS = re.compile(
    r"^\s*(?:import|from) (?:hashlib|hmac|secrets|argon2|itsdangerous|ssl|flask_wtf)\b", re.MULTILINE
)


@attrs.frozen
class Row:
    """One verdict, about one requirement or several that follow each other."""

    ids: tuple[str, ...]
    levels: str
    gist: str
    verdict: str
    reason: str


def read(line: str) -> Row:
    """Read a line of a table."""
    name, levels, gist, verdict, reason = (cell.strip() for cell in line.strip("|").split(" | "))
    first, _, last = name.partition(" to ")
    section, number = first.rsplit(".", 1)
    assert not last or last.rsplit(".", 1)[0] == section, "a range stays in its section"
    numbers = range(int(number), int((last or first).rsplit(".", 1)[1]) + 1)
    return Row(tuple(f"{section}.{n}" for n in numbers), levels, gist, verdict, reason)


ROWS = [read(line.rstrip(" |")) for line in TEXT.splitlines() if re.match(r"\| \d+\.\d+\.\d+", line)]


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of all tests in a file, those of a class after its name; read, not imported."""
    tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
    inner = ((node.name, child) for node in tree.body if isinstance(node, ast.ClassDef) for child in node.body)
    named = chain((("", node) for node in tree.body), inner)
    return frozenset(
        f"{owner}::{node.name}" if owner else node.name for owner, node in named if isinstance(node, ast.FunctionDef)
    )


def anchors(path: Path) -> set[str]:
    """Return what headings of a page are linked by."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def section(title: str) -> str:
    """Return the text of a section, on one line."""
    return " ".join(TEXT.partition(f"### {title}\n")[2].partition("\n#")[0].split())


def test_every_requirement_is_judged_once() -> None:
    assert Counter(REQUIREMENTS.values()) == {"1": 70, "2": 183, "3": 92}
    assert [name for row in ROWS for name in row.ids] == list(REQUIREMENTS)


def test_every_row_is_well_formed() -> None:
    for row in ROWS:
        assert row.levels == ", ".join(sorted({REQUIREMENTS[name] for name in row.ids})), row
        assert row.verdict in VERDICTS, row
        assert row.reason, row
        assert 1 <= len(row.gist.split()) <= 8, row


def test_what_is_met_has_a_test() -> None:
    assert not [row for row in ROWS if row.verdict == "met" and not (TEST.search(row.reason) and len(row.ids) == 1)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_is_named_exists(path: Path) -> None:
    """Tests, files and links."""
    text = path.read_text(encoding="utf-8")
    assert not [name for file, name in TEST.findall(text) if name not in names_in(file) or "test_" not in name]
    # None is written in a form that the line above would pass over.
    assert text.count("::") == sum(1 + name.count("::") for _, name in TEST.findall(text))
    assert not [file for file in re.findall(r"`((?:src|tests|docs)/[^:`]+)`", text) if not (CHECKOUT / file).exists()]
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)]+)\)", text)):
        if not target.startswith("https://"):
            linked = (path.parent / target).resolve() if target else path
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), anchor


def test_the_counts_are_right() -> None:
    found = Counter((REQUIREMENTS[name], row.verdict) for row in ROWS for name in row.ids)
    for level in "123":
        counts = [found[level, verdict] for verdict in VERDICTS]
        assert f"| {level} | {' | '.join(map(str, [*counts, sum(counts)]))} |" in TEXT
    sums = [sum(found[level, verdict] for level in "123") for verdict in VERDICTS]
    assert f"| all | {' | '.join(map(str, [*sums, 345]))} |" in TEXT
    elsewhere = [row for row in ROWS if row.reason.startswith("Deployment: ")]
    assert {row.verdict for row in elsewhere} == {"not applicable"}
    assert f"; {sum(len(row.ids) for row in elsewhere)} of these are\nmarked *Deployment*" in TEXT


def test_the_inventory_of_cryptography_is_whole() -> None:
    """ASVS 11.1.2 and 11.1.4: each module that computes or draws something secret, and no other."""
    modules = (CHECKOUT / "src").rglob("*.py")
    using = {path for path in modules if SECRET_MAKERS.search(path.read_text(encoding="utf-8"))}
    listed = re.findall(r"\| `(src/[^`]+)` \|", section("Cryptography"))
    assert sorted(path.relative_to(CHECKOUT).as_posix() for path in using) == sorted(listed)


def test_the_ways_in_are_those_that_open_a_session() -> None:
    """ASVS 6.1.3: each method of a flow that returns one."""
    opening = {
        f"{path.stem}.{node.name}"
        for path in (CHECKOUT / "src/offbrand/domain/services").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "Opened"
    }
    public = {name for name in opening if "._" not in name}
    assert set(re.findall(r"`(\w+\.\w+)`", section("Ways in"))) == public


def test_what_is_written_down_here_is_so() -> None:
    """Every number, taken from the code."""
    policy, settings = (
        Policy(),
        Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_SECRET_KEYS": "0123456789abcdef" * 4}),
    )
    plain, long = policy.session, policy.remembered_session
    proof, budget = policy.proof_lasts.seconds // 60, policy.sessions_at_most
    longest = max(policy.invitation_lifetime, *policy.lifetimes.values())
    pending, closed = policy.lifetimes[Purpose.CONFIRMATION].days, policy.closed_for.days
    memory = settings.hash_memory_kib // 1024
    assert long.absolute == long.idle
    assert longest.days == 7
    for title, *sentences in (
        ("What is accepted", f"at most {values.EMAIL_MAX} characters of ASCII", f"1 to {values.USERNAME_MAX} letters"),
        ("What is accepted", f"{policy.password_min} to {values.PASSWORD_MAX} characters of any kind"),
        ("What is accepted", f"| at most {values.TOKEN_MAX} characters"),
        (
            "Sessions",
            f"{plain.absolute.total_seconds() / 3600:.0f} hours, and {plain.idle.seconds // 3600} hours unused",
        ),
        ("Sessions", f"lasts {long.absolute.days} days", f"has {budget} at most", f"for {proof} minutes"),
        ("Keys", f"{KEY_BYTES} random bytes each", "seven days at most unless set otherwise"),
        ("Data", f"pending {pending} days, closed {closed} days", f"{policy.retention.days} days with events"),
        ("Cryptography", f"{memory} MiB and {settings.hash_passes} passes"),
        ("What is costly", f"Hashing takes {memory} MiB"),
        ("Records", f"client data {policy.retention.days} days"),
        ("Who may do what", "| operators, at the shell |"),
    ):
        for sentence in sentences:
            assert sentence in section(title)
    assert "### Libraries" not in TEXT
    assert "## Libraries" in (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
