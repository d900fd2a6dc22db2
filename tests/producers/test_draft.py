import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.event_data import OUTCOMES
from producers.draft import draft_mapping
from producers.mapping import Mapping, parse_mapping
from producers.rows import Request, RowReader
from producers.tables import Table, TableError

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def drafted(path: Path, zone: str = "UTC") -> Mapping:
    return parse_mapping(draft_mapping(path, name="drafted", time_zone=zone), "the draft")


def columns_of(mapping: Mapping, *parts: str) -> list[str | None]:
    return [getattr(getattr(mapping, part), "column", None) for part in parts]


def shares(path: Path, mapping: Mapping, now: int = 2**51) -> float:
    with Table(path, encoding=mapping.encoding, delimiter=mapping.delimiter) as table:
        reader = RowReader(mapping, table.columns, now)
        read = [isinstance(reader.read(row), Request) for row in table.rows()]
    return sum(read) / len(read)


def test_bostons_table_is_understood_without_help() -> None:
    path = EXAMPLES / "boston" / "requests-2011h2.csv.gz"
    mapping = drafted(path, "America/New_York")
    assert mapping.id == "case_enquiry_id"
    assert mapping.target is not None
    assert [time.columns for time in (mapping.opened, mapping.closed, mapping.target)] == [
        *(["open_dt"], ["closed_dt"], ["target_dt"])
    ]
    columns = [
        getattr(getattr(mapping, part), "column", None) for part in ("service", "department", "channel")
    ]
    assert columns == ["type", "department", "source"]
    assert getattr(mapping.channel, "staff", None) == ["employee-generated"]
    assert mapping.outcome.values == {outcome: outcome for outcome in OUTCOMES}
    assert mapping.drop == []
    assert shares(path, mapping) == 1.0


def test_kansas_citys_date_and_time_columns_are_joined() -> None:
    path = EXAMPLES / "kansas-city" / "potholes-2020.csv.gz"
    mapping = drafted(path, "America/Chicago")
    assert mapping.opened.columns == ["CREATION DATE", "CREATION TIME"]
    assert mapping.opened.formats == ["%m/%d/%y %I:%M %p"]
    assert mapping.status is not None
    assert mapping.status.values == {"RESOL": "resolved", "OPEN": "open"}
    assert mapping.label is not None
    assert mapping.label.late == ["Y"]
    assert shares(path, mapping) > 0.85  # the others are closed without a date


def test_every_guess_is_marked_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Ticket No,Created,Closed,Caller phone\nA1,2020-01-02,2020-01-03,617 555 0100\n")
    text = draft_mapping(path, name="t", time_zone="UTC")
    for key in ("id", "columns", "formats"):
        for line in re.findall(rf"^{key} = .*", text, re.MULTILINE):
            assert "# guessed: " in line
    assert '"Caller phone",  # guessed: its name speaks of a person or an address' in text


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("remarks", "see ann@example.org", "holds e-mail addresses"),
        ("remarks", "call +1 (617) 555-0100", "holds what look like telephone numbers"),
        ("remarks", "https://example.org/1", "holds links"),
        ("remarks", "", "always empty"),
        ("Caller", "A", "speaks of a person"),
        ("Street", "Elm", "speaks of a person or an address"),
    ],
)
def test_what_may_be_personal_is_dropped(tmp_path: Path, column: str, cell: str, why: str) -> None:
    path = tmp_path / "t.csv"
    rows = [f"1,2020-01-02 10:00:00,,{cell}", "2,2020-01-03 10:00:00,2020-01-04 10:00:00,"]
    path.write_text("\n".join([f"id,opened,closed,{column}", *rows]))
    text = draft_mapping(path, name="t", time_zone="UTC")
    assert re.search(rf'"{column}",  # guessed: .*{why}', text)


