"""Printing: what commands write, made harmless for terminals and readable for programs."""

from __future__ import annotations

import json
import logging
import os
import sys
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTHING = "-"

Record = Mapping[str, Any]
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def shown(text: str) -> str:
    """Return *text* with everything escaped that a terminal would obey instead of show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def say(sentence: str) -> None:
    """Write a line for people to stdout."""
    click.echo(shown(sentence))


def remark(sentence: str) -> None:
    """Write a line for people to stderr, beside the result."""
    with suppress(OSError):
        click.echo(shown(sentence), err=True)


def complain(sentence: str, code: str) -> None:
    """Write to stderr why the command ends, in one line."""
    remark(f"{sentence} ({code})")


def document(record: Record) -> None:
    """Write one JSON document to stdout."""
    # ASCII only, so that no terminal obeys it and no locale breaks it.
    click.echo(json.dumps(_plain(record), indent=2))


def record(values: Record, *, as_json: bool) -> None:
    """Write one thing: its names and values below each other, or a JSON document."""
    if as_json:
        document(values)
        return
    width = max(map(len, values))
    for name, value in values.items():
        click.echo(f"{name.replace('_', ' '):{width}}  {_cell(value)}")


def listing(name: str, records: Sequence[Record], columns: Sequence[str], *, as_json: bool, **more: object) -> None:
    """Write many things: some *columns* of them as a table, or a JSON document with everything and *more*."""
    if as_json:
        document({name: records, **more})
        return
    if not records:
        remark(f"There are no {name}.")
        return
    rows = [[column.replace("_", " ").upper() for column in columns]]
    rows += [[_cell(values[column]) for column in columns] for values in records]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def log_to_stderr() -> None:
    """Let what is logged appear on stderr."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    # Alembic and waitress tell at every start what nobody asked.
    for name in ("alembic", "waitress.queue"):
        logging.getLogger(name).setLevel(logging.ERROR)


def flush() -> None:
    """Push everything out, while a failure can still be told."""
    if sys.stdout is not None:
        sys.stdout.flush()


def drop_output() -> None:
    """Let what is still buffered go nowhere, since nobody reads it and Python would complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):
            stream.flush()
            continue
        with suppress(OSError, AttributeError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case frozenset():
            return sorted(map(str, value))
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case datetime():
            return value.isoformat()
        case None | bool() | int():
            return value
    return str(value)


def _cell(value: object) -> str:
    match value:
        case None:
            return _NOTHING
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case frozenset():
            return ", ".join(sorted(map(shown, value))) or _NOTHING
        case _:
            return shown(str(value)) or _NOTHING


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
