"""Sealing: what is sealed is read with the person's key only, for the issue it was sealed for."""

import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.sealing.master_keys import MasterKeys, new_master_key
from backends.sealing.people import People
from backends.sealing.sealer import PersonSealer
from backends.vaults.sqlite_vault import SqliteVault
from livelihood.event_data import CommentedData
from livelihood.safekeeping import PERSONAL_FIELDS, PERSONS

MASTER = new_master_key()


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> PersonSealer:
    return PersonSealer(
        People(SqliteVault(tmp_path_factory.mktemp("v") / "keys"), MasterKeys(lambda: MASTER))
    )


def person_of(sealed: str | None) -> str:
    assert sealed is not None
    return sealed.split(".")[1]


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(str.strip)


@given(st.dictionaries(st.sampled_from(sorted(PERSONAL_FIELDS)), TEXTS, min_size=1))
def test_what_is_sealed_is_read_again_and_fits_an_event(sealer: PersonSealer, clear: dict[str, str]) -> None:
    sealed = sealer.seal(clear, "A-1")
    assert sealed is not None
    assert CommentedData(personal=sealed).personal == sealed
    assert sealer.open(sealed, "A-1") == {field: text.strip() for field, text in clear.items()}


def test_the_longest_of_all_fields_fits_an_event(sealer: PersonSealer) -> None:
    longest = {field: "𠀀" * length for field, length in PERSONAL_FIELDS.items()}
    sealed = sealer.seal(longest, "A-2")
    assert sealer.open(CommentedData(personal=sealed).personal or "", "A-2") == longest


def test_what_was_sealed_for_one_issue_is_not_read_in_another(sealer: PersonSealer) -> None:
    sealed = sealer.seal({"phone": "13800001111"}, "A-3")
    assert sealed is not None
    assert sealer.open(sealed, "A-4") is None
    head, person, text = sealed.split(".")
    other = person_of(sealer.seal({"phone": "13900002222"}, "A-3"))
    assert sealer.open(f"{head}.{other}.{text}", "A-3") is None
    changed = "A" if text[20] != "A" else "B"
    assert sealer.open(f"{head}.{person}.{text[:20]}{changed}{text[21:]}", "A-3") is None
    assert sealer.open("sealed.nobody.AAAA", "A-3") is None
    assert sealer.open(f"sealed.{person}.A", "A-3") is None


@pytest.mark.parametrize(
    ("field", "spellings"),
    [
        (
            "phone",
            [
                "138 1234 5678",
                "+86 138-1234-5678",
                "008613812345678",
                "１３８１２３４５６７８",
                "013812345678",
            ],
        ),
        ("phone", ["0755-12345678", "+86 755 1234 5678", "(0755)12345678转801", "0086-755-12345678"]),
        ("phone", ["+1 (617) 555-0100", "617-555-0100", "1.617.555.0100 ext. 7"]),
        ("identity_number", ["11010519491231002X", "110105 19491231 002x"]),
        ("email", ["Ann@Example.org", "ann@example.org "]),
        ("openid", ["oABC", " oABC"]),
    ],
)
def test_a_person_is_recognised_however_an_identifier_is_written(
    sealer: PersonSealer, field: str, spellings: list[str]
) -> None:
    issues = [f"B-{secrets.token_hex(4)}" for _ in spellings]
    persons = {
        person_of(sealer.seal({field: text}, issue)) for text, issue in zip(spellings, issues, strict=True)
    }
    assert len(persons) == 1


@pytest.mark.parametrize(
    "clear",
    [
        {"name": "Ann"},
        {"phone": "12345"},
        {"phone": "138****5678"},
        {"phone": "00000000000"},
        {"identity_number": "110105********002X"},
        {"email": "unknown"},
        {"email": "a***@example.org"},
    ],
)
def test_without_an_identifier_the_key_is_the_issues_own(sealer: PersonSealer, clear: dict[str, str]) -> None:
    first, second = f"C-{secrets.token_hex(4)}", f"C-{secrets.token_hex(4)}"
    own = person_of(sealer.seal(clear, first))
    assert person_of(sealer.seal({"text": "further"}, first)) == own
    assert person_of(sealer.seal({"text": "further"}, f"{first}~part")) == own
    assert person_of(sealer.seal(clear, second)) != own


def test_two_ways_to_reach_a_person_are_one_person(sealer: PersonSealer) -> None:
    both = person_of(sealer.seal({"phone": "13711110000", "email": "both@example.org"}, "D-1"))
    assert person_of(sealer.seal({"email": "both@example.org"}, "D-2")) == both
    assert person_of(sealer.seal({"phone": "13711110000"}, "D-3")) == both
    assert person_of(sealer.seal({"text": "again"}, "D-3")) == both


@pytest.mark.parametrize(
    ("clear", "said"),
    [
        ({"phone_number": "13800001111"}, "'phone_number' is no personal field; known are name, phone"),
        ({"13800001111": "Ann"}, "one of them is no personal field"),
        ({"phone": 13800001111}, "phone must be a text"),
        ({"phone": "1" * 41}, "phone is longer than 40"),
        ({"text": "a\x00b"}, "text has a character"),
        ({"text": "a\ud800b"}, "text has a character"),
    ],
)
def test_a_field_that_is_none_is_named_and_never_quoted(
    sealer: PersonSealer, clear: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        sealer.seal(clear, "E-1")
    assert "138" not in str(refused.value)


def test_nothing_said_is_nothing_sealed(sealer: PersonSealer) -> None:
    assert sealer.seal({}, "E-2") is None
    assert sealer.seal({"name": "  "}, "E-2") is None


def test_the_vault_holds_no_identifier_and_no_key_in_clear(tmp_path: Path) -> None:
    with SqliteVault(tmp_path / "keys") as vault:
        people = People(vault, MasterKeys(lambda: MASTER))
        sealed = PersonSealer(people).seal({"phone": "13812345678", "email": "ann@example.org"}, "F-1")
        key = people.key_of(person_of(sealed))
        assert key is not None
        assert [name for name, _ in vault.items(PERSONS)] == [person_of(sealed)]
        held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        for clear in (key, b"13812345678", b"3812345678", b"ann@example.org"):
            assert clear not in held
