"""How issues ended: resolved one way or another, rejected, or gone before; people's apart from staff's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consumers.pages.figures import ORIGINS
from livelihood.event_data import OUTCOMES
from livelihood.measures import SUM
from livelihood.rollup import Line
from web.languages import Message, _
from web.vocabulary import OUTCOME_WORDS


@dataclass(frozen=True, kw_only=True)
class Ending:
    """One way to end."""

    label: Message
    #: Of the most frequent one, in hundredths.
    share: float
    #: From whom, in the order of the origins.
    counts: Sequence[int]
    #: "pale": it is no resolution.
    tone: str


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """All the ways they ended."""

    title: Message
    origins: Sequence[Message]
    lines: Sequence[Ending]
    note: Message


def outcomes(lines: Sequence[Line]) -> Outcomes:
    """From the lines of a commitment by origin."""
    by_origin = {line.dimensions["origin"]: line.sums for line in lines}
    origins = [code for code in ORIGINS if code in by_origin]
    found = [
        (label, [by_origin[code].get(SUM[name], 0) for code in origins], tone)
        for name, label, tone in _ways()
    ]
    most = max((sum(counts) for _label, counts, _tone in found), default=0)
    return Outcomes(
        title=_("How they ended"),
        origins=[ORIGINS[code] for code in origins],
        lines=[
            Ending(label=label, share=round(100 * sum(counts) / most, 2), counts=counts, tone=tone)
            for label, counts, tone in found
            if any(counts)
        ],
        note=_("Planned is not fixed: read the rate with these beside it. Grey is no resolution."),
    )


def _ways() -> Iterator[tuple[str, Message, str]]:
    for outcome in OUTCOMES:
        yield f"resolved_{outcome}", OUTCOME_WORDS[outcome], ""
    yield "rejected", OUTCOME_WORDS["rejected"], "pale"
    yield "excluded_withdrawn", _("Withdrawn before the deadline"), "pale"
    yield "excluded_merged", _("Merged before the deadline"), "pale"
