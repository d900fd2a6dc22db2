from hypothesis import given
from hypothesis import strategies as st

from livelihood.catalogue import Project
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.instants import DAY, from_datetime, to_datetime
from livelihood.projects import ProjectProgress, progress
from tests.livelihood.worlds import CITY, START, fact

#: 100 playgrounds in 100 days.
PLAYGROUNDS = Project(
    amount=100, unit="playgrounds", start=to_datetime(START), due=to_datetime(START + 100 * DAY), title={}
)


def report(day: float, done: float | None = None, verified: float | None = None) -> Fact:
    return fact(Kind.PROGRESS_REPORTED, START + round(day * DAY), done=done, verified=verified)


def after(day: float, *reports: Fact) -> ProjectProgress:
    return progress(PLAYGROUNDS, reports, START + round(day * DAY), CITY)


def test_reports_state_the_whole_amount_and_the_last_one_counts() -> None:
    reports = report(10, done=5), report(20, done=12), report(30, verified=4)
    found = after(40, *reports)
    assert (found.done, found.verified, found.target) == (12, 4, 100)
    assert found.last_change == START + 30 * DAY
    assert after(15, *reports).done == 5


def test_pace_is_what_was_done_per_day_since_the_start_and_says_when_all_will_be() -> None:
    found = after(40, report(20, done=20))
    assert found.pace == 0.5
    assert found.expected == START + 200 * DAY
    assert found.due == from_datetime(PLAYGROUNDS.due)


def test_without_a_start_there_is_no_pace_and_without_a_pace_no_date() -> None:
    assert (after(-1).pace, after(-1).expected) == (None, None)
    assert (after(10).pace, after(10).expected) == (0, None)


def test_all_done_is_dated_by_the_report_that_said_so() -> None:
    reports = report(10, done=50), report(50, done=100), report(60, done=101)
    assert after(90, *reports).expected == START + 50 * DAY
    assert after(90, *reports, report(70, done=99)).expected == START + 90 * DAY + round(DAY / (99 / 90))


@given(st.floats(0, 1e12), st.floats(0.001, 36_000))
def test_a_date_beyond_the_century_is_none(done: float, day: float) -> None:
    expected = after(day, report(0, done=done)).expected
    assert expected is None or to_datetime(expected).year < 2100


def test_other_events_about_a_project_change_nothing() -> None:
    remark = fact(Kind.COMMENTED, START + 15 * DAY)
    assert after(20, report(10, done=5), remark) == after(20, report(10, done=5))
