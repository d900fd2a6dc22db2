"""What happened, in the words of the person who asked: every text in Chinese and in English."""

from datetime import tzinfo
from typing import NamedTuple

from babel.dates import format_datetime

from livelihood.fields import LanguageCode
from livelihood.instants import Instant, to_datetime

_LANGUAGES: tuple[LanguageCode, ...] = ("zh", "en")
#: A date in a sentence: no weekday, the month in full.
_DATES: dict[LanguageCode, str] = {"zh": "y年M月d日 HH:mm", "en": "d MMMM y, HH:mm"}

#: Both languages of a text.
Texts = dict[LanguageCode, str]


class _Pair(NamedTuple):
    zh: str
    en: str


#: What is said of each thing that happened, in a list of what happened.
_HAPPENED: dict[str, _Pair] = {
    "submitted": _Pair("已提交", "You asked"),
    "accepted": _Pair("承办单位已接件", "Taken on by a unit"),
    "assigned": _Pair("已派到经办岗位", "Given to a desk"),
    "transfer_offered": _Pair("拟转由其他单位办理", "Offered to another unit"),
    "transfer_accepted": _Pair("已转由其他单位办理", "Handed over to another unit"),
    "returned": _Pair("已退回重新分派", "Sent back to be given out again"),
    "reclassified": _Pair("事项类别已更正", "Found to be about another service"),
    "paused": _Pair("暂停计时", "Paused"),
    "resumed": _Pair("恢复办理", "Taken up again"),
    "extension_asked": _Pair("承办单位申请延期", "The unit asked for more time"),
    "extension_granted": _Pair("延期已获批准", "More time was granted"),
    "extension_refused": _Pair("延期未获批准", "More time was refused"),
    "progress_reported": _Pair("已报告进展", "Progress was reported"),
    "visit_recorded": _Pair("已登记一次到窗口办理", "A visit to a window was recorded"),
    "commented": _Pair("已添加备注", "A remark was added"),
    "followed_up": _Pair("您再次询问", "You asked again"),
    "absorbed": _Pair("另一件诉求已并入本件", "Another request was merged into this one"),
    "resolved": _Pair("承办单位报告已办结", "Reported as done"),
    "rejected": _Pair("不予办理", "It will not be done"),
    "withdrawn": _Pair("已撤回", "Withdrawn"),
    "merged": _Pair("已并入另一件诉求", "Merged into another request"),
    "closed": _Pair("已结案", "Closed"),
    "reopened": _Pair("已重新办理", "Reopened"),
    "rated": _Pair("已记录评价", "Your answer was recorded"),
    "corrected": _Pair("记录已更正", "The record was corrected"),
    "numbered": _Pair("其他系统登记了编号", "Numbered by a further system"),
    "acknowledged": _Pair("主管人员已知悉并督办", "A supervisor has seen it and acts"),
    "contested": _Pair("承办单位对计时提出异议", "The unit contests how it is counted"),
    "contest_answered": _Pair("对计时异议的答复", "What was contested was answered"),
    "part": _Pair("其中一项有了变化", "One of its parts has changed"),
    "promise_changed": _Pair("承诺办结时间已变更", "The promised date has changed"),
    "due_soon": _Pair("即将到承诺办结时间", "The promised date is near"),
    "overdue": _Pair("已超过承诺办结时间", "The promised date has passed"),
}

#: Where an issue stands.
_STATES: dict[str, _Pair] = {
    "submitted": _Pair("已提交，等待接件", "waiting to be taken on"),
    "accepted": _Pair("办理中", "being worked on"),
    "assigned": _Pair("办理中", "being worked on"),
    "paused": _Pair("暂停", "paused"),
    "reopened": _Pair("重新办理中", "being worked on again"),
    "resolved": _Pair("已办结，待您确认", "reported as done; you may confirm it or say that it is not"),
    "closed": _Pair("已结案", "closed"),
    "rejected": _Pair("不予办理", "will not be done"),
    "withdrawn": _Pair("已撤回", "withdrawn"),
    "merged": _Pair("已并入另一件诉求", "merged into another request"),
}

