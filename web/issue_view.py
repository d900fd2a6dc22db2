"""An issue as its page shows it: where it stands, its deadline and how that came about, what happened."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from livelihood.catalogue import CatalogueVersion
from livelihood.deadline_steps import Deadline
from livelihood.deadline_text import render
from livelihood.events import Kind
from livelihood.histories import Entry, History
from livelihood.instants import MINUTE, Instant
from livelihood.issue import Issue
from livelihood.lifecycle import State
from web.formats import Formats
from web.languages import Message, _
from web.titles import title_of
from web.vocabulary import KINDS, OUTCOME_WORDS, STATES, reason_text, why_ignored

#: A fact recorded this much after it happened is shown as such.
WORTH_SAYING: Instant = MINUTE


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an issue stands, as a mark beside its number: a word and what it means."""

    word: Message
    #: A class of parts.css: good, soon, late, going, still, or nothing.
    tone: str
    #: The deadline's own mark.
    timing: Message | None = None
    timing_tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line of the timeline."""

    at: Instant
    what: Message
    #: More of it, each a sentence or a few words.
    details: list[Message | str]
    channel: str
    #: The department that had the lead after it.
    department: str
    actor: str
    ignored: Message | None


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A deadline with the steps that led to it, in the language of whoever looks."""

    due: Instant
    steps: list[str]
    is_provisional: bool


@dataclass(frozen=True, kw_only=True)
class IssueView:
    """Everything a page shows of an issue that anybody with an account may see."""

    id: str
    issue: Issue
    state: State
    as_of: Instant
    standing: Standing
    service: str
    department: str
    area: str
    channel: str
    urgency: Message | str
    outcome: Message | str
    #: What is to be met now: after a reopening, the rework's.
    due: Instant | None
    deadline: Explained | None
    acceptance: Explained | None
    #: Of the rework, while the issue is open again.
    rework: Explained | None = None
    happenings: list[Happening] = field(default_factory=list)
    #: Department, time held inside opening hours, time held in all.
    held: list[tuple[str, Instant, Instant]] = field(default_factory=list)
    #: Of a bundle: child, and its outcome or nothing while it is open.
    parts: list[tuple[str, Message | str]] = field(default_factory=list)


def running_due(issue: Issue) -> Instant | None:
    """The deadline someone works towards: after a reopening, that of the rework."""
    return issue.rework_due if issue.open and issue.rework_due is not None else issue.due


def standing_of(issue: Issue, state: State, at: Instant) -> Standing:
    """Where an issue stands at an instant."""
    due = running_due(issue)
    tone = "good" if state in _DONE else "still" if state is State.PAUSED else "going" if issue.open else ""
    timing, timing_tone = _timing(issue, state, due, at)
    return Standing(word=STATES[state], tone=tone, timing=timing, timing_tone=timing_tone)


def _timing(issue: Issue, state: State, due: Instant | None, at: Instant) -> tuple[Message | None, str]:
    if due is None:
        return None, ""
    if not issue.open:
        if issue.settled is None or issue.settled > due:
            return _("Late"), "late"
        # Who left in time was not served in time.
        return (None, "") if state in _LEFT else (_("On time"), "good")
    if at > due:
        return _("Overdue"), "late"
    if issue.reminder is not None and at >= issue.reminder and state is not State.PAUSED:
        return _("Due soon"), "soon"
    return _("In time so far"), "calm"


_DONE = frozenset({State.RESOLVED, State.CLOSED})
_LEFT = frozenset({State.WITHDRAWN, State.MERGED})


