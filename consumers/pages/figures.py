"""Figures as pages show them: what a rate says of its target, what is ranked, what codes are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from consumers.board.ordering import by_figure, figure
from livelihood.catalogue import ALL, CatalogueVersion, Entry
from livelihood.measures import FEW, Rate
from livelihood.rollup import Line
from web.languages import Message, _
from web.titles import text_in, title_of
from web.vocabulary import OUTCOME_WORDS, reason_text

#: Measures by their names in MEASURES.md.
Measures = Mapping[str, Any]


class Verdict(StrEnum):
    """What a rate says of its target: as much as its interval allows, and no more."""

    #: The whole interval is at the target or above it.
    KEPT = "kept"
    #: The whole interval is below it.
    MISSED = "missed"
    #: The target lies within the interval.
    NEAR = "near"
    #: Of fewer than 30.
    FEW = "few"
    #: Nothing has come due.
    NOTHING = "nothing"
    #: There is no target.
    NO_TARGET = "no_target"


VERDICTS: Mapping[Verdict, Message] = {
    Verdict.KEPT: _("Kept"),
    Verdict.MISSED: _("Not kept"),
    Verdict.NEAR: _("Close to the target"),
    Verdict.FEW: _("Too few to say"),
    Verdict.NOTHING: _("Nothing due yet"),
    Verdict.NO_TARGET: _("No target"),
}


def verdict_of(rate: Rate, target: float | None) -> Verdict:
    """What a rate says of a target."""
    if rate.low is None or rate.high is None:
        return Verdict.NOTHING
    if rate.denominator < FEW:
        return Verdict.FEW
    if target is None:
        return Verdict.NO_TARGET
    if rate.low >= target:
        return Verdict.KEPT
    return Verdict.MISSED if rate.high < target else Verdict.NEAR


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table as a page shows it."""

    #: Names the line among the others, as its key in streams.
    key: str
    title: Message | str
    line: Line
    measures: Measures
    target: float | None
    verdict: Verdict
    #: To whom it was promised.
    to: str = ""
    #: The same figures as they were known at the instant that is shown; None: nothing is compared.
    then: Measures | None = None
    #: Its place by `on_time_rate` among those of at least 30; None: not ranked.
    rank: int | None = None


#: By what a table may be sorted, as the address says it.
SORTS = frozenset({
    "on_time_rate", "one_visit_rate", "satisfaction_rate", "oldest_open", "received", "open", "due_soon",
    "overdue", "resolved",
})  # fmt: skip


def sorted_rows(rows: Sequence[Row], sort: str) -> list[Row]:
    """Rows by a figure, "-open" from the largest on; what is not ranked comes last either way.

    By anything else: as they are.
    """
    if sort.removeprefix("-") not in SORTS:
        return list(rows)
    return by_figure(rows, lambda row: row.measures, sort)


def ranks(rows: Sequence[Measures]) -> dict[int, int]:
    """The place of each line by `on_time_rate`, by its number; equals share one, and few have none."""
    rates = {number: figure(measures, "on_time_rate") for number, measures in enumerate(rows)}
    values = sorted((rate for rate in rates.values() if rate is not None), reverse=True)
    return {number: values.index(rate) + 1 for number, rate in rates.items() if rate is not None}


def dimension_title(version: CatalogueVersion, name: str, value: str, language: str) -> Message | str:
    """What people call a value of a breakdown; a value that is empty has no name."""
    if not value:
        return _("not stated")
    entries: Mapping[str, Mapping[str, Entry]] = {
        "department": version.departments, "service": version.services, "area": version.areas,
        "channel": version.channels,
    }  # fmt: skip
    if name in entries:
        found = title_of(entries[name], value, language)
        return _("Elsewhere") if found == value == "other" else found
    if name == "origin":
        return ORIGINS.get(value, value)
    if name == "outcome":
        return _("Still open") if value == "open" else OUTCOME_WORDS.get(value, value)
    return reason_text(version, value, language)


ORIGINS: Mapping[str, Message] = {"person": _("From people"), "staff": _("From staff")}


def commitment_title(version: CatalogueVersion, code: str, language: str) -> Message | str:
    """What a commitment is called; all traffic has a name of its own."""
    return _("Everything together") if code == ALL else title_of(version.commitments, code, language)


def to_whom(version: CatalogueVersion, code: str, language: str) -> str:
    """To whom a commitment was promised, as its catalogue writes it; empty where that is not said."""
    commitment = version.commitments.get(code)
    if commitment is None:
        return ""
    entry = version.words.get(commitment.to)
    return text_in(entry.title, language, commitment.to) if entry else commitment.to
