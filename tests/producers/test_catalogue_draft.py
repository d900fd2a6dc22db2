import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from livelihood.catalogue import CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from livelihood.limits import due_after
from livelihood.worktime import WorkCalendar
from producers.catalogue_draft import catalogue_toml
from producers.draft import draft_mapping
from producers.mapping import Mapping, load_mapping, parse_mapping
from producers.rows import Request, RowReader
from producers.survey import Survey, infer_standards, survey
from producers.tables import Table

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILES = {"boston": "requests-2011h2.csv.gz", "kansas-city": "potholes-2020.csv.gz"}


@pytest.fixture(scope="session", params=FILES)
def city(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def surveyed(city: str) -> Survey:
    return survey(EXAMPLES / city / FILES[city], load_mapping(EXAMPLES / city / "mapping.toml"))


@pytest.fixture(scope="session")
def shipped(city: str) -> CatalogueVersion:
    return parse_catalogue((EXAMPLES / city / "catalogue.toml").read_text("utf-8"))


def test_the_catalogue_that_ships_is_what_the_command_makes_of_the_table(city: str, surveyed: Survey) -> None:
    text = catalogue_toml(surveyed, infer_standards(surveyed))
    assert text == (EXAMPLES / city / "catalogue.toml").read_text("utf-8")


def test_every_code_in_the_table_is_in_the_catalogue_and_every_service_in_one_commitment_at_most(
    surveyed: Survey, shipped: CatalogueVersion
) -> None:
    parts = {"service": shipped.services, "channel": shipped.channels, "department": shipped.departments,
             "area": shipped.areas}  # fmt: skip
    for part, known in parts.items():
        assert set(surveyed.names[part]) <= set(known)
    named = [code for commitment in shipped.commitments.values() for code in commitment.services]
    assert len(named) == len(set(named))
    for commitment in shipped.commitments.values():
        assert set(commitment.title) == {"en", "zh"}
        assert commitment.target == 0.8


def test_bostons_standards_reproduce_its_own_deadlines(
    city: str, surveyed: Survey, shipped: CatalogueVersion
) -> None:
    if city != "boston":
        pytest.skip("Kansas City states no deadlines")
    calendar = WorkCalendar(shipped.calendars["boston"])
    limits = {code: standard.resolution[0].limit for code, standard in shipped.standards.items()}
    stated = [case for case in surveyed.cases if case[2] is not None]
    explained = sum(
        target is not None
        and service in limits
        and abs(due_after(opened, limits[service], calendar) - target) <= 5 * 60 * 1_000_000
        for service, opened, target in stated
    )
    assert len(stated) == 47_270
    assert explained / len(stated) >= 0.992


def test_kansas_citys_standards_give_the_citys_own_verdict(city: str, shipped: CatalogueVersion) -> None:
    if city != "kansas-city":
        pytest.skip("Boston states deadlines")
    mapping = load_mapping(EXAMPLES / city / "mapping.toml")
    calendar = WorkCalendar(shipped.calendars["kansas-city"])
    same = resolved = 0
    with Table(EXAMPLES / city / FILES[city]) as table:
        reader = RowReader(mapping, table.columns, 2**51)
        for row in table.rows():
            request = reader.read(row)
            assert isinstance(request, Request)
            standard = shipped.services[request.events[0].data.service].standard  # type: ignore[attr-defined]
            if len(request.events) == 2 and standard is not None:
                opened, closed = (round(event.time.timestamp() * 1e6) for event in request.events)
                due = due_after(opened, shipped.standards[standard].resolution[0].limit, calendar)
                resolved += 1
                same += (closed <= due) == request.label
    assert (same, resolved) == (2785, 2807)


@pytest.fixture
def town(table: Callable[..., Path], mapping: Mapping) -> Survey:
    rows = [{"id": str(n), "target": f"2011-07-{5 + n % 2:02} 08:00:00"} for n in range(4)]
    rows += [{"id": f"g{n}", "service": "Graffiti", "opened": f"2011-07-0{5 + n} 08:00:00", "closed": "",
              "status": "Open", "target": f"2011-07-0{6 + n} 08:00:00"} for n in range(3)]  # fmt: skip
    rows += [{"id": f"s{n}", "service": "Say hello", "target": "", "department": ""} for n in range(2)]
    return survey(table(*rows, {"id": ""}), mapping)


def test_a_survey_tells_services_without_a_standard_and_why(town: Survey) -> None:
    assert town.rejected == 1
    text = catalogue_toml(town, infer_standards(town))
    assert tomllib.loads(text)["standards"] == {}
    assert "#   Say hello: no deadline stated in 2 requests" in text
    assert "#   Graffiti: stated deadlines in 3 of 3 requests are too few" in text


def test_a_draft_without_departments_or_categories_is_a_sound_catalogue(town: Survey) -> None:
    version = parse_catalogue(catalogue_toml(town, infer_standards(town)))
    assert version.services["say-hello"].department == "unstated"
    assert version.channels["self-service"].origin == "person"
    assert version.commitments == {}


def test_what_the_mapping_knows_wins_over_what_is_inferred(town: Survey, mapping_text: str) -> None:
    text = mapping_text + '[promises]\nstandards = {graffiti = "3 working_days"}\n'
    town.mapping = parse_mapping(text, "the mapping")
    version = parse_catalogue(catalogue_toml(town, infer_standards(town)))
    assert str(version.standards["graffiti"].resolution[0].limit) == "3 working_days"
    assert version.services["graffiti"].standard == "graffiti"


def test_a_table_that_names_no_department_still_makes_a_sound_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("id,opened,closed,kind\n1,2024-01-02 10:00,2024-01-03 11:00,pothole\n")
    mapping = parse_mapping(draft_mapping(path, name="plain", time_zone="America/Chicago"), "draft")
    found = survey(path, mapping)
    version = parse_catalogue(catalogue_toml(found, infer_standards(found)))
    (service,) = version.services.values()
    assert service.department in version.departments
