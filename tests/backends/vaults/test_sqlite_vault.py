"""The vault in a folder: whose it is, and what is said where it cannot be opened."""

import sqlite3
from pathlib import Path

import pytest

from backends.vaults.sqlite_vault import SqliteVault
from livelihood.ports import Unavailable


def test_folder_and_file_are_the_owners_alone(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "a" / "keys") as vault:
        vault.put("a", "1", b"x")
        rights = {path.name: path.stat().st_mode & 0o777 for path in vault.path.parent.iterdir()}
    assert vault.path.parent.stat().st_mode & 0o777 == 0o700
    assert set(rights.values()) == {0o600}
    assert "keys.sqlite-wal" in rights


@pytest.mark.parametrize(("name", "rights"), [("", "700"), ("keys.sqlite", "600")])
def test_where_others_may_look_in_it_is_refused_with_what_to_do(
    tmp_path: Path, name: str, rights: str
) -> None:
    folder = tmp_path / "keys"
    SqliteVault(folder).close()
    (folder / name).chmod(0o750)
    with pytest.raises(Unavailable, match=f"chmod {rights} "):
        SqliteVault(folder)


def test_what_is_no_vault_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    file = folder / "keys.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA user_version = 7")
    other.close()
    file.chmod(0o600)
    with pytest.raises(Unavailable, match="other software"):
        SqliteVault(folder)
    file.write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    with pytest.raises(Unavailable, match="damaged"):
        SqliteVault(folder)


def test_what_another_process_reads_all_the_while_cannot_be_scrubbed_and_that_is_said(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "keys", busy_seconds=0.2) as vault:
        vault.put("a", "1", b"x")
        reader = sqlite3.connect(vault.path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM vault").fetchall()
        vault.delete("a", "1")
        with pytest.raises(Unavailable, match="try again"):
            vault.scrub()
        reader.close()
        vault.scrub()
