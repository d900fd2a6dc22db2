from typing import Any

from livelihood.envelope import parse_event
from livelihood.facts import fact_of
from livelihood.issue import Issue
from livelihood.ports import Position
from livelihood.state import MOST_FACTS, Checkpoint, IssueState, archive, hold, pack, short_id
from producers.known import facts_of, is_behind

EVENT = (
    '{"type":"livelihood.request.followed_up","source":"/t","id":"%d","subject":"1",'
    '"time":"2011-07-01T00:00:00Z","channel":"web","data":{}}'
)


class Reader:
    partitions = 1

    def __init__(self, states: dict[str, bytes], archive: list[bytes], next_offset: int = 0) -> None:
        self._states, self._archive, self._next = states, archive, next_offset

    def states(self, issues: Any) -> dict[str, bytes]:
        return {issue: self._states[issue] for issue in issues if issue in self._states}

    def archive(self, issue: str) -> list[bytes]:
        return self._archive

    def position(self, partition: int) -> Position:
        return Position(epoch=1, sequence=1, next_offset=self._next, born="", ledger=b"")


def test_facts_are_found_whether_in_the_state_or_archived(now: int) -> None:
    facts = [fact_of(parse_event(EVENT % number, now)) for number in range(MOST_FACTS + 1)]
    state = IssueState()
    for fact in facts:
        hold(state, fact, short_id(fact))
    half = MOST_FACTS // 2
    archived = archive(state, facts[:half], facts[half:], Checkpoint(facts[half].time, Issue()))
    assert archived is not None
    look_up = facts_of(Reader({"1": pack(state)}, [archived]))  # type: ignore[arg-type]
    assert look_up(["1", "2"]) == {"1": facts}


def test_a_worker_that_has_not_read_to_the_end_is_behind(log: Any) -> None:
    log.append([])
    assert not is_behind(Reader({}, []), log)  # type: ignore[arg-type]
    log.records.append(None)
    assert is_behind(Reader({}, []), log)  # type: ignore[arg-type]
    assert not is_behind(Reader({}, [], 1), log)  # type: ignore[arg-type]
