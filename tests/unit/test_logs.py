"""Logs: one record is one line that can be read again, whatever is in it."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

import pytest

from offbrand.entrypoints.logs import JsonFormatter, TextFormatter

# LOG-02: what would end, colour, hide or turn around a line, or take its form apart.
HOSTILE = [
    "a\nb",
    "a\r\nERROR forged: b",
    "\x1b[31mred\x1b[2J",
    "a\u2028b\u2029c",
    "a\x85b\x0bc\x0cd",
    "a\x00b\x7fc\x9bd",
    "a\u202eb",
    "%s %d %(name)s {0.__class__}",
    '"}, {"level": "CRITICAL',
    "\udcff",
    "x" * 100_000,
]
FORMATTERS = [JsonFormatter(), TextFormatter()]


def record(message: object, *values: object, **more: object) -> logging.LogRecord:
    """Return a record as a logger would make it."""
    made = logging.LogRecord("offbrand.place", logging.WARNING, __file__, 1, message, values, None)
    made.__dict__ |= {"created": 1_767_323_045.678, **more}
    return made


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["json", "text"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_log_02_a_record_is_one_line_of_printable_text(text: str, formatter: logging.Formatter) -> None:
    """LOG-02: as message, as a value, or as a field."""
    for made in (record(text), record("%s", text), record("x", fields={text: text})):
        line = formatter.format(made)
        assert len(line) < 15_000
        assert line.isprintable()
        assert line.splitlines() == [line]


@pytest.mark.parametrize("text", HOSTILE[:-1], ids=ascii)
def test_log_02_a_program_reads_what_was_logged(text: str) -> None:
    line = json.loads(JsonFormatter().format(record("%s", text, fields={"path": text})))
    assert line == {
        "time": "2026-01-02T03:04:05.678Z",
        "level": "WARNING",
        "logger": "offbrand.place",
        "message": text,
        "path": text,
    }


def test_a_person_reads_the_same() -> None:
    line = TextFormatter().format(record("Letters wait: %s", "busy"))
    assert line == "2026-01-02T03:04:05.678Z WARNING offbrand.place: Letters wait: busy"


def test_fields_are_plain_and_shadow_nothing() -> None:
    fields = {"status": 200, "network": None, "level": "forged", "at": datetime(2026, 1, 1, tzinfo=UTC)}
    line = json.loads(JsonFormatter().format(record("x", fields=fields)))
    assert (line["status"], line["network"], line["level"]) == (200, None, "WARNING")
    assert line["at"] == "2026-01-01 00:00:00+00:00"
    assert json.loads(JsonFormatter().format(record("x", fields="none")))["message"] == "x"


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["json", "text"])
def test_l9_of_an_exception_only_its_type_and_its_places_are_told(formatter: logging.Formatter) -> None:
    """L9, LOG-01: its text may be what somebody typed, and a formatter before us may have rendered it already."""

    def fail() -> None:
        canary = "canary"
        raise ValueError(canary)

    try:
        fail()
    except ValueError:
        made = record("It failed.", exc_info=sys.exc_info())
    logging.Formatter().format(made)
    line = formatter.format(made)
    assert "canary" not in line
    assert "ValueError" in line
    assert "tests/unit/test_logs.py" in line or "test_logs.py:" in line
    assert "in fail" in line
    assert formatter.format(record("x", exc_info=(None, None, None))).count("at") == 0


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["json", "text"])
def test_a_record_that_cannot_be_put_together_still_has_its_line(formatter: logging.Formatter) -> None:
    """And not a traceback with its values on stderr."""
    assert "%d of them" in formatter.format(record("%d of them", "canary"))
    assert "canary" not in formatter.format(record("%d of them", "canary"))


class Mute:
    """What cannot be written, and whose reason nobody needs to read."""

    def __str__(self) -> str:
        canary = "canary"
        raise RuntimeError(canary)


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["json", "text"])
@pytest.mark.parametrize(
    ("made", "says"),
    [
        (record(Mute()), "(a Mute that cannot be written)"),
        (record(Mute(), "x"), "(a Mute that cannot be written)"),
        (record("%s came", Mute()), "%s came (with values that cannot be written into it)"),
        (record("x", fields={"it": Mute(), Mute(): "it"}), "x"),
    ],
    ids=["message", "message with a value", "value", "field"],
)
def test_a_record_of_what_cannot_be_written_still_has_its_line(
    made: logging.LogRecord, says: str, formatter: logging.Formatter
) -> None:
    line = formatter.format(made)
    assert says in line
    assert "canary" not in line


def test_a_field_that_cannot_be_written_says_so() -> None:
    line = json.loads(JsonFormatter().format(record("x", fields={"it": Mute(), "other": 1})))
    assert (line["it"], line["other"]) == ("(a Mute that cannot be written)", 1)
