"""Master keys: what they wrap is opened by them only, and rotating leaves everything readable."""

from pathlib import Path

import pytest

from backends.sealing.forgetting import Forgetting
from backends.sealing.master_keys import MasterKeys, new_master_key, parse_master_keys, rewrap, wrapped_by
from backends.sealing.people import People
from backends.sealing.sealer import PersonSealer
from backends.vaults.forgotten_file import ForgottenFile
from backends.vaults.sqlite_vault import SqliteVault
from livelihood.ports import Unavailable
from livelihood.safekeeping import PERSONS


def test_a_master_key_is_read_as_it_was_made_and_what_is_none_is_never_quoted() -> None:
    first, second = new_master_key(), new_master_key()
    assert [len(key) for key in parse_master_keys(f"{first}\n{second}\n")] == [32, 32]
    for text in ("", "  \n", first[:-1], f"{first} secret-but-short", "ключ", f"{first}A"):
        with pytest.raises(ValueError, match="master key") as refused:
            parse_master_keys(text)
        assert first not in str(refused.value)
        assert "secret-but-short" not in str(refused.value)


def test_what_is_wrapped_is_opened_for_its_name_by_its_master_key_only() -> None:
    text, foreign = new_master_key(), new_master_key()
    ours, other = MasterKeys(lambda: text), MasterKeys(lambda: foreign)
    wrapped = ours.wrap(b"k" * 32, "ann")
    assert ours.unwrap(wrapped, "ann") == b"k" * 32
    with pytest.raises(Unavailable, match="damaged"):
        ours.unwrap(wrapped, "bob")
    with pytest.raises(Unavailable, match=ours.current.hex()):
        other.unwrap(wrapped, "ann")


def test_after_a_rotation_everything_is_read_by_the_new_key_alone_and_recognised(tmp_path: Path) -> None:
    texts = [new_master_key()]
    with SqliteVault(tmp_path / "keys") as vault:
        # A process that goes on all the while.
        running = PersonSealer(People(vault, MasterKeys(lambda: " ".join(texts))))
        before = [running.seal({"phone": f"1380000{number:04}"}, f"A-{number}") for number in range(30)]
        texts.insert(0, new_master_key())
        master = MasterKeys(lambda: " ".join(texts))
        assert rewrap(vault, master) == 31
        assert rewrap(vault, master) == 0
        assert dict(wrapped_by(vault)) == {master.current: 31}
        del texts[1]
        alone = PersonSealer(People(vault, MasterKeys(lambda: texts[0])))
        for sealer in (running, alone):
            for number, sealed in enumerate(before):
                assert sealed is not None
                assert sealer.open(sealed, f"A-{number}") == {"phone": f"1380000{number:04}"}
            again = sealer.seal({"phone": "13800000007"}, "B")
            assert again is not None
            assert again.split(".")[1] == str(before[7]).split(".")[1]
        # What the running process makes from now on is wrapped by the new one.
        running.seal({"phone": "13911112222"}, "C")
        assert dict(wrapped_by(vault)) == {master.current: 32}


def test_a_rotation_does_not_bring_a_forgotten_person_back(tmp_path: Path) -> None:
    texts = [new_master_key()]
    with SqliteVault(tmp_path / "keys") as vault:
        people = People(vault, MasterKeys(lambda: " ".join(texts)))
        PersonSealer(people).seal({"phone": "13800001111"}, "A")
        ((person, wrapped),) = vault.items(PERSONS)
        texts.insert(0, new_master_key())

        class Forgets(SqliteVault):
            def replace(self, drawer: str, name: str, old: bytes, new: bytes) -> bool:
                # Just before the rotation writes it back.
                if drawer == PERSONS:
                    Forgetting(people, ForgottenFile(tmp_path)).forget_issue("A")
                return super().replace(drawer, name, old, new)

        with Forgets(tmp_path / "keys") as rotating:
            rewrap(rotating, MasterKeys(lambda: " ".join(texts)))
        assert vault.get(PERSONS, person) is None
        assert wrapped


def test_with_another_master_key_nothing_is_opened_and_it_is_said_which_one_is_missing(
    tmp_path: Path,
) -> None:
    first = new_master_key()
    with SqliteVault(tmp_path / "keys") as vault:
        sealed = PersonSealer(People(vault, MasterKeys(lambda: first))).seal({"phone": "13800001111"}, "A")
        assert sealed is not None
        second = new_master_key()
        other = PersonSealer(People(vault, MasterKeys(lambda: second)))
        with pytest.raises(Unavailable, match=MasterKeys(lambda: first).current.hex()):
            other.open(sealed, "A")
        with pytest.raises(Unavailable, match="wrapped by the master key"):
            other.seal({"phone": "13800001111"}, "B")
