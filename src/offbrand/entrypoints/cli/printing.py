"""Printing: what commands write, made harmless for terminals and readable for programs."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

from offbrand.entrypoints.escaping import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NOTHING = "-"

Record = Mapping[str, Any]
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


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


@contextmanager
def counting() -> Iterator[Callable[[int], None]]:
    """Lend a function that shows how many there are so far, in one line of a terminal; elsewhere it shows nothing."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    counted = 0

    def show(count: int) -> None:
        nonlocal counted
        counted = count
        if is_terminal:
            with suppress(OSError):
                click.echo(f"\r{count} done", err=True, nl=False)

    try:
        yield show
    finally:
        if is_terminal and counted:
            remark("")


def flush() -> None:
    """Push the result out, while a failure can still be told; a log that cannot be written fails no command."""
    if sys.stdout is not None:
        sys.stdout.flush()
    _drop(sys.stderr)


def drop_output() -> None:
    """Let what is still buffered go nowhere, since nobody reads it."""
    for stream in (sys.stdout, sys.stderr):
        _drop(stream)


def _drop(stream: TextIO | None) -> None:
    """Push out what can be, and let the rest go nowhere: Python would try again at its end, and complain."""
    with suppress(OSError, AttributeError):
        stream.flush()  # type: ignore[union-attr] # None where the program was started without it
        return
    with suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr] # as above


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
