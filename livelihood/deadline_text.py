"""The steps of a deadline as sentences, in English and Chinese."""

from datetime import date, datetime, tzinfo

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
from livelihood.instants import Instant, to_datetime
from livelihood.limits import Limit, Unit

LANGUAGES = ("en", "zh")

_EN_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# fmt: off
_EN_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on
_ZH_WEEKDAYS = "一二三四五六日"


def render(step: Step, language: str, zone: tzinfo) -> str:
    """One step as a sentence without its full stop, times in the zone given.

    `language` is "en" or "zh", a region behind it ("zh-CN") is passed over; ValueError for another one.
    """
    match language.partition("-")[0]:
        case "en":
            return _english(step, _Dates("en", zone))
        case "zh":
            return _chinese(step, _Dates("zh", zone))
    raise ValueError(f"deadlines are explained in {' and '.join(LANGUAGES)}, not in {language!r}")


def amount(limit: Limit, language: str) -> str:
    """A limit as people say it: "2 working days"."""
    return _chinese_amount(limit) if language.startswith("zh") else _english_amount(limit)


class _Dates:
    """Writes the dates of one sentence, the year only where it is not the one just written."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self._english = language == "en"
        self._zone = zone
        self._year: int | None = None

    def day(self, day: date) -> str:
        changed, self._year = day.year != self._year, day.year
        if self._english:
            text = f"{_EN_WEEKDAYS[day.weekday()]} {day.day} {_EN_MONTHS[day.month - 1]}"
            return f"{text} {day.year}" if changed else text
        text = f"{day.month}月{day.day}日（周{_ZH_WEEKDAYS[day.weekday()]}）"
        return f"{day.year}年{text}" if changed else text

    def moment(self, instant: Instant) -> str:
        local = self._local(instant)
        return f"{self.day(local.date())}{' ' if self._english else ''}{local:%H:%M}"

    def day_of(self, instant: Instant) -> str:
        return self.day(self._local(instant).date())

    def time(self, instant: Instant) -> str:
        return f"{self._local(instant):%H:%M}"

    def _local(self, instant: Instant) -> datetime:
        return to_datetime(instant, self._zone)


def _english(step: Step, say: _Dates) -> str:
    match step:
        case Opened(at=at):
            return f"Opened {say.moment(at)}"
        case Reopened(at=at):
            return f"Reopened {say.moment(at)}"
        case Holidays(first=first, last=last) if first == last:
            return f"{say.day(first)} is a holiday"
        case Holidays(first=first, last=last):
            return f"{say.day(first)} to {say.day(last)} are holidays"
        case MakeUpDay(day=day):
            return f"{say.day(day)} is worked in place of another day"
        case NotWorked(at=at, counts_from=counts_from):
            return f"{say.day_of(at)} is not a working day: counts from {say.moment(counts_from)}"
        case AfterCutOff(at=at, cut_off=cut_off, counts_from=counts_from):
            return (
                f"{say.moment(at)} is not before the cut-off {cut_off}: counts from {say.moment(counts_from)}"
            )
        case OutsideHours(at=at, counts_from=counts_from):
            return f"{say.moment(at)} is outside opening hours: counts from {say.moment(counts_from)}"
        case Counted(limit=limit, until=until):
            return f"{_english_amount(limit)} later: {say.moment(until)}"
        case MovedOn(at=at, until=until):
            return f"{say.day_of(at)} is not a working day: moves on to {say.moment(until)}"
        case ClockChanged(day=day, time=time, twice=True):
            return f"The clocks go back and show {time} twice on {say.day(day)}: the first is meant"
        case ClockChanged(day=day, time=time, at=at):
            return f"The clocks go forward and skip {time} on {say.day(day)}: {say.time(at)} is meant"
        case NotPublished(covered_through=covered_through):
            return f"Holidays after {say.day(covered_through)} are not published yet: provisional"
        case Paused(since=since, until=until, due_before=before, due=due):
            pause = f"Paused from {say.moment(since)} to {say.moment(until)}"
            return f"{pause}: {_english_move(before, due, say)}"
        case Extended(due_before=before, due=due):
            return f"Extension granted: {_english_move(before, due, say)}"
        case MergedIn(due_before=before, due=due):
            if before is None:
                return f"Merged with an issue due {say.moment(due)}"
            return f"Merged with an issue due earlier: {_english_move(before, due, say)}"
        case Stated(due=due):
            return f"Deadline stated by the channel: {say.moment(due)}"


def _english_move(before: Instant, due: Instant, say: _Dates) -> str:
    if before == due:
        return f"the deadline stays {say.moment(due)}"
    return f"the deadline moves from {say.moment(before)} to {say.moment(due)}"


def _english_amount(limit: Limit) -> str:
    day = "working day" if limit.unit is Unit.WORKING_DAYS else "day"
    amounts = ((limit.days, day), (limit.hours, "hour"), (limit.minutes, "minute"), (limit.seconds, "second"))
    written = " ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in amounts if n) or "0 seconds"
    return f"{written} of opening time" if limit.unit is Unit.WORKING_HOURS else written


def _chinese(step: Step, say: _Dates) -> str:
    match step:
        case Opened(at=at):
            return f"{say.moment(at)} 提交"
        case Reopened(at=at):
            return f"{say.moment(at)} 重新办理"
        case Holidays(first=first, last=last) if first == last:
            return f"{say.day(first)}放假"
        case Holidays(first=first, last=last):
            return f"{say.day(first)}至{say.day(last)}放假"
        case MakeUpDay(day=day):
            return f"{say.day(day)}调休上班"
        case NotWorked(at=at, counts_from=counts_from):
            return f"{say.day_of(at)}不是工作日：从{say.moment(counts_from)} 起算"
        case AfterCutOff(at=at, cut_off=cut_off, counts_from=counts_from):
            return f"{say.moment(at)} 已到或已过当日受理截止时间 {cut_off}：从{say.moment(counts_from)} 起算"
        case OutsideHours(at=at, counts_from=counts_from):
            return f"{say.moment(at)} 不在办公时间内：从{say.moment(counts_from)} 起算"
        case Counted(limit=limit, until=until):
            return f"{_chinese_amount(limit)}后：{say.moment(until)}"
        case MovedOn(at=at, until=until):
            return f"{say.day_of(at)}不是工作日：顺延至{say.moment(until)}"
        case ClockChanged(day=day, time=time, twice=True):
            return f"{say.day(day)}时钟回拨，{time} 出现两次：以第一次为准"
        case ClockChanged(day=day, time=time, at=at):
            return f"{say.day(day)}时钟拨快，没有 {time}：以 {say.time(at)} 为准"
        case NotPublished(covered_through=covered_through):
            return f"{say.day(covered_through)}之后的节假日安排尚未公布：期限为暂定"
        case Paused(since=since, until=until, due_before=before, due=due):
            pause = f"{say.moment(since)} 至{say.moment(until)} 暂停计时"
            return f"{pause}：{_chinese_move(before, due, say)}"
        case Extended(due_before=before, due=due):
            return f"获准延期：{_chinese_move(before, due, say)}"
        case MergedIn(due_before=before, due=due):
            if before is None:
                return f"并入了期限为{say.moment(due)}的事项"
            return f"并入了期限更早的事项：{_chinese_move(before, due, say)}"
        case Stated(due=due):
            return f"受理渠道给出的期限：{say.moment(due)}"


def _chinese_move(before: Instant, due: Instant, say: _Dates) -> str:
    if before == due:
        return f"期限仍为{say.moment(due)}"
    return f"期限由{say.moment(before)} 改为{say.moment(due)}"


def _chinese_amount(limit: Limit) -> str:
    day = "个工作日" if limit.unit is Unit.WORKING_DAYS else "天"
    amounts = ((limit.days, day), (limit.hours, "小时"), (limit.minutes, "分钟"), (limit.seconds, "秒"))
    written = " ".join(f"{n} {noun}" for n, noun in amounts if n) or "0 秒"
    return f"{written}办公时间" if limit.unit is Unit.WORKING_HOURS else written
