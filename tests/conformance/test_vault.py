"""Whatever keeps what is apart from the data does so alike: the same tests for every vault."""

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backends.vaults.redis_vault import RedisVault
from backends.vaults.sqlite_vault import SqliteVault
from livelihood.safekeeping import Place, Vault


@pytest.fixture(params=["folder", "valkey"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    return request.getfixturevalue(f"vault_in_{request.param}")


@pytest.fixture
def files(vault: Vault, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The folder with the files of the vault."""
    if isinstance(vault, SqliteVault):
        return tmp_path
    return Path(request.getfixturevalue("vault_valkey").process.folder)


@pytest.fixture
def vault_in_folder(tmp_path: Path) -> Iterator[SqliteVault]:
    with SqliteVault(tmp_path / "keys") as opened:
        yield opened


@pytest.fixture
def vault_in_valkey(vault_server: str) -> Iterator[RedisVault]:
    with RedisVault(vault_server) as opened:
        yield opened


def test_a_value_lies_under_its_name_until_it_is_replaced_or_removed(vault: Vault) -> None:
    assert vault.get("a", "one") is None
    vault.put("a", "one", b"\x00first")
    assert vault.get("a", "one") == b"\x00first"
    vault.put("a", "one", b"second")
    assert vault.get("a", "one") == b"second"
    assert vault.get("b", "one") is None
    assert vault.delete("a", "one") is True
    assert vault.get("a", "one") is None
    assert vault.delete("a", "one") is False


def test_what_is_added_first_stays_and_all_hear_the_same(vault: Vault) -> None:
    answers = []
    threads = [
        threading.Thread(target=lambda value=value: answers.append(vault.add("a", "one", value)))
        for value in (b"1", b"2", b"3", b"4")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert len(answers) == 4
    assert vault.get("a", "one") == answers[0]


def test_what_many_threads_add_is_kept_for_each(vault: Vault) -> None:
    def add(number: int) -> list[bytes]:
        shared = (Place("shared", str(number % 7)), b"%d" % number)
        return vault.add_all([(Place("own", str(number)), b"%d" % number), shared])

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(add, range(400)))
    assert [own for own, _ in answers] == [b"%d" % number for number in range(400)]
    assert len(list(vault.items("own"))) == 400
    held = dict(vault.items("shared"))
    assert [shared for _, shared in answers] == [held[str(number % 7)] for number in range(400)]


def test_many_are_added_looked_at_and_removed_at_once(vault: Vault) -> None:
    places = [Place("a", "1"), Place("b", "1"), Place("a", "2")]
    vault.put("b", "1", b"there")
    assert vault.add_all([(place, place.name.encode()) for place in places]) == [b"1", b"there", b"2"]
    assert vault.get_all([*places, Place("c", "1")]) == [b"1", b"there", b"2", None]
    assert vault.get_all([]) == []
    assert vault.add_all([]) == []
    assert vault.delete_all([places[0], Place("c", "1"), places[2]]) == 2
    assert vault.get_all(places) == [None, b"there", None]


def test_a_drawer_is_given_by_name_and_others_are_not(vault: Vault) -> None:
    names = [f"{number:05d}" for number in range(2_500)]
    vault.add_all([(Place("many", name), name.encode()) for name in reversed(names)])
    vault.put("other", "00007", b"x")
    vault.put("man", "y", b"x")
    assert list(vault.items("many")) == [(name, name.encode()) for name in names]
    assert list(vault.items("none")) == []
    assert vault.drawers() == ["man", "many", "other"]


def test_names_may_hold_any_characters(vault: Vault) -> None:
    names = ["a#0", "a:b", "a b", "é", "市民", "a/b", "*", "[a]", "{x}"]
    vault.add_all([(Place("a", name), name.encode()) for name in names])
    assert dict(vault.items("a")) == {name: name.encode() for name in names}


def test_what_was_removed_or_replaced_is_in_no_file_once_scrubbed(vault: Vault, files: Path) -> None:
    """Rows of other lengths around them, so that pages were split and moved."""
    secrets_ = [secrets.token_bytes(60) for _ in range(3_000)]
    for first in range(0, 3_000, 100):
        numbers = range(first, first + 100)
        vault.add_all([(Place("person", secrets.token_hex(11)), secrets_[number]) for number in numbers])
        vault.add_all([(Place("issue", f"{number}#0"), b"x" * (number % 90)) for number in numbers])
    vault.put("person", "replaced", old := secrets.token_bytes(60))
    vault.put("person", "replaced", b"new")
    held = list(vault.items("person"))
    gone = [(name, value) for name, value in held if value in set(secrets_[::3])]
    assert vault.delete_all([Place("person", name) for name, _ in gone]) == 1_000
    vault.scrub()
    everything = b"".join(path.read_bytes() for path in files.rglob("*") if path.is_file())
    kept = dict(held).items() - dict(gone).items()
    assert all(value in everything for _, value in kept)
    assert not [name for name, value in [*gone, ("replaced", old)] if value in everything]
    assert dict(vault.items("person")).items() == kept
