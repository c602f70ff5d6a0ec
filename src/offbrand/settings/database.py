"""Database: what its URL says of the file that it may be, and of the place beside it."""

from __future__ import annotations

from pathlib import Path

from offbrand.settings.environment import SettingsError

_SQLITE = b"SQLite format 3\0"


def checked_url(url: str) -> str:
    """
    Return *url*; whether it can be used, only an adapter knows.

    Raises:
        SettingsError: If it is for no kind of database that there is.
    """
    kind = url.partition(":")[0].partition("+")[0]
    if kind not in ("sqlite", "postgresql", "mariadb"):
        raise SettingsError("OFFBRAND_DATABASE_URL must begin with sqlite, postgresql or mariadb.")
    return url


def file_of(url: str) -> Path | None:
    """Return the SQLite file, or None where the database is none."""
    scheme, _, rest = url.partition(":///")
    path = rest.partition("?")[0]
    return Path(path) if scheme.startswith("sqlite") and path not in ("", ":memory:") else None


def beside(url: str, suffix: str) -> Path:
    """Return a path beside the SQLite file, or in the working directory where the database is none."""
    return Path(f"{file_of(url) or 'offbrand'}{suffix}")


def check_file(path: Path) -> None:
    """
    Check that something may be put beside *path*, because it is an SQLite file or one could be made there.

    Raises:
        SettingsError: If it is something else, or its folder does not exist.
    """
    try:
        if not path.parent.is_dir():
            raise SettingsError(f"OFFBRAND_DATABASE_URL leads to {path}, but there is no folder {path.parent}.")
        with path.open("rb") as file:
            begins = file.read(len(_SQLITE))
    except FileNotFoundError:
        return
    except OSError as error:
        raise SettingsError(f"OFFBRAND_DATABASE_URL leads to {path}, which cannot be read: {error.strerror}.") from None
    if begins not in (b"", _SQLITE):
        raise SettingsError(f"OFFBRAND_DATABASE_URL leads to {path}, which is no SQLite database.")