def test_chinese_headings_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [
        f"GD{n},2021-03-0{n} 09:00,2021-03-0{n} 17:00,2021-03-09 09:00,已办结,热线,供水事项,城管局,西湖区"
        for n in (1, 2, 3)
    ]
    path.write_text(
        "工单编号,受理时间,办结时间,办理期限,状态,来源渠道,事项,承办单位,所属区县\n" + "\n".join(rows),
        "gb18030",
    )
    text = draft_mapping(path, name="t", time_zone="Asia/Shanghai", encoding="gb18030")
    mapping = parse_mapping(text, "the draft")
    assert mapping.opened.columns == ["受理时间"]
    assert mapping.closed.columns == ["办结时间"]
    assert mapping.target is not None
    assert mapping.status is not None
    assert mapping.status.values == {"已办结": "resolved"}
    parts = [
        getattr(getattr(mapping, part), "column", None)
        for part in ("channel", "service", "department", "area")
    ]
    assert parts == ["来源渠道", "事项", "承办单位", "所属区县"]
    assert not mapping.drop


@pytest.mark.parametrize(
    ("heading", "encoding", "guess"),
    [
        ("工单编号,受理时间,办结时间", "gb18030", "gb18030"),
        ("工单编号,受理时间,办结时间", "utf-8-sig", "utf-8"),
        ("id,opened,closed", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_told_by_the_heading(tmp_path: Path, heading: str, encoding: str, guess: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{heading}\nGD1,2021-03-01 09:00,2021-03-01 17:00\n", encoding)
    text = draft_mapping(path, name="t", time_zone="Asia/Shanghai")
    assert f'encoding = "{guess}"  # guessed' in text
    assert shares(path, parse_mapping(text, "the draft")) == 1.0


def test_accents_are_not_taken_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,créé,closed\n1,2021-03-01 09:00,2021-03-01 17:00\n", "latin-1")
    with pytest.raises(TableError, match="not in utf-8; name the encoding, as --encoding"):
        draft_mapping(path, name="t", time_zone="Europe/Paris")
    assert '"créé"' in draft_mapping(path, name="t", time_zone="Europe/Paris", encoding="latin-1")


def test_a_row_that_stands_twice_does_not_hide_the_id(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"GD{n},2021-03-0{n} 09:00,2021-03-0{n} 17:00" for n in (1, 2, 3, 4, 5, 5)]
    path.write_text("\n".join(["工单编号,受理时间,办结时间", *rows]), "utf-8")
    text = draft_mapping(path, name="t", time_zone="Asia/Shanghai")
    assert 'id = "工单编号"  # guessed: by its name, and 1 row of the sample has another\'s or none' in text


def test_day_and_month_that_could_be_swapped_are_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,opened,closed\n1,02/03/2020 10:00,02/04/2020 10:00\n2,05/03/2020 10:00,\n")
    assert "day and month could be the other way round" in draft_mapping(path, name="t", time_zone="UTC")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,opened,closed\n", "has no rows to learn from"),
        ("a,opened,closed\n" + 2 * "1,2020-01-02,2020-01-03\n", "no column tells one row from another"),
        ("id,who\n1,a\n2,b\n", "no column looks like the time a request was closed"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_drafted_says_what_is_missing(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(TableError, match=message):
        draft_mapping(path, name="t", time_zone="UTC")


NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"'), min_size=1, max_size=8)


@given(st.lists(NAME.map(str.strip).filter(bool), unique=True, max_size=4), NAME)
def test_whatever_the_columns_are_called_the_draft_is_a_mapping_of_them(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], cell: str
) -> None:
    names = [name for name in names if name not in ("the id", "opened", "closed")]
    path = tmp_path_factory.mktemp("drafts") / "t.csv"
    heading = ",".join(f'"{name}"' for name in ["the id", "opened", "closed", *names])
    row = "".join(f',"{cell}"' for _ in names)
    path.write_text(f"{heading}\n1,2020-01-02 10:00:00,2020-01-03 10:00:00{row}\n", "utf-8")
    text = draft_mapping(path, name="t", time_zone="UTC")
    mapping = parse_mapping(text, text)
    with Table(path, delimiter=mapping.delimiter) as table:
        mapping.check_columns(table.columns)
