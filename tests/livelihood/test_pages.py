"""The pages about events, measures and alerts say what the code does."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from livelihood.alerts import AlertKind
from livelihood.envelope import parse_event
from livelihood.event_data import OUTCOMES
from livelihood.events import DATA_MODELS, Kind
from livelihood.facts import DATA_FIELDS
from livelihood.instants import parse
from livelihood.measures import measures_of
from livelihood.projects import ProjectProgress

DOCS = Path(__file__).resolve().parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text()


def named(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+)`", text))


def test_every_measure_has_its_definition() -> None:
    assert {*measures_of({}), "oldest_open", "last_change"} <= named(page("measures"))
    project = set(ProjectProgress.__dataclass_fields__) - {"due", "last_change"}
    assert project <= named(page("measures").split("## Project commitments")[1])


def test_every_kind_of_event_is_there_with_its_data() -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", page("events").split("| kind |")[1], re.MULTILINE)
    kinds = {name: named(data) for names, data in rows for name in named(names)}
    assert set(kinds) == {kind.word for kind in DATA_MODELS}
    for kind in DATA_MODELS:
        assert set(DATA_FIELDS[kind]) <= kinds[kind.word], kind.word
    corrected = {"time", "channel", "void"}
    extra = {kind: names - set(DATA_FIELDS[Kind[kind.upper()]]) for kind, names in kinds.items()}
    assert extra == {kind: corrected if kind == "corrected" else set() for kind in kinds}
    assert all(outcome in page("events") for outcome in OUTCOMES)


def test_the_example_of_an_event_is_one() -> None:
    example = page("events").split("```json\n")[1].split("```")[0]
    event = parse_event(example, parse("2026-03-02T00:00:00Z"))
    assert json.loads(example)["data"].keys() <= json.loads(event.to_json())["data"].keys()


@pytest.mark.parametrize("kind", get_args(AlertKind))
def test_every_kind_of_alert_is_there(kind: str) -> None:
    assert f"| `{kind}` |" in page("alerts")
