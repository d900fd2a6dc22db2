"""Forgetting: whom it makes unreadable, who stays, and that a restored vault hears of it."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from backends.sealing.forgetting import Forgetting
from backends.sealing.master_keys import MasterKeys, new_master_key
from backends.sealing.people import People
from backends.sealing.sealer import PersonSealer
from backends.vaults.forgotten_file import ForgottenFile
from backends.vaults.sqlite_vault import SqliteVault
from livelihood.safekeeping import IDENTIFIERS, ISSUES, PERSONS, Place

MASTER = new_master_key()


class Office:
    """A vault and what works with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = SqliteVault(folder / "keys")
        self.people = People(self.vault, MasterKeys(lambda: MASTER))
        self.sealer = PersonSealer(self.people)
        self.forgetting = Forgetting(self.people, ForgottenFile(folder))

    def seal(self, issue: str, **clear: str) -> str:
        sealed = self.sealer.seal(clear, issue)
        assert sealed is not None
        return sealed

    def reads(self, sealed: str, issue: str) -> bool:
        return self.sealer.open(sealed, issue) is not None


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def backup(office: Office, tmp_path: Path) -> Callable[[], Office]:
    """Take a copy of the vault now; later, an office with that copy and today's list."""
    office.vault.scrub()
    shutil.copytree(tmp_path / "keys", tmp_path / "copy")

    def restore() -> Office:
        office.vault.close()
        shutil.rmtree(tmp_path / "keys")
        shutil.copytree(tmp_path / "copy", tmp_path / "keys")
        return Office(tmp_path)

    return restore


def test_a_person_is_forgotten_in_all_their_issues_and_nobody_else_is(office: Office) -> None:
    theirs = office.seal("A", phone="13800001111", name="Ann")
    again = office.seal("B", phone="+86 138 0000 1111", email="ann@example.org")
    text = office.seal("B", text="of Ann")
    other = office.seal("C", phone="13900002222")
    done = office.forgetting.forget_person("138-0000-1111")
    assert (done.keys, done.issues, done.repeated) == (1, 2, False)
    assert not any(office.reads(one, issue) for one, issue in ((theirs, "A"), (again, "B"), (text, "B")))
    assert office.reads(other, "C")
    assert [name for name, _ in office.vault.items(ISSUES)] == ["C#0"]
    assert len(list(office.vault.items(IDENTIFIERS))) == 1


def test_nothing_is_kept_of_the_forgotten_whatever_they_are_known_by(office: Office) -> None:
    office.seal("A", phone="13800001111", email="ann@example.org")
    office.forgetting.forget_person("13800001111")
    persons = dict(office.vault.items(PERSONS))
    for issue, clear in (
        ("A", {"text": "a later comment"}),
        ("A~part", {"text": "on a part"}),
        ("A", {"phone": "13900002222"}),
        ("N", {"phone": "13800001111"}),
        ("N", {"email": "Ann@Example.org", "name": "Ann"}),
    ):
        assert office.sealer.seal(clear, issue) is None
    assert dict(office.vault.items(PERSONS)) == persons == {}
    assert office.reads(office.seal("N", phone="13900002222"), "N")


def test_an_issue_forgets_its_people_and_their_other_issues(office: Office) -> None:
    of_issue = office.seal("A", text="no number given")
    theirs = office.seal("B", phone="13800001111")
    same = office.seal("C", phone="13800001111")
    assert office.forgetting.forget_issue("A").issues == 1
    assert not office.reads(of_issue, "A")
    assert office.reads(theirs, "B")
    done = office.forgetting.forget_issue("B~part")
    assert (done.keys, done.issues) == (1, 2)
    assert not office.reads(theirs, "B")
    assert not office.reads(same, "C")


def test_who_shares_a_telephone_is_forgotten_by_it_and_stays_when_the_other_goes_by_name(
    office: Office,
) -> None:
    father = office.seal("A", identity_number="11010519491231002X")
    mother = office.seal("B", identity_number="110105195012310022")
    both = [office.seal("A", phone="01012345678", identity_number="11010519491231002X")]
    both.append(office.seal("B", phone="01012345678", identity_number="110105195012310022"))
    assert office.forgetting.forget_person("11010519491231002X").keys == 1
    assert not office.reads(father, "A")
    assert not office.reads(both[0], "A")
    assert office.reads(mother, "B")
    # The number is still hers.
    later = office.seal("D", phone="01012345678")
    assert later.split(".")[1] == mother.split(".")[1]
    assert office.forgetting.forget_person("010-12345678").keys == 1
    assert not office.reads(mother, "B")
    assert not office.reads(later, "D")


