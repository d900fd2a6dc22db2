"""A first mapping for an unknown table, with every guess marked as one.

The draft is a file to read and correct, not a decision: each line that was guessed says why, and
whatever looks personal or is not understood is dropped rather than imported.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from producers.guesses import MANY_VALUES, SAMPLE_ROWS, TIME_FORMATS, Column, sample
from producers.parts import code_of
from producers.tables import Table, TableError, likely_encoding
from producers.toml_text import toml_value

_OPENED = ("open", "opened", "opening", "created", "create", "creation", "submitted", "requested", "reported",
           "received", "entered", "entry", "受理", "提交", "创建", "来电", "登记")  # fmt: skip
_CLOSED = ("close", "closed", "closing", "resolved", "resolution", "completed", "completion", "finished",
           "办结", "完成", "结束")  # fmt: skip
_TARGET = ("target", "due", "expected", "sla", "planned", "deadline", "promised", "期限", "截止", "时限")
_LABEL = ("ontime", "overdue", "late", "exceeded", "timely", "sla", "超期", "逾期", "按时")
_ID = ("id", "number", "no", "key", "case", "ticket", "编号", "单号", "工单")
_STATUS = ("status", "state", "状态")
#: Role -> up to how many values, and the words of its name, the surest first; roles in order of taking.
_CODED = {
    "channel": (60, ("source", "channel", "origin", "method", "via", "渠道", "来源")),
    "department": (MANY_VALUES, ("department", "dept", "agency", "unit", "division", "部门", "单位")),
    "area": (
        MANY_VALUES,
        (
            "neighborhood",
            "neighbourhood",
            "borough",
            "community",
            "area",
            "district",
            "ward",
            "区县",
            "街道",
            "区",
        ),
    ),
    "urgency": (12, ("urgency", "priority", "severity", "紧急")),
    "service": (
        MANY_VALUES,
        ("service", "type", "problem", "complaint", "subject", "category", "事项", "类型"),
    ),
    "category": (MANY_VALUES, ("category", "reason", "group", "topic", "类别")),
}
_STATES = {
    "resolved": ("clos", "resol", "complet", "done", "fixed", "finish", "办结", "完成", "已结"),
    "withdrawn": ("cancel", "withdr", "撤"),
    "rejected": ("reject", "declin", "invalid", "refus", "退", "拒"),
}
_OUTCOMES = {
    "duplicate": ("duplic", "重复"),
    "scheduled": ("schedul", "planned"),
    "not_found": ("not found", "not_found", "no violation", "unfounded", "nothing", "no cause"),
    "not_ours": ("refer", "jurisdiction", "not_ours", "not ours", "external"),
    "administrative": ("admin", "error", "invalid", "cancel", "test"),
    "fixed": ("fix", "resol", "complet", "repair", "correct", "done", "办结", "解决"),
}
_STAFF = ("employee", "staff", "internal", "crew", "inspector", "内部", "巡查", "网格")
_LATE_WORDS = {"overdue", "late", "y", "yes", "true", "1", "exceeded", "超期", "逾期"}


@dataclass
class _Draft:
    columns: list[Column]
    taken: dict[str, str] = field(default_factory=dict)

    def take(self, column: Column, role: str) -> Column:
        self.taken[column.name] = role
        return column

    def free(self) -> Iterator[Column]:
        return (column for column in self.columns if column.name not in self.taken)

    def named(self, role: str, *words: str, values: int = MANY_VALUES) -> Column | None:
        """The first free column, in the order of the words, that is named so and is a list of values."""
        for word in words:
            for column in self.free():
                if column.named(word) and 1 <= len(column.counts) <= values and not column.private():
                    return self.take(column, role)
        return None


def draft_mapping(path: Path, *, name: str, time_zone: str, encoding: str | None = None) -> str:
    """The text of a first mapping for a table; TableError where it cannot be read or drafted.

    The zone is the caller's to know: nothing in a table tells it. An encoding that is not given is guessed.
    """
    given, encoding = encoding, encoding or likely_encoding(path)
    with Table(path, encoding=encoding) as table:
        rows = (row.values for row in table.rows() if row.fault is None)
        draft = _Draft(sample(table.columns, islice(rows, SAMPLE_ROWS)))
        delimiter = table.delimiter
    if not draft.columns or not draft.columns[0].rows:
        raise TableError(f"{path} has no rows to learn from")
    # Order matters: what is surest is taken first, so that vaguer words do not find it later.
    identity = _id(draft, path)
    tables = [*_times(draft, path), *_places(draft), *_lists(draft)]
    return "\n".join(
        [
            f"# A first mapping for {path.name}, drafted from its first {draft.columns[0].rows:,} rows.",
            "# Lines marked `guessed` are guesses: read each, correct it, and delete the mark.",
            f"name = {toml_value(name)}",
            f"time_zone = {toml_value(time_zone)}",
            f"encoding = {toml_value(encoding)}" + ("" if given else "  # guessed: by the heading's bytes"),
            f"delimiter = {toml_value(delimiter)}",
            'recorded = "own"  # guessed: the table does not say when a fact was entered',
            *identity,
            *_dropped(draft),
            *tables,
            "",
        ]
    )


def _id(draft: _Draft, path: Path) -> list[str]:
    told = [column for column in draft.columns if column.tells_rows and column.date_format() is None]
    unique = [column for column in told if column.is_unique]
    by_name = [column for column in unique if column.named(*_ID)]
    # An export that overlaps the last one has some rows twice; then only a name makes it an id.
    nearly = [column for column in told if column.named(*_ID)]
    if not (found := by_name or nearly or unique):
        raise TableError(
            f"{path}: no column tells one row from another; an import needs an id: add a column with a"
            " number of its own for each request"
        )
    column = draft.take(found[0], "id")
    why = ["by its name"] if column in nearly else []
    if column.is_unique:
        why.append("a value of its own in each row")
    else:
        others = column.rows - len(column.counts)
        rows = "1 row of the sample has" if others == 1 else f"{others:,} rows of the sample have"
        why.append(f"{rows} another's or none")
    return [f"id = {toml_value(column.name)}  # guessed: {', and '.join(why)}"]


def _times(draft: _Draft, path: Path) -> list[str]:
    dates = {column.name: format_ for column in draft.free() if (format_ := column.date_format())}
    clocks = {
        column.name: format_ for column in draft.free() if (format_ := column.date_format(TIME_FORMATS))
    }
    lines: list[str] = []
    for role, words in (("target", _TARGET), ("closed", _CLOSED), ("opened", _OPENED)):
        found = [column for column in draft.free() if column.name in dates]
        by_name = [column for column in found if column.named(*words)]
        if not by_name and role == "opened":
            # Each row has an opening, so it is the fullest of the dates.
            by_name = sorted(found, key=lambda column: -column.filled)
        if not by_name:
            if role == "target":
                continue
            raise TableError(f"{path}: no column looks like the time a request was {role}; write the mapping")
        column = draft.take(by_name[0], role)
        names, format_ = [column.name], dates[column.name]
        clock = next((c for c in draft.free() if c.name in clocks and set(c.words) & set(column.words)), None)
        if clock is not None and "%H" not in format_ and "%I" not in format_ and format_ != "iso":
            draft.take(clock, role)
            names, format_ = [*names, clock.name], f"{format_} {clocks[clock.name]}"
        own = dates[column.name]
        swapped = own.replace("%m", "%?").replace("%d", "%m").replace("%?", "%d")
        doubt = ""
        if "/" in own and swapped != own and column.date_format((swapped,)):
            doubt = "; day and month could be the other way round"
        why = "by its name" if column.named(*words) else "the fullest column of dates"
        lines += ["", f"[{role}]", f"columns = {toml_value(names)}  # guessed: {why}",
                  f"formats = {toml_value([format_])}  # guessed: fits the sample{doubt}"]  # fmt: skip
        if role == "closed" and (days := draft.named("days", "days", values=10_000)) and days.numbers():
            lines.append(f"# days_after_opening = {toml_value(days.name)}  # perhaps, where it is empty")
            draft.taken.pop(days.name)
    return lines


def _places(draft: _Draft) -> list[str]:
    pair = [
        next((c for c in draft.free() if c.named(*words) and c.numbers()), None)
        for words in (("latitude", "lat", "纬度"), ("longitude", "lon", "lng", "long", "经度"))
    ]
    if pair[0] is None or pair[1] is None:
        return []
    names = [draft.take(column, "coordinates").name for column in pair if column is not None]
    return ["", "[coordinates]", f"latitude = {toml_value(names[0])}  # guessed: by its name",
            f"longitude = {toml_value(names[1])}  # guessed: by its name", "decimals = 3"]  # fmt: skip


def _lists(draft: _Draft) -> list[str]:
    lines: list[str] = []
    if label := draft.named("label", *_LABEL, values=3):
        late = [word for word in label.counts if word.casefold() in _LATE_WORDS]
        on_time = [word for word in label.counts if word not in late]
        lines += [
            *(
                "",
                "[label]",
                f"column = {toml_value(label.name)}  # guessed: by its name; only to compare",
            ),
            *(f"on_time = {toml_value(on_time)}  # guessed", f"late = {toml_value(late)}  # guessed"),
        ]
    if status := draft.named("status", *_STATUS, values=30):
        lines += ["", "[status]", f"column = {toml_value(status.name)}  # guessed: by its name"]
        lines += ["[status.values]"]
        lines += [f"{toml_value(word)} = {toml_value(_state(word))}  # guessed" for word in status.counts]
    outcome = draft.named("outcome", "outcome", "disposition", "resolution", "closure", "结果", values=40)
    for role, (many, words) in _CODED.items():
        column = draft.named(role, *words, values=many)
        if column is not None:
            seen = f"{len(column.counts)} values in the sample"
            lines += ["", f"[{role}]", f"column = {toml_value(column.name)}  # guessed: by its name; {seen}"]
            if role in ("service", "channel") and column.filled < 1:
                lines.append('default = "unstated"  # guessed: some cells are empty')
            if role == "channel":
                staff = [code for word in column.counts if (code := _staff(word))]
                lines.append(f"staff = {toml_value(staff)}  # guessed: channels the city's own people use")
        elif role in ("channel", "service"):
            fixed = "import" if role == "channel" else "request"
            lines += ["", f"[{role}]", f"code = {toml_value(fixed)}  # guessed: no column looks like one"]
    lines += ["", "[outcome]", 'default = "answered"  # guessed: what is said where nothing else fits']
    if outcome is not None:
        lines += [f"column = {toml_value(outcome.name)}  # guessed: by its name", "[outcome.values]"]
        lines += [f"{toml_value(text)} = {toml_value(_outcome(text))}  # guessed" for text in outcome.counts]
    return lines


def _dropped(draft: _Draft) -> list[str]:
    lines = ["drop = ["]
    for column in draft.free():
        why = column.private() or ("always empty" if not column.cells else "not understood")
        lines.append(f"    {toml_value(column.name)},  # guessed: {why}")
    return [*lines, "]"]


def _staff(word: str) -> str | None:
    return code_of(word) if any(part in word.casefold() for part in _STAFF) else None


def _state(word: str) -> str:
    text = word.casefold()
    return next((state for state, parts in _STATES.items() if any(part in text for part in parts)), "open")


def _outcome(text: str) -> str:
    text = text.casefold()
    found = (outcome for outcome, parts in _OUTCOMES.items() if any(part in text for part in parts))
    return next(found, "answered")
