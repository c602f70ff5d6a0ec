"""Codec: entities as JSON, each value under the name of its type."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from offbrand.domain.account import Account
from offbrand.domain.events import Event, EventKind
from offbrand.domain.letters import Letter, LetterKind, LetterState
from offbrand.domain.session import Session
from offbrand.domain.values import EmailAddress, PasswordHash, Username

if TYPE_CHECKING:
    from collections.abc import Callable

_ENTITIES: dict[str, type[Any]] = {kind.__name__: kind for kind in (Account, Event, Letter, Session)}
_MICROSECOND = timedelta(microseconds=1)
# How a value of each type is written, and how it is read.
_VALUES: dict[type[Any], tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    datetime: (datetime.isoformat, datetime.fromisoformat),
    timedelta: (lambda duration: duration // _MICROSECOND, lambda count: count * _MICROSECOND),
    UUID: (str, UUID),
    EmailAddress: (str, EmailAddress),
    Username: (str, Username),
    PasswordHash: (PasswordHash.reveal, PasswordHash),
    frozenset: (sorted, frozenset),
    EventKind: (str, EventKind),
    LetterKind: (str, LetterKind),
    LetterState: (str, LetterState),
}
_READERS = {kind.__name__: read for kind, (_, read) in _VALUES.items()}


def to_json(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return lists, dictionaries and plain values; a value or entity becomes ``{its type: its content}``."""
    kind = type(value)
    if kind in _VALUES:
        return {kind.__name__: _VALUES[kind][0](value)}
    if kind.__name__ in _ENTITIES:
        return {kind.__name__: {name: to_json(each) for name, each in attrs.asdict(value, recurse=False).items()}}
    return [to_json(each) for each in value] if isinstance(value, list) else value


def from_json(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what `to_json` was given."""
    if isinstance(value, list):
        return [from_json(each) for each in value]
    if not isinstance(value, dict):
        return value
    ((name, content),) = value.items()
    if name in _ENTITIES:
        return _ENTITIES[name](**{field: from_json(each) for field, each in content.items()})
    return _READERS[name](content)
