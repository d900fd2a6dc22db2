from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from livelihood.fields import Code
from producers.mapping import Mapping, MappingError, load_mapping, parse_mapping
from producers.parts import code_of
from producers.tables import Table

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL = """
name = "small"
time_zone = "UTC"
id = "id"
channel = {code = "web"}
service = {code = "request"}
outcome = {default = "fixed"}
[opened]
columns = ["day", "hour"]
[closed]
columns = ["done"]
"""


def test_a_column_that_is_neither_used_nor_dropped_is_named(mapping: Mapping) -> None:
    with pytest.raises(
        MappingError, match=r"column 'phone', 'who' is not classified; use it, or list it under"
    ):
        mapping.check_columns([*mapping.uses(), "phone", "who"])


@pytest.mark.parametrize(
    ("mark", "said"), [("\t", r"by tabs, .*delimiter = \"\\t\""), (";", "by semicolons, ")]
)
def test_a_heading_read_as_one_column_hints_at_the_delimiter(mapping: Mapping, mark: str, said: str) -> None:
    with pytest.raises(MappingError, match=said):
        mapping.check_columns([mark.join(mapping.uses())])


def test_a_dropped_column_needs_not_be_there_but_a_used_one_must(mapping: Mapping) -> None:
    mapping.check_columns(mapping.uses())
    with pytest.raises(MappingError, match=r"the table has no column 'opened'; it has 'id'"):
        mapping.check_columns([name for name in mapping.uses() if name != "opened"])


def test_every_column_it_names_is_a_column_it_uses() -> None:
    assert parse_mapping(SMALL, "small").uses() == ["id", "day", "hour", "done"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('time_zone = "UTC"|time_zone = "Boston"', "time_zone: 'Boston' is none"),
        ('id = "id"|id = "id"\ndrop = ["hour"]', "drop: 'hour' is used as well"),
        ('{default = "fixed"}|{default = "mended"}', "outcome.default: Input should be 'fixed'"),
        ('{default = "fixed"}|{default = "fixed", rules = [{match = "(", outcome = "fixed"}]}', "no regular"),
        ('service = {code = "request"}|service = {column = "s", values = {a = "b c"}}', "a code is letters"),
        ('id = "id"|id = "id"\nids = "id"', "ids: there is no such field"),
        ('name = "small"|name = "small', "at line 2"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_says_where_and_what_was_expected(change: str, message: str) -> None:
    before, after = change.split("|")
    with pytest.raises(MappingError, match=r"small\.toml") as error:
        parse_mapping(SMALL.replace(before, after), "small.toml")
    assert message in str(error.value)


def test_a_missing_mapping_says_so(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="No such file"):
        load_mapping(tmp_path / "none.toml")


def test_names_become_codes_by_the_list_then_by_the_rule(mapping: Mapping) -> None:
    assert mapping.department is not None
    listed = mapping.department.model_copy(update={"values": {"No Q": "", "BPS_": "BPS"}})
    assert [listed.code(raw) for raw in ("PWDx", "BPS_", "No Q", " ", "Old Dept.")] == [
        *("PWDx", "BPS", None, None, "Old-Dept")
    ]
    assert listed.model_copy(update={"default": "none"}).code("") == "none"


def test_names_that_differ_in_case_or_punctuation_only_are_one_code() -> None:
    assert code_of("New Sign  Crosswalk or Pavement Marking") == "new-sign-crosswalk-or-pavement-marking"
    assert (
        code_of("Pothole Repair (Internal)")
        == code_of("pothole repair - internal")
        == "pothole-repair-internal"
    )
    assert code_of("路灯 报修") == "路灯-报修"
    assert code_of(" -- ") is None


@given(st.text(max_size=200), st.booleans())
def test_whatever_a_name_holds_its_code_is_one(raw: str, keep_case: bool) -> None:
    code = code_of(raw, keep_case=keep_case)
    if code is not None:
        assert TypeAdapter(Code).validate_python(code) == code
        assert code_of(code, keep_case=keep_case) == code


def test_the_exact_words_come_before_the_rules_and_the_rules_before_the_default(mapping: Mapping) -> None:
    outcome = mapping.outcome.outcome
    assert outcome(" Case Scheduled ") == "scheduled"
    assert outcome("Case Scheduled, a DUPLICATE") == "duplicate"
    assert outcome("") == outcome("thanks") == "answered"


@pytest.mark.parametrize("city", ["boston", "kansas-city"])
def test_the_mappings_that_ship_fit_the_tables_that_ship(city: str) -> None:
    mapping = load_mapping(EXAMPLES / city / "mapping.toml")
    (data,) = (EXAMPLES / city).glob("*.csv.gz")
    with Table(data, encoding=mapping.encoding, delimiter=mapping.delimiter) as table:
        mapping.check_columns(table.columns)
        assert set(table.columns) == set(mapping.uses())


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Case Closed Case Scheduled Items have been scheduled for pickup. ", "scheduled"),
        ("Case Closed. Closed date : 2018-12-18 12:14:25.89 Duplicate of Existing Case ", "duplicate"),
        ("Case Closed Case Resolved case exists already; please follow case ##", "duplicate"),
        ("Case Closed Internal Case Performed by Highway Maintenance crew. ", "fixed"),
        ("Case Closed VIOCOR: Violation Corrected ", "fixed"),
        ("Case Closed NOVIO: No Violation Found/No Cause ", "not_found"),
        ("Case Closed Case Resolved not at location 9/1.", "not_found"),
        ("Case Closed Case Noted cart delivered 9/1/11 serial #", "fixed"),
        ("Case Closed Case Noted ", "answered"),
        ("Case Closed Case Referred to External Agency DCR jurisdiction. ", "not_ours"),
        ("Case Closed Bulk Item Automation ", "administrative"),
        ("Case Closed Case Invalid test", "administrative"),
        (" ", "administrative"),
        ("scheduled", "scheduled"),
    ],
)
def test_bostons_closing_words_mean_an_outcome(text: str, outcome: str) -> None:
    mapping = load_mapping(EXAMPLES / "boston" / "mapping.toml")
    assert mapping.outcome.outcome(text) == outcome
    assert mapping.outcome.outcome(outcome) == outcome
