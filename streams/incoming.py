"""Records as a batch holds them: read from the log and decoded, before any state is loaded."""

from livelihood.envelope import MAX_AHEAD, root_of
from livelihood.facts import Fact, Undecodable, decode
from livelihood.instants import DAY, MINUTE
from livelihood.localtime import FIRST_DAY, LAST_DAY
from livelihood.ports import EVENT, Record

#: The years calendars are worked out for.
_FIRST, _LAST = FIRST_DAY * DAY, LAST_DAY * DAY


class Incoming:
    """One record, and what is wrong with it, if anything is."""

    __slots__ = ("fact", "issue", "problem", "record")

    def __init__(self, record: Record) -> None:
        self.record = record
        self.issue = ""
        self.fact: Fact | None = None
        self.problem = ""
        if record.control == EVENT:
            try:
                self.issue, self.fact = decode(record.value, record.received)
            except Undecodable as error:
                self.problem = str(error)
            else:
                self.problem = _problem(record, self.issue, self.fact)


def _problem(record: Record, issue: str, fact: Fact) -> str:
    """Why an event that can be read must not be worked on; empty: it may be."""
    if issue != record.key and root_of(issue) != record.key:
        return f"the key is {record.key!r}, not the root of {issue!r}"
    if not (_FIRST <= fact.time < _LAST and _FIRST <= fact.recorded < _LAST):
        return "a time outside the years 1900 to 2199: check whether it is a mistake, or means none"
    if not record.run and max(fact.time, fact.recorded) > record.received + MAX_AHEAD:
        return f"from the future: more than {MAX_AHEAD // MINUTE} minutes ahead of the log's clock"
    return ""
