"""A year of the ladder by a virtual clock, against lives lived minute by minute (ladder.py)."""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from random import Random, SystemRandom

import pytest

from livelihood.alerts import Alert
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import DAY, HOUR, MINUTE, Instant, from_datetime, parse
from livelihood.promises import Catalogue
from tests.livelihood.ladder import CATALOGUE, DAYS, MINUTES_OF_DAY, Life, Told, instant, is_quiet
from tests.livelihood.worlds import Office, fact

START: Instant = parse(instant(0))
ISSUES = 120
#: A life is looked at so long after the last that happened in it: its whole ladder lies within.
AFTERWARDS = 40 * DAY
#: How often the clock is looked at while nothing happens.
TICK = 4 * HOUR


class Year:
    """Some lives, and what the domain told of them by a clock that went through the year."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.office = Office(Catalogue([parse_catalogue(CATALOGUE)]))
        self.lives = {}
        #: Issue -> when it was looked at.
        self.looks: dict[str, list[Instant]] = {}
        for number in range(ISSUES):
            service = random.choice(("hours", "days"))
            submitted = random.randrange(MINUTES_OF_DAY, DAYS * MINUTES_OF_DAY, 5)
            # Days end at the time they began: so that a count of open minutes can tell it, in open hours.
            while service == "days" and not is_quiet(submitted):
                submitted = random.randrange(MINUTES_OF_DAY, DAYS * MINUTES_OF_DAY, 5)
            self.lives[f"I{number}"] = life = Life(f"I{number}", service, random, submitted)
            life.live()
        self._pass()

    def _pass(self) -> None:
        """Let the year pass: what happens in the order in which it does, and in between the clock's ticks."""
        happening = sorted(
            (START + one.minute * MINUTE, issue, place)
            for issue, life in self.lives.items()
            for place, one in enumerate(life.happened)
        )
        tick = START
        last = happening[-1][0] + AFTERWARDS
        while happening or tick < last:
            at = happening[0][0] if happening else last
            while tick <= at:
                for issue, looks in self.looks.items():
                    if tick - START < self.lives[issue].happened[-1].minute * MINUTE + AFTERWARDS:
                        looks.append(tick)
                        self.office.advance(tick, issue)
                tick += TICK
            if happening:
                at, issue, place = happening.pop(0)
                self._take(issue, at, place)

    def _take(self, issue: str, at: Instant, place: int) -> None:
        one = self.lives[issue].happened[place]
        self.looks.setdefault(issue, []).append(at)
        self.office.take(fact(one.kind, at, name=one.id, actor=one.actor, **one.data), issue_id=issue)

    def told(self, issue: str) -> list[Alert]:
        return [alert for alert in self.office.alerts if alert.issue == issue]


#: When it became true, what, level, deadline, cycle, to whom, and why it was cleared.
Line = tuple[Instant, str, str, int, Instant, str, str, str]


def expected(told: list[Told]) -> Iterator[Line]:
    for one in told:
        # A deadline is the last instant that is on time; what people do has the very minute.
        at = START + one.minute * MINUTE + (one.kind != "cleared")
        due = START + one.due * MINUTE
        yield at, one.obligation, one.kind, one.level, due, one.cycle, one.to, one.reason


def found(alerts: list[Alert]) -> Iterator[Line]:
    for one in alerts:
        is_raised = one.kind != "cleared"
        # Which of several alerts of a deadline is the last to go is of no account.
        level, cycle = (one.level, one.cycle) if is_raised else (0, "")
        at, due, to = from_datetime(one.at), from_datetime(one.due), one.to if is_raised else ""
        yield at, one.obligation, one.kind, level, due, cycle, to, one.reason


@pytest.fixture(scope="module")
def seed() -> int:
    """Another year with every run; LADDER_SEED repeats one."""
    return int(os.environ.get("LADDER_SEED") or SystemRandom().randrange(1 << 32))


@pytest.fixture(scope="module")
def year(seed: int) -> Year:
    return Year(seed)


def test_a_year_of_issues_is_told_of_as_lives_lived_minute_by_minute_say(year: Year, seed: int) -> None:
    wrong = {}
    for issue, life in year.lives.items():
        wanted, got = Counter(expected(life.told)), Counter(found(year.told(issue)))
        if wanted != got:
            wrong[issue] = {"script": life.happened, "missing": wanted - got, "too many": got - wanted}
    assert not wrong, f"LADDER_SEED={seed}"


def test_the_year_has_everything_that_can_be_told(year: Year, seed: int) -> None:
    lines = [line for life in year.lives.values() for line in life.told]
    assert {(one.obligation, one.kind) for one in lines} == {
        ("acceptance", "overdue"), ("resolution", "due_soon"), ("resolution", "overdue"),
        ("resolution", "escalated"), ("resolution", "pause_expired"), ("acceptance", "cleared"),
        ("resolution", "cleared"),
    }, f"LADDER_SEED={seed}"  # fmt: skip
    assert {one.to for one in lines} == {"", "lead", "head", "bureau", "city"}
    reasons = {one.reason for one in lines}
    # The last two are seldom enough for one of them to be missing in a year.
    assert reasons >= {"accepted", "fixed"}
    assert reasons & {"deadline_moved", "pause_ended"}
    # The ladder is climbed anew after a reopening, and from two obligations of an issue at once.
    again = [life for life in year.lives.values() for one in life.told if one.kind == "escalated"
             and one.cycle != life.happened[0].id]  # fmt: skip
    both = [life for life in year.lives.values() if {"acceptance", "resolution"}
            <= {one.obligation for one in life.told if one.kind == "overdue"}]  # fmt: skip
    assert again
    assert both


def test_each_rung_is_raised_at_the_first_look_after_its_instant(year: Year, seed: int) -> None:
    for issue, looks in year.looks.items():
        for alert in year.told(issue):
            # An extension may put the reminder where the clock has been.
            if alert.kind in ("overdue", "escalated", "pause_expired"):
                at = from_datetime(alert.at)
                first = looks[bisect_left(looks, at)]
                assert from_datetime(alert.raised) == first, f"{alert} LADDER_SEED={seed}"


def test_nothing_of_a_deadline_follows_what_cleared_it(year: Year, seed: int) -> None:
    for issue in year.lives:
        alerts = year.told(issue)
        assert [alert.sequence for alert in alerts] == list(range(1, len(alerts) + 1))
        assert len({alert.id for alert in alerts}) == len(alerts)
        cleared = set()
        for alert in alerts:
            about = (alert.obligation, alert.due)
            assert about not in cleared, f"{alert} LADDER_SEED={seed}"
            if alert.kind == "cleared":
                cleared.add(about)
