"""Records as a batch holds them: read from the log and decoded, before any state is loaded."""

from livelihood.envelope import MAX_AHEAD, root_of
from livelihood.facts import Fact, Undecodable, decode
from livelihood.instants import DAY, MINUTE, Instant
from livelihood.localtime import FIRST_DAY, LAST_DAY
from livelihood.ports import EVENT, Record

#: The years calendars are worked out for.
_FIRST, _LAST = FIRST_DAY * DAY, LAST_DAY * DAY


class Incoming:
    """One record, and what is wrong with it, if anything is."""

    __slots__ = ("fact", "issue", "problem", "record")

    def __init__(self, record: Record) -> None:
        _, received, key, value, control, run = record
        self.record = record
        self.issue = ""
        self.fact: Fact | None = None
        self.problem = ""
        if control == EVENT:
            try:
                self.issue, self.fact = decode(value, received)
            except Undecodable as error:
                self.problem = str(error)
            else:
                self.problem = _problem(key, received, run, self.issue, self.fact)


def _problem(key: str, received: Instant, run: str, issue: str, fact: Fact) -> str:
    """Why an event that can be read must not be worked on; empty: it may be."""
    time, recorded = fact.time, fact.recorded
    if issue != key and root_of(issue) != key:
        return f"the key is {key!r}, not the root of {issue!r}"
    # Without a `recorded` of its own it has the log's stamp, which nobody has checked.
    if not _FIRST <= recorded < _LAST:
        return "a time outside the years 1900 to 2199: check whether it is a mistake, or means none"
    ahead = received + MAX_AHEAD
    if not run and (time > ahead or recorded > ahead):
        return f"from the future: more than {MAX_AHEAD // MINUTE} minutes ahead of the log's clock"
    return ""
