"""Every measure, and an issue that moves it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.contribution import (
    changes_at,
    contribution,
    counted,
    outcome_of,
    shape_of,
    sums_of,
    unpack_dimensions,
    unpack_shape,
)
from livelihood.event_data import OUTCOMES
from livelihood.events import Kind
from livelihood.facts import Fact
from livelihood.fold import fold
from livelihood.instants import HOUR, MINUTE, SLOT
from livelihood.measures import ELAPSED, STOCK, SUM, SUMS, WORKING, bucket_of
from livelihood.periods import Within, parse_period
from livelihood.state import pack
from tests.livelihood.worlds import CITY, START, at, fact, moments, some_facts, sums, table_of

#: To be accepted by Thursday 27 October, 13:00, reminded on Friday, due on Monday 31 October, 09:00.
POTHOLE = fact(Kind.SUBMITTED, "10-27 09:00", service="pothole", area="north")
DONE = fact(Kind.RESOLVED, "10-28 12:00", outcome="fixed")
LATE = fact(Kind.RESOLVED, "11-02 12:00", outcome="scheduled")
TALK = fact(Kind.SUBMITTED, "10-27 09:00", service="talk")
SOON, BEFORE, AFTER = "10-28 16:00", "10-31 09:00", "12-20 09:00"


def rated(**answers: bool) -> Fact:
    return fact(Kind.RATED, "11-03 09:00", **answers)


#: measure -> (facts, as of, how much)
MOVES: dict[str, list[tuple[list[Fact], str, int]]] = {
    "received": [([POTHOLE], SOON, 1), ([TALK], SOON, 1), ([DONE], AFTER, 0)],
    "open": [([POTHOLE], SOON, 1), ([POTHOLE], AFTER, 1), ([POTHOLE, DONE], AFTER, 0)],
    "due_soon": [
        ([POTHOLE], "10-28 14:00", 0),
        ([POTHOLE], SOON, 1),
        ([POTHOLE], BEFORE, 1),
        ([POTHOLE], AFTER, 0),
    ],
    "overdue": [([POTHOLE], BEFORE, 0), ([POTHOLE], "10-31 09:01", 1), ([POTHOLE, LATE], AFTER, 0)],
    "due_open": [([POTHOLE], BEFORE, 0), ([POTHOLE], AFTER, 1), ([POTHOLE, LATE], AFTER, 0)],
    "resolved": [([POTHOLE, DONE], AFTER, 1), ([TALK, DONE], AFTER, 1), ([POTHOLE], AFTER, 0)],
    "rejected": [
        ([POTHOLE, fact(Kind.REJECTED, "10-28 09:00", reason="no")], AFTER, 1),
        ([POTHOLE, DONE], AFTER, 0),
    ],
    "closed_on_time": [([POTHOLE, DONE], AFTER, 1), ([POTHOLE, LATE], AFTER, 0), ([TALK, DONE], AFTER, 0)],
    "closed_late": [([POTHOLE, LATE], AFTER, 1), ([POTHOLE, DONE], AFTER, 0), ([TALK, LATE], AFTER, 0)],
    "no_deadline": [([TALK], SOON, 1), ([POTHOLE], SOON, 0)],
    "due": [
        ([POTHOLE], BEFORE, 0),
        ([POTHOLE, DONE], BEFORE, 0),
        ([POTHOLE], AFTER, 1),
        ([POTHOLE, DONE], AFTER, 1),
    ],
    "due_on_time": [([POTHOLE, DONE], AFTER, 1), ([POTHOLE, LATE], AFTER, 0), ([POTHOLE], AFTER, 0)],
    "due_original": [([POTHOLE], AFTER, 1), ([TALK], AFTER, 0)],
    "due_on_time_original": [([POTHOLE, DONE], AFTER, 1), ([POTHOLE, LATE], AFTER, 0)],
    "acceptance_due": [([POTHOLE], "10-27 13:00", 0), ([POTHOLE], "10-27 13:01", 1), ([TALK], AFTER, 0)],
    "accepted_on_time": [
        ([POTHOLE, fact(Kind.ACCEPTED, "10-27 13:00")], AFTER, 1),
        ([POTHOLE, fact(Kind.ACCEPTED, "10-27 13:01")], AFTER, 0),
        ([POTHOLE, fact(Kind.TRANSFER_ACCEPTED, "10-27 12:00", to="parks")], AFTER, 1),
    ],
    "visits_recorded": [
        ([POTHOLE, DONE], AFTER, 0),
        ([POTHOLE, fact(Kind.VISIT_RECORDED, "10-28 09:00")], AFTER, 0),
        ([POTHOLE, fact(Kind.VISIT_RECORDED, "10-28 09:00"), DONE], AFTER, 1),
        ([POTHOLE, fact(Kind.RESOLVED, "10-28 12:00", outcome="fixed", visits=0)], AFTER, 1),
    ],
    "one_visit": [
        ([POTHOLE, fact(Kind.RESOLVED, "10-28 12:00", outcome="fixed", visits=0)], AFTER, 1),
        ([POTHOLE, fact(Kind.VISIT_RECORDED, "10-28 09:00"), DONE], AFTER, 1),
        ([POTHOLE, *(fact(Kind.VISIT_RECORDED, f"10-28 0{n}:00") for n in (8, 9)), DONE], AFTER, 0),
    ],
    "asked": [
        ([POTHOLE, DONE, rated()], AFTER, 1),
        ([POTHOLE, DONE], AFTER, 0),
        ([POTHOLE, rated()], AFTER, 0),
    ],
    "answered": [([POTHOLE, DONE, rated()], AFTER, 0), ([POTHOLE, DONE, rated(solved=False)], AFTER, 1)],
    "answered_solved": [
        ([POTHOLE, DONE, rated(satisfied=True)], AFTER, 0),
        ([POTHOLE, DONE, rated(solved=False)], AFTER, 1),
    ],
    "solved": [
        ([POTHOLE, DONE, rated(solved=False)], AFTER, 0),
        ([POTHOLE, DONE, rated(solved=True)], AFTER, 1),
    ],
    "answered_satisfied": [
        ([POTHOLE, DONE, rated(solved=True)], AFTER, 0),
        ([POTHOLE, DONE, rated(satisfied=False)], AFTER, 1),
    ],
    "satisfied": [
        ([POTHOLE, DONE, rated(satisfied=False)], AFTER, 0),
        ([POTHOLE, DONE, rated(satisfied=True)], AFTER, 1),
    ],
    "reopened": [
        ([POTHOLE, DONE, fact(Kind.REOPENED, "10-29 09:00")], AFTER, 1),
        ([POTHOLE, DONE], AFTER, 0),
    ],
    "transferred_in": [([POTHOLE, fact(Kind.TRANSFER_ACCEPTED, "10-28 09:00", to="parks")], AFTER, 1)],
    "transferred_out": [
        ([POTHOLE, fact(Kind.TRANSFER_ACCEPTED, "10-28 09:00", to="parks")], AFTER, 1),
        ([POTHOLE, fact(Kind.TRANSFER_OFFERED, "10-28 09:00", to="parks")], AFTER, 0),
        ([POTHOLE, fact(Kind.TRANSFER_ACCEPTED, "10-28 09:00", to="roads")], AFTER, 0),
    ],
    "returned": [
        (
            [POTHOLE, *(fact(Kind.RETURNED, f"10-28 09:0{n}", reason="busy") for n in range(3))],
            AFTER,
            3,
        )
    ],
    "late_on_arrival": [
        (
            [fact(Kind.SUBMITTED, "10-27 09:00", recorded="11-01 09:00", service="pothole", on_paper=True)],
            AFTER,
            1,
        ),
        ([POTHOLE, fact(Kind.TRANSFER_ACCEPTED, "11-01 09:00", to="parks")], AFTER, 1),
        ([POTHOLE, fact(Kind.TRANSFER_ACCEPTED, "10-31 09:00", to="parks")], AFTER, 0),
    ],
    "reclassified": [
        ([POTHOLE, fact(Kind.RECLASSIFIED, "10-28 09:00", service="lamp")], AFTER, 1),
        ([POTHOLE, fact(Kind.RECLASSIFIED, "10-28 09:00", service="pothole")], AFTER, 0),
    ],
    "reported_late": [
        ([POTHOLE, fact(Kind.RESOLVED, "10-28 12:00", recorded="11-05 09:00", outcome="fixed")], AFTER, 1),
        ([POTHOLE, DONE], AFTER, 0),
    ],
    "followed_up": [([POTHOLE, *(fact(Kind.FOLLOWED_UP, f"10-2{n} 12:00") for n in (8, 9))], AFTER, 2)],
    "excluded_withdrawn": [
        ([POTHOLE, fact(Kind.WITHDRAWN, "10-28 09:00")], AFTER, 1),
        ([POTHOLE, fact(Kind.WITHDRAWN, "11-28 09:00")], AFTER, 0),
    ],
    "excluded_merged": [
        ([POTHOLE, fact(Kind.MERGED, "10-28 09:00", into="B")], AFTER, 1),
        ([POTHOLE, fact(Kind.MERGED, "11-28 09:00", into="B")], AFTER, 0),
    ],
    **{
        f"resolved_{outcome}": [([POTHOLE, fact(Kind.RESOLVED, "10-28 12:00", outcome=outcome)], AFTER, 1)]
        for outcome in OUTCOMES
    },
}


@pytest.mark.parametrize("measure", SUMS)
def test_every_sum_is_moved_by_the_issues_it_counts_and_by_no_others(measure: str) -> None:
    assert any(amount for _, _, amount in MOVES[measure])
    for facts, as_of, amount in MOVES[measure]:
        assert sums(facts, as_of)[measure] == amount, (as_of, [Kind(one.kind).word for one in facts])


def months_of(facts: list[Fact], as_of: str = AFTER) -> dict[str, set[str]]:
    """measure -> the months it is counted in"""
    months: dict[str, set[str]] = {}
    for _, month, measure in table_of("A", facts, at(as_of), CITY):
        months.setdefault(SUMS[measure] if measure < len(SUMS) else "times", set()).add(month)
    return months


def test_each_sum_belongs_to_the_month_of_what_it_counts() -> None:
    asked = fact(Kind.SUBMITTED, "10-27 09:00", service="lamp")
    done = fact(Kind.RESOLVED, "12-01 09:00", outcome="fixed", visits=1)
    answered = fact(Kind.RATED, "12-10 09:00", solved=True)
    months = months_of([asked, done, answered], "12-31 09:00")
    assert months["received"] == {"2011-10"}
    assert months["due"] == months["due_original"] == {"2011-11"}
    for measure in ("resolved", "closed_late", "resolved_fixed", "times", "one_visit", "asked", "solved"):
        assert months[measure] == {"2011-12"}, measure
    assert months_of([asked])["open"] == {STOCK}
    assert months_of([asked, fact(Kind.FOLLOWED_UP, "11-30 23:59")])["followed_up"] == {"2011-11"}
    assert months_of([asked, fact(Kind.FOLLOWED_UP, "12-01 00:00")])["followed_up"] == {"2011-12"}


def test_answers_stay_in_the_month_the_person_was_asked_when_the_issue_is_reopened() -> None:
    facts = [POTHOLE, DONE, fact(Kind.RATED, "11-01 09:00", solved=False), fact(Kind.REOPENED, "11-02 09:00")]
    assert months_of(facts)["asked"] == months_of(facts)["answered_solved"] == {"2011-11"}


def test_the_department_row_belongs_to_the_lead_and_is_changed_only_by_an_accepted_transfer() -> None:
    offered = [
        POTHOLE,
        fact(Kind.TRANSFER_OFFERED, "10-28 08:00", to="parks"),
        fact(Kind.ASSIGNED, "10-28 08:30", to="works"),
    ]
    assert fold(offered, CITY).department == "roads"
    facts = [*offered, fact(Kind.TRANSFER_ACCEPTED, "11-01 09:00", to="parks")]
    by_department: dict[str, Counter[str]] = {}
    for (row, _, measure), amount in table_of("A", facts, at(AFTER), CITY).items():
        by_department.setdefault(row.department, Counter())[SUMS[measure]] += amount
    assert by_department["roads"] == Counter(transferred_out=1)
    parks = by_department["parks"]
    assert (parks["received"], parks["due"], parks["overdue"]) == (1, 1, 1)
    assert (parks["transferred_in"], parks["late_on_arrival"]) == (1, 1)
    # A transfer does not stop the clock.
    assert fold(facts, CITY).due == fold([POTHOLE], CITY).due


def test_an_issue_counts_once_whatever_its_row() -> None:
    facts = [
        POTHOLE,
        fact(Kind.RECLASSIFIED, "10-28 09:00", service="lamp"),
        fact(Kind.TRANSFER_ACCEPTED, "10-28 10:00", to="parks"),
        fact(Kind.TRANSFER_ACCEPTED, "10-28 11:00", to="works"),
    ]
    assert sums(facts, AFTER)["received"] == 1
    (row,) = {row for row, _, measure in table_of("A", facts, at(AFTER), CITY) if measure == SUM["received"]}
    assert (row.commitment, row.service, row.department, row.area) == ("lamps", "lamp", "works", "north")


def test_a_part_of_a_bundle_says_that_it_is_one() -> None:
    for issue_id, is_part in (("A~1", True), ("A", False)):
        rows = {row for row, _, _ in table_of(issue_id, [POTHOLE], at(SOON), CITY)}
        assert [row.part for row in rows] == [is_part]


def test_time_to_resolve_counts_pauses_for_the_person_and_not_as_working_time() -> None:
    facts = [
        POTHOLE,
        fact(Kind.PAUSED, "10-27 10:00", reason="waiting"),
        fact(Kind.RESUMED, "10-28 10:00"),
        fact(Kind.RESOLVED, "10-28 12:00", outcome="fixed"),
    ]
    table = {measure: amount for (_, _, measure), amount in table_of("A", facts, at(AFTER), CITY).items()}
    assert table[ELAPSED + bucket_of(27 * HOUR)] == 1
    # 9:00 to 10:00 on Thursday, 10:00 to 12:00 on Friday.
    assert table[WORKING + bucket_of(3 * HOUR)] == 1


def test_on_time_without_what_was_granted_is_counted_beside() -> None:
    extension = fact(Kind.EXTENSION_GRANTED, "10-28 09:00", until="2011-11-10T09:00:00-05:00")
    counted = sums([POTHOLE, extension, LATE], AFTER)
    assert (counted["due_on_time"], counted["due_on_time_original"]) == (1, 0)
    assert (counted["due"], counted["due_original"], counted["closed_on_time"]) == (1, 1, 1)


def test_an_orphan_counts_nowhere() -> None:
    assert counted("A", fold([DONE], CITY), at(AFTER), CITY) == []
    assert shape_of(fold([], CITY), START, CITY) is None


@given(facts=some_facts(), instant=moments)
def test_between_its_events_an_issue_changes_only_when_it_says_it_will(
    facts: list[Fact], instant: int
) -> None:
    issue = fold(facts, CITY, instant)
    known = sorted({change for change in changes_at(issue) if change > instant})
    for before, after in zip([instant, *known], [*known, instant + 400 * 24 * HOUR], strict=True):
        assert shape_of(issue, before, CITY) == shape_of(issue, after - 1, CITY)


@given(facts=some_facts())
def test_what_is_counted_survives_being_stored(facts: list[Fact]) -> None:
    issue = fold(facts, CITY)
    for dimensions, shape in counted("A", issue, START, CITY):
        assert unpack_dimensions(pack(dimensions)) == dimensions
        stored = unpack_shape(pack(shape))
        assert stored == shape
        assert hash(stored) == hash(shape)
        assert outcome_of(stored) == issue.outcome
        assert sums_of(stored) == sums_of(shape)


@given(facts=some_facts(), instant=moments)
def test_measures_of_one_issue_agree_with_each_other(facts: list[Fact], instant: int) -> None:
    total = sums(facts, instant)
    assert total["received"] in (0, 1)
    for part, whole in [
        ("due_on_time", "due"), ("due_open", "due"), ("due_on_time_original", "due_original"),
        ("accepted_on_time", "acceptance_due"), ("solved", "answered_solved"),
        ("satisfied", "answered_satisfied"), ("answered", "asked"),
        ("one_visit", "visits_recorded"), ("visits_recorded", "resolved"),
        ("due_soon", "open"), ("overdue", "open"), ("open", "received"), ("due", "received"),
    ]:  # fmt: skip
        assert total[part] <= total[whole], (part, whole)
    ended = total["resolved"] + total["rejected"] + total["excluded_withdrawn"] + total["excluded_merged"]
    assert total["open"] + ended <= total["received"]
    assert total["due_soon"] + total["overdue"] <= 1
    assert total["resolved"] == sum(total[f"resolved_{outcome}"] for outcome in OUTCOMES)
    assert total["due"] + total["no_deadline"] <= 1
    if total["due"]:
        # A deadline that has passed was met, missed, or is being missed.
        assert total["closed_on_time"] + total["closed_late"] + total["due_open"] == 1
        assert total["due_on_time"] == total["closed_on_time"]


@given(facts=some_facts(), instant=moments, days=st.integers(0, 30))
def test_days_add_up_to_the_month_they_are_in(facts: list[Fact], instant: int, days: int) -> None:
    """Shorter periods label instants by whether they lie in the period; the parts make the whole."""
    issue = fold(facts, CITY, instant)

    def within(text: str) -> Counter[int]:
        labelled = CITY.relabelled(Within(parse_period(text, "America/New_York")))
        total: Counter[int] = Counter()
        for row, amounts in contribution("A", issue, instant, labelled).items():
            if row.month == Within.IN:
                total.update(amounts)
        return total

    of_days = sum((within(f"2011-11-{day:02}") for day in range(1, 31)), Counter[int]())
    assert of_days == within("2011-11")
    of_months: Counter[int] = Counter()
    for row, amounts in contribution("A", issue, instant, CITY).items():
        if row.month == "2011-11":
            of_months.update(amounts)
    assert of_months == of_days
    assert SLOT == 15 * MINUTE
