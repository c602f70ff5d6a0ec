"""The database's file: development keeps its key beside it, and beside nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing/x.db", "but there is no folder .*/missing"),
        ("passwd", "which is no SQLite database"),
        ("folder", "which cannot be read: Is a directory"),
    ],
)
def test_no_key_is_made_beside_what_is_no_database(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("root:x:0:0:")
    (tmp_path / "folder").mkdir()
    url = f"sqlite:///{tmp_path}/{name}"
    with pytest.raises(SettingsError, match=f"OFFBRAND_DATABASE_URL leads to {tmp_path}/{name}, {why}"):
        Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": url})
    assert {"passwd", "folder"} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and so on"])
def test_a_key_is_made_beside_a_database_that_is_there_already(content: bytes, tmp_path: Path) -> None:
    """It may be that of a host."""
    (tmp_path / "x.db").write_bytes(content)
    settings = Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"})
    assert tmp_path / "x.db.key" == settings.key_file


OUT_OF_REACH = "x" * 300  # a name that no file system has, as folders without permission stop no superuser


def test_a_file_that_cannot_even_be_looked_for_is_a_wrong_setting(tmp_path: Path) -> None:
    """Not a defect: what the system says is told, or at least which setting it is about."""
    url = f"sqlite:///{tmp_path}/{OUT_OF_REACH}/x.db"
    with pytest.raises(SettingsError, match=r"OFFBRAND_DATABASE_URL .* cannot be read: File name too long"):
        Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_DATABASE_URL": url})
    for file in (tmp_path / OUT_OF_REACH, tmp_path):
        with pytest.raises(SettingsError, match="OFFBRAND_BREACHED_PASSWORDS_FILE must be a file that can be read"):
            Settings.from_env({"OFFBRAND_ENV": "development", "OFFBRAND_BREACHED_PASSWORDS_FILE": str(file)})
