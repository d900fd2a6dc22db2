"""What the log holds of an issue, read from the states a worker keeps of it."""

from collections.abc import Sequence

from livelihood.facts import Fact
from livelihood.ports import EventLog, Reader
from livelihood.state import all_facts, unpack
from producers.planning import FactsOf


def facts_of(reader: Reader) -> FactsOf:
    """Looks issues' facts up, archived ones too. It knows what the worker has worked on: see `is_behind`."""

    def look_up(issues: Sequence[str]) -> dict[str, list[Fact]]:
        known: dict[str, list[Fact]] = {}
        for issue, packed in reader.states(issues).items():
            state = unpack(packed)
            older = reader.archive(issue) if state.segments else []
            known[issue] = all_facts(state, older)
        return known

    return look_up


def is_behind(reader: Reader, log: EventLog) -> bool:
    """Whether the log holds records that no worker has worked on, so that facts may be missing."""
    return any(
        reader.position(partition).next_offset < log.end(partition) for partition in range(log.partitions)
    )
