"""Trouble: what a database reports, as a refusal or as a defect; nothing of a statement's values comes along."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from offbrand.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

RETRY_AFTER = 5
_WROTE_WHILE_READING = {"SQLITE_READONLY", "25006", "1792"}
# SQLite's word for everything that is wrong with a statement, such as a table that does not exist.
_DEFECTS = {"SQLITE_ERROR"}
_log = logging.getLogger(__name__)


@contextmanager
def translated(*, reading: bool = False) -> Iterator[None]:
    """
    Translate what goes wrong with the database in the block; everything else passes.

    Raises:
        Unavailable: If the database was locked, lost, busy or rolled back a deadlock.
        RuntimeError: If a *reading* block writes, or the database refuses a statement for what it says.
        ValueError: If a value cannot be stored.
    """
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _translate(error, reading=reading) from None


def _translate(error: exc.SQLAlchemyError, *, reading: bool) -> Exception:
    if isinstance(error, exc.StatementError) and isinstance(error.orig, ValueError):
        return error.orig
    code = _code(error)
    if reading and code in _WROTE_WHILE_READING:
        return RuntimeError("a reading block has written")
    name = type(error.orig if isinstance(error, exc.DBAPIError) else error).__name__
    transient = (exc.OperationalError, exc.InternalError, exc.InterfaceError, exc.TimeoutError)
    lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
    if lost or (isinstance(error, transient) and code not in _DEFECTS):
        # The refusal says nothing to whoever asked, so that the operator must find it here.
        _log.warning("The database did not do its part: %s %s", name, code)
        return Unavailable(RETRY_AFTER)
    return RuntimeError(f"The database refused a statement ({name} {code}). Is its schema up to date?")


def _code(error: exc.SQLAlchemyError) -> str:
    """Return the driver's word or number for what happened."""
    orig = error.orig if isinstance(error, exc.DBAPIError) else None
    if orig is not None and orig.args and isinstance(orig.args[0], int):
        return str(orig.args[0])
    return getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None) or ""
