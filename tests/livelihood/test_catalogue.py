"""What a catalogue may say, what is wrong with one, and what holds for an issue."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.catalogue import (
    NO_COMMITMENT,
    NOTHING_PUBLISHED,
    OTHER_AREA,
    CatalogueError,
    CatalogueVersion,
)
from livelihood.catalogue_reading import build_catalogue, parse_catalogue
from livelihood.instants import DAY, HOUR
from livelihood.limits import Limit
from livelihood.promises import Catalogue, check_publication
from tests.livelihood.worlds import CATALOGUE_TEXT, CITY, FIRST, SECOND, START, at

SMALL = """
version = "1"
time_zone = "Asia/Shanghai"
[departments.works]
[services.pothole]
department = "works"
"""


def problems(text: str) -> list[str]:
    with pytest.raises(CatalogueError) as refused:
        parse_catalogue(text)
    return refused.value.problems


# Reading


def test_a_small_catalogue_is_enough() -> None:
    version = parse_catalogue(SMALL)
    assert version.calendars["monday-friday"].time_zone == "Asia/Shanghai"
    assert version.effective is None
    assert version.services["pothole"].standard is None


def test_two_services_with_one_code_are_named() -> None:
    (problem,) = problems(SMALL + '[services.pothole]\ndepartment = "works"\n')
    assert "not valid TOML" in problem
    assert "pothole" in problem
    (problem,) = problems('version = "1"\ntime_zone = "UTC"\n[services]\na = {}\na = {}\n')
    assert "a code is given twice" in problem


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('[commitments.a]\nservices = ["lamp"]', "commitments.a.services: no service has the code 'lamp'"),
        ('[services.lamp]\ndepartment = "x"', "services.lamp.department: no department has the code 'x'"),
        (
            '[services.lamp]\ndepartment = "works"\nstandard = "x"',
            "services.lamp.standard: no standard has the code 'x'",
        ),
        ('[departments.a]\nparent = "x"', "departments.a.parent: no department has the code 'x'"),
        (
            '[standards.a]\nresolution = [{limit = "1h", channel = "x"}]',
            "standards.a.resolution: no channel has the code 'x'",
        ),
        (
            '[standards.a]\nacceptance = [{limit = "1h", area = "x"}]',
            "standards.a.acceptance: no area has the code 'x'",
        ),
        (
            '[commitments.a]\nservices = ["pothole"]\n[commitments.b]\nservices = ["pothole"]',
            "commitments: service 'pothole' is in 2 commitments; an issue counts in one",
        ),
        (
            """
            [commitments.a]
            services = []
            [projects.a]
            amount = 1
            unit = "x"
            start = 2011-01-01T00:00:00Z
            due = 2012-01-01T00:00:00Z
            """,
            "projects.a: a service commitment has this code too",
        ),
        (
            '[projects.a]\namount = 1\nunit = "x"\nstart = 2012-01-01T00:00:00Z\ndue = 2012-01-01T00:00:00Z',
            "projects.a.due: must lie after its start",
        ),
        (
            '[channels.a]\nallowed_lateness = "2 working_days"',
            "channels.a.allowed_lateness: write calendar days or hours, for instance 48h",
        ),
        (
            '[standards.a]\nresolution = "36500 working_days"',
            "standards.a.resolution: 36500 working_days is longer than a third of a century",
        ),
        (
            '[standards.a]\npauses = {reasons = ["x"], max_total = "20000 calendar"}',
            "standards.a.pauses.max_total: 20000 calendar is longer than a third of a century",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(more: str, problem: str) -> None:
    assert problems(f"{SMALL}\n{more}\n") == [problem]


def test_departments_must_not_be_their_own_superiors() -> None:
    found = problems(
        SMALL + '[departments.a]\nparent = "b"\n[departments.b]\nparent = "a"\n[departments.c]\nparent="a"'
    )
    assert found == [
        "departments.a.parent: a cycle, a -> b -> a",
        "departments.b.parent: a cycle, b -> a -> b",
    ]
    assert problems(SMALL + '[departments.a]\nparent = "a"') == ["departments.a.parent: a cycle, a -> a"]


@pytest.mark.parametrize(
    ("cases", "is_ambiguous"),
    [
        ('{limit = "1h"}, {limit = "2h"}', True),
        ('{limit = "1h", urgency = "urgent"}, {limit = "2h", channel = "web"}', True),
        ('{limit = "1h", urgency = "urgent"}, {limit = "2h", urgency = "urgent"}', True),
        ('{limit = "1h", urgency = "urgent"}, {limit = "2h", urgency = "normal"}', False),
        ('{limit = "1h"}, {limit = "2h", channel = "web"}', False),
        (
            '{limit = "1h", urgency = "a", area = "old"}, {limit = "2h", urgency = "a", channel = "web"}',
            True,
        ),
        ('{limit = "1h", urgency = "urgent", area = "old-town"}, {limit = "2h", channel = "web"}', False),
    ],
)
def test_two_equally_specific_promises_that_can_hold_together_are_an_error(
    cases: str, is_ambiguous: bool
) -> None:
    text = f"{SMALL}\n[channels.web]\n[areas.old]\n[areas.old-town]\n[standards.a]\nresolution = [{cases}]\n"
    if is_ambiguous:
        (problem,) = problems(text)
        assert problem.startswith("standards.a.resolution: ")
        assert problem.endswith("are equally specific and can hold together")
    else:
        parse_catalogue(text)


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        (SMALL.replace("Asia/Shanghai", "China"), "time_zone", "no time zone"),
        (SMALL.replace("time_zone", "timezone"), "time_zone", "is missing"),
        (SMALL + "[colours]\n", "colours", "no such field"),
        (SMALL + '[services.a]\ndepartment = "works"\nlimit = "2h"\n', "services.a.limit", "no such field"),
        (SMALL + '[standards.a]\nresolution = "2 weeks"\n', "standards.a.resolution.0.limit", "is no limit"),
        (SMALL + "[standards.a]\nreminder = 80\n", "standards.a.reminder", "less than 1"),
        (SMALL + '[standards.a]\nescalation = [{after = "1h"}]\n', "standards.a.escalation.0.to", "missing"),
        (SMALL + '[channels.a]\norigin = "machine"\n', "channels.a.origin", "'person' or 'staff'"),
        (SMALL + "[commitments.a]\nservices = []\ntarget = 95\n", "commitments.a.target", "less than"),
        (SMALL.replace("version", "calendar = 'nowhere'\nversion"), "calendars.nowhere", "nowhere"),
        (SMALL.replace("version", "calendar = 'x'\ncalendars = 3\nversion"), "calendars", "valid dictionary"),
        (SMALL.replace("version", "calendar = 5\nversion"), "calendar", "valid string"),
        (SMALL.replace("version", "effective = 2011-07-01T00:00:00\nversion"), "effective", "timezone"),
        (SMALL + '[departments."a b"]\n', "departments.a b.[key]", "should be of letters, digits"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_place(text: str, where: str, expected: str) -> None:
    (problem, *_) = problems(text)
    assert problem.startswith(f"{where}: ")
    assert expected in problem


def test_every_problem_is_listed_and_not_only_the_first() -> None:
    text = SMALL + '[commitments.a]\nservices = ["x", "y"]\n[departments.a]\nparent = "a"\n'
    assert len(problems(text)) == 3


@pytest.mark.parametrize(
    "document", [{}, {"version": "1"}, {"calendars": {}}, {"time_zone": "UTC", "calendars": []}]
)
def test_a_document_of_the_wrong_shape_is_an_error_like_any_other(document: dict[str, object]) -> None:
    with pytest.raises(CatalogueError):
        build_catalogue(document)


def test_a_title_may_be_one_text_or_one_for_each_language() -> None:
    text = SMALL.replace(
        "[services.pothole]", '[services.pothole]\ntitle = {en = "Pothole", zh = "路面坑洞"}'
    )
    version = parse_catalogue(text.replace("[departments.works]", '[departments.works]\ntitle = "Works"'))
    assert version.services["pothole"].title == {"en": "Pothole", "zh": "路面坑洞"}
    assert version.departments["works"].title == {"en": "Works"}


def test_what_a_project_counts_may_be_one_text_or_one_for_each_language() -> None:
    project = "[projects.a]\namount = 1\nunit = %s\nstart = 2012-01-01T00:00:00Z\ndue = 2013-01-01T00:00:00Z"
    head = 'version = "1"\ntime_zone = "UTC"\n'
    assert parse_catalogue(head + project % '"playgrounds"').projects["a"].unit == {"en": "playgrounds"}
    both = parse_catalogue(head + project % '{zh = "处", en = "sites"}')
    assert both.projects["a"].unit == {"zh": "处", "en": "sites"}
    # As versions were published before.
    published = json.loads(both.model_dump_json())
    published["projects"]["a"]["unit"] = "处 sites"
    assert CatalogueVersion.model_validate(published).projects["a"].unit == {"en": "处 sites"}


@pytest.mark.parametrize("version", [FIRST, SECOND, NOTHING_PUBLISHED, parse_catalogue(SMALL)])
def test_a_version_survives_being_published_as_json(version: CatalogueVersion) -> None:
    assert CatalogueVersion.model_validate_json(version.model_dump_json()) == version


def test_a_published_version_keeps_its_holidays_when_the_shipped_table_grows() -> None:
    version = parse_catalogue(SMALL.replace("version", 'calendar = "cn-mainland"\nversion'))
    again = CatalogueVersion.model_validate_json(version.model_dump_json())
    assert date(2026, 10, 1) in again.calendars["cn-mainland"].holidays
    assert "include" not in version.model_dump_json()


# What holds for an issue


def effective(name: str, moment: str, **replaced: str) -> CatalogueVersion:
    text = CATALOGUE_TEXT.replace('"first"', f'"{name}"\neffective = {moment}')
    for old, new in replaced.items():
        text = text.replace(old, new)
    return parse_catalogue(text)


LATER = parse_catalogue(
    CATALOGUE_TEXT.replace('"first"', '"later"\neffective = 2011-12-01T00:00:00-05:00').replace(
        '"2 working_days"', '"3 working_days"'
    )
)


def test_the_version_in_force_when_an_issue_was_submitted_holds_for_it() -> None:
    catalogue = Catalogue([FIRST, LATER])
    before, after = at("11-30 23:59"), at("12-01 00:00")
    for instant, days in ((before, 2), (after, 3)):
        promise = catalogue.promise(instant, "pothole", None, "web", None)
        assert promise.resolution == Limit.parse(f"{days} working_days")
    assert (catalogue.at(before), catalogue.at(after), catalogue.latest) == (FIRST, LATER, LATER)


def test_before_the_first_version_nothing_was_promised() -> None:
    catalogue = Catalogue([LATER])
    promise = catalogue.promise(START, "pothole", None, "web", None)
    assert (catalogue.at(START), promise.resolution, promise.commitment) == (None, None, NO_COMMITMENT)
    with pytest.raises(CatalogueError, match="at least one version"):
        Catalogue([])


def test_of_two_versions_for_one_instant_the_one_published_later_holds() -> None:
    assert Catalogue([FIRST, SECOND]).at(START) is SECOND
    assert Catalogue([SECOND, FIRST]).at(START) is FIRST


def test_the_most_specific_case_is_what_was_promised() -> None:
    text = (
        SMALL.replace("[services.pothole]", '[services.pothole]\nstandard = "a"')
        + """
        [channels.web]
        [areas.old-town]
        [standards.a]
        resolution = [
            {limit = "9h"},
            {limit = "8h", urgency = "urgent"},
            {limit = "7h", urgency = "urgent", channel = "web"},
            {limit = "6h", urgency = "urgent", channel = "web", area = "old-town"},
            {limit = "5h", urgency = "mild"},
        ]
        """
    )
    catalogue = Catalogue([parse_catalogue(text)])

    def hours(urgency: str | None, channel: str, area: str | None) -> int:
        limit = catalogue.promise(START, "pothole", urgency, channel, area).resolution
        assert limit is not None
        return limit.hours

    assert hours(None, "web", "old-town") == 9
    assert hours("urgent", "phone", "old-town") == 8
    assert hours("urgent", "web", None) == 7
    assert hours("urgent", "web", "old-town") == 6
    assert hours("mild", "web", "old-town") == 5


@given(
    st.sampled_from([None, "urgent", "mild"]),
    st.sampled_from(["web", "app", "elsewhere"]),
    st.sampled_from([None, "north", "x"]),
)
def test_a_service_nobody_knows_promises_nothing(urgency: str | None, channel: str, area: str | None) -> None:
    promise = CITY.promise(START, "unheard-of", urgency, channel, area)
    assert (promise.commitment, promise.department, promise.resolution, promise.acceptance) == (
        "",
        "",
        None,
        None,
    )


def test_rows_are_kept_for_the_areas_of_the_version_in_force() -> None:
    catalogue = Catalogue(
        [FIRST, effective("later", "2011-12-01T00:00:00-05:00", **{"[areas.south]": "[areas.east]"})]
    )

    def areas(submitted: int, *given: str | None) -> list[str]:
        return [catalogue.promise(submitted, "pothole", None, "app", area).area for area in given]

    assert areas(START, "south", "east", None, "") == ["south", OTHER_AREA, "", ""]
    assert areas(at("12-01 09:00"), "south", "east") == [OTHER_AREA, "east"]
    assert catalogue.promise(START, "unknown", None, "app", "south").area == "south"


def test_a_holiday_published_later_is_still_a_holiday() -> None:
    grown = effective(
        "later",
        "2012-01-01T00:00:00-05:00",
        **{"holidays = [2011-11-11]": "holidays = [2011-11-11, 2011-11-24]"},
    )
    assert not Catalogue([FIRST, grown]).calendars["office"].is_working_day(date(2011, 11, 24))
    assert Catalogue([FIRST]).calendars["office"].is_working_day(date(2011, 11, 24))


def test_a_calendar_that_a_later_version_no_longer_names_still_serves_the_earlier_ones() -> None:
    renamed = effective("later", "2012-01-01T00:00:00-05:00", office="bureau")
    catalogue = Catalogue([FIRST, renamed])
    assert catalogue.promise(START, "pothole", None, "web", None).calendar.code == "office"
    assert catalogue.calendar.code == "bureau"


# Publishing


def test_only_what_changes_the_past_makes_issues_fold_again() -> None:
    assert not Catalogue([FIRST, LATER]).changes_past(1)
    assert Catalogue([FIRST, SECOND]).changes_past(1)
    assert not Catalogue([FIRST, SECOND, LATER]).changes_past(2)
    # Before the first one nothing was promised at all.
    assert Catalogue([LATER]).changes_past(0)
    zone = {'"America/New_York"': '"America/Chicago"'}
    holiday = {"2011-11-11": "2011-11-10"}
    for change in (zone, holiday):
        assert Catalogue([FIRST, effective("later", "2012-01-01T00:00:00-05:00", **change)]).changes_past(1)


def test_a_version_for_the_past_needs_a_reason() -> None:
    published, december = Catalogue([FIRST]), at("12-01 00:00")
    check_publication(None, FIRST, december)
    check_publication(published, LATER, december)
    check_publication(published, SECOND, december)
    with pytest.raises(CatalogueError, match="lies in the past"):
        check_publication(published, LATER, december + 1)
    always = parse_catalogue(CATALOGUE_TEXT.replace('"first"', '"always"'))
    with pytest.raises(CatalogueError, match=r'correction = "\.\.\."'):
        check_publication(published, always, START)


def test_a_version_is_published_once() -> None:
    with pytest.raises(CatalogueError, match="'first' is published already"):
        check_publication(Catalogue([FIRST]), FIRST, START)


def test_lateness_is_measured_in_elapsed_time() -> None:
    catalogue = Catalogue([parse_catalogue(SMALL + '[channels.a]\nallowed_lateness = "2d3h calendar"\n')])
    assert catalogue.lateness("a", START) == 2 * DAY + 3 * HOUR


def test_when_a_version_was_published_is_not_for_its_file_to_say() -> None:
    with pytest.raises(CatalogueError, match="recorded: is stamped when the version is published"):
        parse_catalogue('version = "1"\ntime_zone = "UTC"\nrecorded = 2024-01-01T00:00:00Z\n')