def view_of(history: History, version: CatalogueVersion, formats: Formats) -> IssueView:
    """A history as its page shows it."""
    issue, language = history.issue, formats.language.code
    parts = [(child, OUTCOME_WORDS.get(outcome, outcome)) for child, outcome in (issue.parts or {}).items()]
    held: dict[str, tuple[Instant, Instant]] = {}
    for one in history.held:
        working, elapsed = held.get(one.department, (0, 0))
        held[one.department] = working + one.working, elapsed + one.elapsed
    return IssueView(
        id=history.id,
        issue=issue,
        state=history.state,
        as_of=history.as_of,
        standing=standing_of(issue, history.state, history.as_of),
        service=title_of(version.services, issue.service, language),
        department=title_of(version.departments, issue.department, language),
        area=title_of(version.areas, issue.area, language),
        channel=title_of(version.channels, issue.channel, language),
        urgency=reason_text(version, issue.urgency, language) if issue.urgency else "",
        outcome=OUTCOME_WORDS.get(issue.outcome, issue.outcome),
        due=running_due(issue),
        deadline=_explained(history.deadline, formats),
        acceptance=_explained(history.acceptance, formats),
        rework=_explained(history.rework, formats) if issue.open else None,
        happenings=list(_happenings(history, version, formats)),
        held=[(title_of(version.departments, code, language), *lengths) for code, lengths in held.items()],
        parts=parts,
    )


def _explained(deadline: Deadline | None, formats: Formats) -> Explained | None:
    if deadline is None:
        return None
    steps = [render(step, formats.language.code, formats.zone) for step in deadline.steps]
    return Explained(due=deadline.due, steps=steps, is_provisional=deadline.provisional)


def _happenings(history: History, version: CatalogueVersion, formats: Formats) -> Iterator[Happening]:
    before = State.ORPHAN
    for entry in history.entries:
        yield Happening(
            at=entry.at,
            what=KINDS[entry.kind],
            details=list(_details(entry, version, formats)),
            channel=title_of(version.channels, entry.fact.channel, formats.language.code),
            department=title_of(version.departments, entry.department, formats.language.code),
            actor=entry.fact.actor or "",
            ignored=_why(entry, before),
        )
        before = entry.state


def effect_of(history: History, event: str) -> tuple[bool, Message | None] | None:
    """Whether an event of an issue took effect, and why not; None where it is not in the history."""
    before = State.ORPHAN
    for entry in history.entries:
        if entry.fact.id == event:
            return not entry.ignored, _why(entry, before)
        before = entry.state
    return None


def _why(entry: Entry, before: State) -> Message | None:
    if not entry.ignored:
        return None
    if entry.kind is Kind.CORRECTED:
        return _("it corrects an event that is not there")
    return why_ignored(entry.kind, before)


def _details(entry: Entry, version: CatalogueVersion, formats: Formats) -> Iterator[Message | str]:
    data, language = entry.data, formats.language.code
    if entry.kind is Kind.RATED:
        yield from _answers(*entry.fact.data)
    for name, entries in (("to", version.departments), ("service", version.services)):
        if name in data:
            yield title_of(entries, data[name], language)
    if "outcome" in data:
        yield OUTCOME_WORDS.get(data["outcome"], data["outcome"])
    if "reason" in data:
        yield reason_text(version, data["reason"], language)
    for name, message in _MOMENTS.items():
        if isinstance(data.get(name), int):
            yield Message(message.text, {"when": formats.moment(data[name])})
    for name in ("into", "merged", "child", "number"):
        if name in data:
            yield str(data[name])
    if "upheld" in data:
        yield _("it counts wrongly") if data["upheld"] else _("it counts as it should")
    if data.get("on_paper"):
        yield _("taken down on paper")
    if data.get("confirmed_call"):
        yield _("after a call with the person")
    if entry.fact.time != entry.at:
        yield _("claimed for %(when)s", when=formats.moment(entry.fact.time))
    elif entry.fact.recorded - entry.fact.time > WORTH_SAYING:
        yield _("recorded %(when)s", when=formats.moment(entry.fact.recorded))


_MOMENTS = {
    "until": _("until %(when)s"),
    "target": _("deadline stated by the channel: %(when)s"),
    "expected": _("expected by %(when)s"),
}


def _answers(solved: bool | None, satisfied: bool | None) -> Iterator[Message]:
    if solved is None and satisfied is None:
        yield _("asked, not answered")
    if solved is not None:
        yield _("solved") if solved else _("not solved")
    if satisfied is not None:
        yield _("satisfied") if satisfied else _("not satisfied")