def test_forgetting_again_changes_nothing(office: Office) -> None:
    office.seal("A", phone="13800001111")
    office.forgetting.forget_person("13800001111")
    before = ForgottenFile(office.folder).entries()
    assert office.forgetting.forget_person("13800001111").repeated
    assert office.forgetting.forget_issue("A").repeated
    assert ForgottenFile(office.folder).entries() == before
    # Somebody unknown is noted once.
    assert not office.forgetting.forget_person("13777777778").repeated
    assert office.forgetting.forget_person("13777777778").repeated
    assert office.sealer.seal({"phone": "13777777778"}, "Z") is None


def test_who_is_no_person_is_not_forgotten(office: Office) -> None:
    for nobody in ("", "  ", "***", "x"):
        with pytest.raises(ValueError, match="no telephone number"):
            office.forgetting.forget_person(nobody)


def test_a_vault_restored_from_before_is_told_who_was_forgotten(
    office: Office, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sealed = office.seal("A", phone="13800001111", email="ann@example.org")
    kept = office.seal("B", phone="13900002222")
    restore = request.getfixturevalue("backup")
    office.forgetting.forget_person("ann@example.org")
    restored = restore()
    assert restored.reads(sealed, "A")
    assert restored.forgetting.honour() == 1
    assert restored.forgetting.honour() == 0
    assert not restored.reads(sealed, "A")
    assert restored.reads(kept, "B")
    assert restored.sealer.seal({"phone": "13800001111"}, "N") is None
    assert restored.sealer.seal({"text": "later"}, "A") is None
    assert restored.forgetting.forget_person("13800001111").repeated


def test_a_list_that_was_lost_is_written_again_from_the_vault(office: Office) -> None:
    sealed = office.seal("A", phone="13800001111")
    office.forgetting.forget_person("13800001111")
    (office.folder / "forgotten.jsonl").unlink()
    assert office.forgetting.honour() == 0
    assert len(ForgottenFile(office.folder).entries()) == 1
    office.forgetting.honour()
    assert len(ForgottenFile(office.folder).entries()) == 1
    assert not office.reads(sealed, "A")


def test_a_line_of_the_list_that_a_crash_cut_off_is_none(tmp_path: Path) -> None:
    forgotten = ForgottenFile(tmp_path)
    assert forgotten.entries() == []
    forgotten.append(b'{"persons": [], "names": ["a"]}')
    with forgotten.path.open("ab") as file:
        file.write(b'{"persons": ["b')
    forgotten.append(b'{"persons": [], "names": ["c"]}')
    assert forgotten.entries() == [b'{"persons": [], "names": ["a"]}', b'{"persons": [], "names": ["c"]}']
    assert forgotten.path.stat().st_mode & 0o777 == 0o600


def test_who_is_forgotten_while_they_come_in_again_leaves_nothing(office: Office) -> None:
    """Between the look whether they are forgotten and the first thing kept of them."""
    office.seal("A", phone="13800001111")

    class Late(SqliteVault):
        def add_all(self, values: Sequence[tuple[Place, bytes]]) -> list[bytes]:
            office.forgetting.forget_person("13800001111")
            office.forgetting.forget_person("new@example.org")
            return super().add_all(values)

    with Late(office.folder / "keys") as vault:
        people = People(vault, MasterKeys(lambda: MASTER))
        assert PersonSealer(people).seal({"email": "new@example.org"}, "B") is None
        assert PersonSealer(people).seal({"phone": "13800001111"}, "C") is None
    assert list(office.vault.items(PERSONS)) == []


def test_one_way_to_reach_somebody_is_forgotten_without_the_others(office: Office) -> None:
    hers = office.seal("A", phone="13800001111")
    office.forgetting.forget_person("gone@example.org")
    assert office.sealer.seal({"phone": "13800001111", "email": "gone@example.org"}, "B") is None
    assert office.reads(hers, "A")
