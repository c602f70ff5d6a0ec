"""Trouble: what a database reports, as a refusal or as a defect; nothing of a statement's values comes along."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import exc

from offbrand.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

RETRY_AFTER = 5
_WROTE_WHILE_READING = {"SQLITE_READONLY", "25006", "1792"}
# Of a server, that is; of MariaDB as a whole, and not of one transaction, 1290 and 1836 tell it.
_ONLY_READS = {"25006", "1290", "1792", "1836"}
# SQLite's word for everything that is wrong with a statement, such as a table that does not exist.
_DEFECTS = {"SQLITE_ERROR"}
_LONGEST = 300
_log = logging.getLogger(__name__)


@contextmanager
def translated(*, reading: bool = False, connecting: URL | None = None) -> Iterator[None]:
    """
    Translate what goes wrong with the database in the block; everything else passes.

    Of a block that does nothing but *connecting* to a URL, what the driver gives as its reason is logged as well.

    Raises:
        Unavailable: If the database was locked, lost, busy or broken, or rolled back a deadlock.
        RuntimeError: If a *reading* block writes, or the database refuses a statement for what it says.
        ValueError: If a value cannot be stored.
    """
    try:
        yield
    except exc.SQLAlchemyError as error:
        reason = "" if connecting is None else _reason(error, connecting)
        raise _translate(error, reading=reading, reason=reason) from None
    except sqlite3.Error as error:
        # Of a pragma, which SQLAlchemy has no part in.
        raised = exc.DBAPIError.instance(None, None, error, sqlite3.Error)
        raise _translate(raised, reading=reading) from None


def only_reads(error: exc.DBAPIError) -> bool:
    """Return whether a server refuses to write through this connection, whatever is written."""
    return _code(error) in _ONLY_READS


def _translate(error: exc.SQLAlchemyError, *, reading: bool, reason: str = "") -> Exception:
    if isinstance(error, exc.StatementError) and isinstance(error.orig, ValueError):
        return error.orig
    code = _code(error)
    if reading and code in _WROTE_WHILE_READING:
        return RuntimeError("a reading block has written")
    name = type(error.orig if isinstance(error, exc.DBAPIError) else error).__name__
    transient = (exc.OperationalError, exc.InternalError, exc.InterfaceError, exc.TimeoutError)
    lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
    # Of no kind in particular is what SQLite says of a file that is broken, or none of its own.
    broken = type(error) is exc.DatabaseError
    if lost or broken or (isinstance(error, transient) and code not in _DEFECTS):
        # The refusal says nothing to whoever asked, so that the operator must find it here.
        told = " ".join(filter(None, (name, code)))
        _log.warning("The database did not do its part: %s", f"{told}: {reason}" if reason else told)
        return Unavailable(RETRY_AFTER)
    return RuntimeError(f"The database refused a statement ({name} {code}). Is its schema up to date?")


def _reason(error: exc.SQLAlchemyError, url: URL) -> str:
    """Return in one line why there is no connection to *url*, or nothing where that might quote a secret (law L9)."""
    # With a statement, it could quote its values.
    orig = error.orig if isinstance(error, exc.DBAPIError) and error.statement is None else None
    text = " ".join(str(orig.args[-1]).split()) if orig is not None and orig.args else ""
    # Behind an @ that should have been written as %40, the rest of a password is read as host and database.
    is_misread = url.host is not None and "@" in f"{url.host}{url.database}"
    is_secret = is_misread or any(_quotes(text, secret) for secret in _secrets(url))
    return "" if is_secret else text[:_LONGEST]


def _quotes(text: str, secret: str) -> bool:
    """Return whether *secret* is in *text*, and not merely inside of a word."""
    parts = text.split(secret)
    return any(not before[-1:].isalnum() and not after[:1].isalnum() for before, after in pairwise(parts))


def _secrets(url: URL) -> set[str]:
    """Return what *url* keeps secret, but for what it says openly as well."""
    words = {word for name, words in url.normalized_query.items() if "pass" in name for word in words}
    return (words | {url.password or ""}) - {"", url.username, url.host, url.database}


def _code(error: exc.SQLAlchemyError) -> str:
    """Return the driver's word or number for what happened."""
    orig = error.orig if isinstance(error, exc.DBAPIError) else None
    if orig is not None and orig.args and isinstance(orig.args[0], int):
        return str(orig.args[0])
    return getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None) or ""
