"""
Logs: one line for each record, as text or as JSON, whatever is in it.

A host that wants lines like those of `offbrand serve` gives one of the formatters to a handler of its own; offbrand
logs below the logger ``offbrand`` and configures nothing by itself.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from offbrand.entrypoints.escaping import shown

_LONGEST = 2000
_LONGEST_FIELD = 200
_FRAMES = 12


class JsonFormatter(logging.Formatter):
    """
    One JSON object on one line of ASCII: ``time`` (UTC, ISO 8601), ``level``, ``logger``, ``message``.

    A record of an exception also has ``exception``, its type alone, and ``at``, the places it came by; never its text,
    which may quote what somebody typed. What a record has as ``fields`` is added.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if error := _error(record):
            line |= {"exception": type(error).__name__, "at": places(error)}
        for name, value in _fields(record).items():
            shown_value = value if isinstance(value, int | None) else _cut(_text(value), _LONGEST_FIELD)
            line.setdefault(_cut(_text(name), _LONGEST_FIELD), shown_value)
        # DEL is the one control character that JSON leaves alone.
        return json.dumps(line).replace("\x7f", "\\u007f")


class TextFormatter(logging.Formatter):
    """One line for people, with the same content; fields are not shown, as the message says the same."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = f"{_time(record)} {record.levelname} {record.name}: {_message(record)}"
        if error := _error(record):
            line += f" [{type(error).__name__} at {places(error)}]"
        return shown(line)


class StderrHandler(logging.StreamHandler[Any]):
    """What `log_to_stderr` has installed."""


def log_to_stderr(form: str = "text") -> None:
    """Let what is logged appear on stderr, as ``text`` or ``json``; a program that logs elsewhere is left alone."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(StderrHandler())
        # Whoever has chosen a level keeps it.
        if root.level == logging.WARNING:
            root.setLevel(logging.INFO)
    for handler in root.handlers:
        if isinstance(handler, StderrHandler):
            handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    # Alembic and waitress tell at every start what nobody asked.
    for name in ("alembic", "waitress.queue"):
        logging.getLogger(name).setLevel(logging.ERROR)


def places(error: BaseException) -> str:
    """Return where *error* came by, the innermost place first; neither its text nor any variable."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    return ", ".join(
        f"{_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in [*reversed(frames)][:_FRAMES]
    )


def _short(path: str) -> str:
    for root in ("/site-packages/", "/src/"):
        if root in path:
            return path.rpartition(root)[2]
    return path.rpartition("/")[2]


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return at.replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001 - whatever is wrong with a record, its line appears
        text = f"{_text(record.msg)} (with values that cannot be written into it)" if record.args else _text(record.msg)
    return _cut(text, _LONGEST)


def _text(anything: object) -> str:
    try:
        return str(anything)
    except Exception:  # noqa: BLE001 - as above
        return f"(a {type(anything).__name__} that cannot be written)"


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if isinstance(record.exc_info, tuple) else None


def _fields(record: logging.LogRecord) -> Mapping[object, object]:
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, Mapping) else {}


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}..."