_OUTCOMES: dict[str, _Pair] = {
    "fixed": _Pair("已解决", "fixed"),
    "answered": _Pair("已答复", "answered"),
    "scheduled": _Pair("已列入计划", "put on a schedule"),
    "duplicate": _Pair("与另一件重复", "the same as another request"),
    "not_found": _Pair("现场未发现", "nothing was found there"),
    "not_ours": _Pair("不属本单位职责", "not for this authority to do"),
    "administrative": _Pair("行政办结", "closed for administrative reasons"),
}

#: What the person is told, in full; {date}, {before}, {outcome} and {receipt} are filled in. Where nothing
#: was promised the text after the bar is left out.
_MESSAGES: dict[str, _Pair] = {
    "submitted": _Pair(
        "您的诉求已登记，回执号 {receipt}。|承诺在 {date} 前办结。",
        "Your request is registered; its receipt number is {receipt}.| It is promised to be done by {date}.",
    ),
    "accepted": _Pair(
        "您的诉求（{receipt}）已由承办单位接件。|承诺在 {date} 前办结。",
        "A unit has taken on your request {receipt}.| It is promised to be done by {date}.",
    ),
    "promise_changed": _Pair(
        "您的诉求（{receipt}）的承诺办结时间已变更。|现为 {date}，原为 {before}。",
        "The promised date of your request {receipt} has changed.| It is now {date}; it was {before}.",
    ),
    "overdue": _Pair(
        "您的诉求（{receipt}）未能按承诺办结。|承诺时间为 {date}，现已逾期，仍在办理。",
        "Your request {receipt} was not done as promised.| It was due by {date}, and is still open.",
    ),
    "resolved": _Pair(
        "承办单位报告您的诉求（{receipt}）已办结：{outcome}。如已解决请确认，如未解决可要求重新办理：{link}",
        "Your request {receipt} is reported as done: {outcome}. Please confirm it, or have it reopened if it"
        " is not: {link}",
    ),
    "rejected": _Pair(
        "您的诉求（{receipt}）不予办理。如有异议可要求重新办理：{link}",
        "Your request {receipt} will not be done. If you object, have it reopened: {link}",
    ),
    "reopened": _Pair(
        "您的诉求（{receipt}）已重新办理。|承诺在 {date} 前办结。",
        "Your request {receipt} is being worked on again.| It is promised to be done by {date}.",
    ),
    "closed": _Pair("您的诉求（{receipt}）已结案。", "Your request {receipt} is closed."),
}
_NONE = _Pair("无", "none")


def happened(what: str) -> Texts:
    """What happened, in a few words."""
    return _texts(_HAPPENED[what])


def standing(state: str) -> Texts:
    """Where an issue stands."""
    return _texts(_STATES[state])


def outcome_words(outcome: str) -> Texts | None:
    """How it ended; None for an end that is no outcome of a resolution."""
    return _texts(_OUTCOMES[outcome]) if outcome in _OUTCOMES else None


def message(
    what: str,
    *,
    receipt: str,
    link: str,
    outcome: str,
    promised: Instant | None,
    before: Instant | None,
    zone: tzinfo,
) -> Texts | None:
    """What the person is told; None where this is nothing to tell a person of."""
    pair = _MESSAGES.get(what)
    if pair is None:
        return None
    told: Texts = {}
    for language, text in zip(_LANGUAGES, pair, strict=True):
        always, _, where_promised = text.partition("|")
        ended = _OUTCOMES.get(outcome, _NONE)
        was = _NONE._asdict()[language] if before is None else date_text(before, zone, language)
        said = always if promised is None else always + where_promised
        told[language] = said.format(
            receipt=receipt,
            link=link,
            outcome=ended._asdict()[language],
            date="" if promised is None else date_text(promised, zone, language),
            before=was,
        )
    return told


def date_text(instant: Instant, zone: tzinfo, language: LanguageCode) -> str:
    """A date and time as people write it."""
    return format_datetime(to_datetime(instant, zone), _DATES[language], locale=language)


def _texts(pair: _Pair) -> Texts:
    return {"zh": pair.zh, "en": pair.en}
