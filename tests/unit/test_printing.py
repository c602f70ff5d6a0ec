"""Printing: tables stay aligned and terminals stay in charge of themselves, whatever is in a name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from offbrand.entrypoints import escaping
from offbrand.entrypoints.cli import printing

# CLI-06: what would colour, move, hide or turn around what stands on the screen.
HOSTILE = [
    "\x1b[31mred",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\x00b",
    "a\u202eb",
    "a\u2066b",
    "a\u2028b",
    "a\x9bb",
    "a\u200bb",
    "\udcff",
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_cli_06_what_a_terminal_would_obey_is_escaped(text: str) -> None:
    """CLI-06."""
    shown = escaping.shown(text)
    assert shown.isprintable()
    assert shown.encode().decode("unicode_escape").encode("utf-16", "surrogatepass") == text.encode(
        "utf-16", "surrogatepass"
    )


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_cli_06_a_hostile_value_stays_in_its_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-06, LOG-02."""
    printing.listing("things", [{"name": text, "other": "x"}], ["name", "other"], as_json=False)
    printing.record({"name": text}, as_json=False)
    printing.say(text)
    printing.complain(text, "code")
    printed = capsys.readouterr()
    assert (printed.out.count("\n"), printed.err.count("\n")) == (4, 1)
    assert (printed.out + printed.err).replace("\n", "").isprintable()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_program_gets_every_value_as_it_is(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    printing.record({"name": text}, as_json=True)
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed) == {"name": text}


def test_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    """Letters of double width and those of none are counted as they are shown."""
    rows = [{"name": name, "at": "here"} for name in ("ada", "\u6771\u4eac", "zoe\u0308")]
    printing.listing("people", rows, ["name", "at"], as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "NAME  AT",
        "ada   here",
        "\u6771\u4eac  here",
        "zoe\u0308   here",
    ]


def test_values_are_written_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    values = {
        "id": UUID(int=7),
        "seen_at": datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        "roles": frozenset({"User", "Moderator"}),
        "none_at_all": None,
        "is_true": True,
        "count": 3,
        "empty": frozenset(),
    }
    printing.record(values, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "id           00000000-0000-0000-0000-000000000007",
        "seen at      2026-01-02T03:04:05Z",
        "roles        Moderator, User",
        "none at all  -",
        "is true      yes",
        "count        3",
        "empty        -",
    ]
    printing.record(values, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "id": "00000000-0000-0000-0000-000000000007",
        "seen_at": "2026-01-02T03:04:05.000678+00:00",
        "roles": ["Moderator", "User"],
        "none_at_all": None,
        "is_true": True,
        "count": 3,
        "empty": [],
    }


def test_nothing_is_nothing_for_a_program_and_a_remark_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    printing.listing("letters", [], ["id"], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"letters": []}
    printing.listing("letters", [], ["id"], as_json=False)
    assert capsys.readouterr() == ("", "There are no letters.\n")
