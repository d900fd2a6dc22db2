from datetime import date
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from livelihood.deadline_steps import (
    AfterCutOff,
    ClockChanged,
    Counted,
    Extended,
    Holidays,
    MakeUpDay,
    MergedIn,
    MovedOn,
    NotPublished,
    NotWorked,
    Opened,
    OutsideHours,
    Paused,
    Reopened,
    Stated,
    Step,
)
from livelihood.deadline_text import LANGUAGES, render
from livelihood.instants import parse
from livelihood.limits import Limit

ZONE = ZoneInfo("America/New_York")
FRIDAY, TUESDAY = parse("2011-07-01T17:20:00-04:00"), parse("2011-07-05T08:30:00-04:00")
NEW_YEAR = parse("2012-01-02T08:30:00-05:00")
SENTENCES: list[tuple[Step, str, str]] = [
    (Opened(at=FRIDAY), "Opened Fri 1 July 2011 17:20", "2011年7月1日（周五）17:20 提交"),
    (Reopened(at=FRIDAY), "Reopened Fri 1 July 2011 17:20", "2011年7月1日（周五）17:20 重新办理"),
    (
        Holidays(first=date(2011, 7, 4), last=date(2011, 7, 4)),
        "Mon 4 July 2011 is a holiday",
        "2011年7月4日（周一）放假",
    ),
    (
        Holidays(first=date(2025, 10, 1), last=date(2025, 10, 8)),
        "Wed 1 October 2025 to Wed 8 October are holidays",
        "2025年10月1日（周三）至10月8日（周三）放假",
    ),
    (
        MakeUpDay(day=date(2025, 10, 11)),
        "Sat 11 October 2025 is worked in place of another day",
        "2025年10月11日（周六）调休上班",
    ),
    (
        NotWorked(at=FRIDAY, counts_from=TUESDAY),
        "Fri 1 July 2011 is not a working day: counts from Tue 5 July 08:30",
        "2011年7月1日（周五）不是工作日：从7月5日（周二）08:30 起算",
    ),
    (
        AfterCutOff(at=FRIDAY, cut_off="17:00", counts_from=TUESDAY),
        "Fri 1 July 2011 17:20 is not before the cut-off 17:00: counts from Tue 5 July 08:30",
        "2011年7月1日（周五）17:20 已到或已过当日受理截止时间 17:00：从7月5日（周二）08:30 起算",
    ),
    (
        OutsideHours(at=FRIDAY, counts_from=TUESDAY),
        "Fri 1 July 2011 17:20 is outside opening hours: counts from Tue 5 July 08:30",
        "2011年7月1日（周五）17:20 不在办公时间内：从7月5日（周二）08:30 起算",
    ),
    (
        Counted(limit=Limit.parse("1 working_days"), until=TUESDAY),
        "1 working day later: Tue 5 July 2011 08:30",
        "1 个工作日后：2011年7月5日（周二）08:30",
    ),
    (
        Counted(limit=Limit.parse("1d90m calendar"), until=TUESDAY),
        "1 day 1 hour 30 minutes later: Tue 5 July 2011 08:30",
        "1 天 1 小时 30 分钟后：2011年7月5日（周二）08:30",
    ),
    (
        Counted(limit=Limit.parse("4 working_hours"), until=TUESDAY),
        "4 hours of opening time later: Tue 5 July 2011 08:30",
        "4 小时办公时间后：2011年7月5日（周二）08:30",
    ),
    (
        Counted(limit=Limit.parse("0s"), until=TUESDAY),
        "0 seconds later: Tue 5 July 2011 08:30",
        "0 秒后：2011年7月5日（周二）08:30",
    ),
    (
        MovedOn(at=FRIDAY, until=NEW_YEAR),
        "Fri 1 July 2011 is not a working day: moves on to Mon 2 January 2012 08:30",
        "2011年7月1日（周五）不是工作日：顺延至2012年1月2日（周一）08:30",
    ),
    (
        ClockChanged(day=date(2011, 3, 13), time="02:30", twice=False, at=parse("2011-03-13T03:30:00-04:00")),
        "The clocks go forward and skip 02:30 on Sun 13 March 2011: 03:30 is meant",
        "2011年3月13日（周日）时钟拨快，没有 02:30：以 03:30 为准",
    ),
    (
        ClockChanged(day=date(2011, 11, 6), time="01:30", twice=True, at=parse("2011-11-06T01:30:00-04:00")),
        "The clocks go back and show 01:30 twice on Sun 6 November 2011: the first is meant",
        "2011年11月6日（周日）时钟回拨，01:30 出现两次：以第一次为准",
    ),
    (
        NotPublished(covered_through=date(2026, 12, 31)),
        "Holidays after Thu 31 December 2026 are not published yet: provisional",
        "2026年12月31日（周四）之后的节假日安排尚未公布：期限为暂定",
    ),
    (
        Paused(since=FRIDAY, until=TUESDAY, due_before=TUESDAY, due=NEW_YEAR),
        (
            "Paused from Fri 1 July 2011 17:20 to Tue 5 July 08:30: "
            "the deadline moves from Tue 5 July 08:30 to Mon 2 January 2012 08:30"
        ),
        (
            "2011年7月1日（周五）17:20 至7月5日（周二）08:30 暂停计时："
            "期限由7月5日（周二）08:30 改为2012年1月2日（周一）08:30"
        ),
    ),
    (
        Paused(since=FRIDAY, until=FRIDAY, due_before=TUESDAY, due=TUESDAY),
        "Paused from Fri 1 July 2011 17:20 to Fri 1 July 17:20: the deadline stays Tue 5 July 08:30",
        "2011年7月1日（周五）17:20 至7月1日（周五）17:20 暂停计时：期限仍为7月5日（周二）08:30",
    ),
    (
        Extended(due_before=FRIDAY, due=TUESDAY),
        "Extension granted: the deadline moves from Fri 1 July 2011 17:20 to Tue 5 July 08:30",
        "获准延期：期限由2011年7月1日（周五）17:20 改为7月5日（周二）08:30",
    ),
    (
        MergedIn(due_before=TUESDAY, due=FRIDAY),
        (
            "Merged with an issue due earlier: "
            "the deadline moves from Tue 5 July 2011 08:30 to Fri 1 July 17:20"
        ),
        "并入了期限更早的事项：期限由2011年7月5日（周二）08:30 改为7月1日（周五）17:20",
    ),
    (
        MergedIn(due_before=None, due=FRIDAY),
        "Merged with an issue due Fri 1 July 2011 17:20",
        "并入了期限为2011年7月1日（周五）17:20的事项",
    ),
    (
        Stated(due=TUESDAY),
        "Deadline stated by the channel: Tue 5 July 2011 08:30",
        "受理渠道给出的期限：2011年7月5日（周二）08:30",
    ),
]


@pytest.mark.parametrize(
    ("step", "english", "chinese"), SENTENCES, ids=lambda value: getattr(value, "code", "")
)
def test_every_step_is_a_sentence_in_english_and_in_chinese(step: Step, english: str, chinese: str) -> None:
    assert render(step, "en", ZONE) == english
    assert render(step, "zh", ZONE) == chinese
    assert render(step, "zh-CN", ZONE) == chinese


def test_no_kind_of_step_is_left_out_above() -> None:
    kinds = set(get_args(get_args(Step)[0]))
    assert kinds == {type(step) for step, _, _ in SENTENCES}


def test_another_language_is_refused_naming_those_there_are() -> None:
    with pytest.raises(ValueError, match=" and ".join(LANGUAGES)):
        render(SENTENCES[0][0], "fr", ZONE)
