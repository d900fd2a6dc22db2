"""The index says what looking at every issue says, whenever it is asked and whatever happened meanwhile."""

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livelihood.envelope import parse_event, type_of
from livelihood.events import Kind
from livelihood.facts import Fact, decode
from livelihood.fold import fold
from livelihood.instants import HOUR, iso, parse
from livelihood.ports import EVENT, Position, Record
from livelihood.promises import Catalogue
from livelihood.state import IssueState, hold, pack, short_id
from producers.open311.listing import Listing
from producers.open311.parameters import Wanted, Window

NOW = parse("2024-04-01T15:00:00Z")
SERVICES = ("pothole", "lamp", "noise")
SEALED = "sealed.k.c"


class World:
    """A log of one partition, and the states a worker makes of as much of it as it has read."""

    partitions = 1

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.records: list[Record] = []
        self.facts: dict[str, list[Fact]] = {}
        self.worked = 0
        self.born = "first"
        #: How many states were asked for.
        self.asked = 0

    def say(self, issue: str, kind: Kind, hour: int, **data: Any) -> None:
        number = len(self.records)
        document = {
            "specversion": "1.0", "type": type_of(kind), "source": "/channels/app", "id": str(number),
            "subject": issue, "time": iso(NOW + hour * HOUR), "channel": "app", "data": data,
        }  # fmt: skip
        value = parse_event(json.dumps(document), NOW + hour * HOUR).to_json()
        # A place in the log may hold no record: Kafka's own.
        self.records.append(Record(2 * number, NOW, issue, value))

    def work(self) -> None:
        for record in self.records[self.worked :]:
            issue, fact = decode(record.value, record.received)
            self.facts.setdefault(issue, []).append(fact)
        self.worked = len(self.records)

    def position(self, partition: int) -> Position:
        return Position(epoch=1, sequence=1, next_offset=2 * self.worked, born=self.born, ledger=b"")

    def read(self, partition: int, offset: int, limit: int) -> list[Record]:
        return [record for record in self.records if record.offset >= offset][: min(limit, 3)]

    def states(self, issues: Iterable[str]) -> dict[str, bytes]:
        known = {issue: self.facts[issue] for issue in issues if issue in self.facts}
        self.asked += len(known)
        return {issue: self._packed(facts) for issue, facts in known.items()}

    def scan(self, partition: int, cursor: str, limit: int) -> tuple[list[tuple[str, bytes]], str | None]:
        issues = sorted(issue for issue in self.facts if issue > cursor)
        found = [(issue, self._packed(self.facts[issue])) for issue in issues[:2]]
        return found, issues[1] if len(issues) > 2 else None

    def _packed(self, facts: list[Fact]) -> bytes:
        state = IssueState(issue=fold(facts, self._catalogue))
        for fact in facts:
            hold(state, fact, short_id(fact))
        return pack(state)


def listing(world: World, *, has_texts: bool = False) -> Listing:
    return Listing(world, world, has_texts=has_texts)  # type: ignore[arg-type]


def wanted(since: int, until: int, **narrower: Any) -> Wanted:
    window = Window(since=NOW + since * HOUR, until=NOW + until * HOUR, **narrower.pop("part", {}))
    return Wanted(**{"ids": (), "services": (), "is_open": None, "window": window, **narrower})


steps = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", "D", "A~1"]),
        st.sampled_from([Kind.SUBMITTED, Kind.SUBMITTED, Kind.RESOLVED, Kind.COMMENTED, Kind.REOPENED]),
        st.integers(0, 9),
        st.sampled_from(SERVICES),
        st.sampled_from(["", "work", "ask", "reborn"]),
    ),
    max_size=25,
)


@given(
    steps=steps, since=st.integers(0, 9), span=st.integers(0, 9), is_open=st.sampled_from([None, True, False])
)
def test_it_finds_what_looking_at_every_issue_finds(
    catalogue: Catalogue, steps: list[Any], since: int, span: int, is_open: bool | None
) -> None:
    world = World(catalogue)
    index = listing(world)
    asked = wanted(since, since + span, is_open=is_open, services=("pothole", "noise"))
    for issue, kind, hour, service, then in [*steps, ("A", Kind.COMMENTED, 9, "", "work")]:
        data = {Kind.SUBMITTED: {"service": service}, Kind.RESOLVED: {"outcome": "fixed"}}.get(kind, {})
        world.say(issue, kind, hour, **data)
        if then:
            world.work()
        if then == "reborn":
            world.born = str(len(world.records))
        if then in ("ask", "reborn"):
            index.requests(asked, ())
    folded = {issue: fold(facts, catalogue) for issue, facts in world.facts.items() if "~" not in issue}
    expected = [
        issue
        for issue, one in sorted(folded.items(), key=lambda pair: (pair[1].submitted, pair[0]), reverse=True)
        if NOW + since * HOUR <= one.submitted <= NOW + (since + span) * HOUR
        and one.service == "pothole"
        and is_open in (None, one.open)
    ]
    assert index.requests(asked, ["noise"]) == expected
    updates = index.updates(Window(since=NOW, until=NOW + 9 * HOUR))
    submitted = {issue for issue, facts in world.facts.items() if any(one.kind == 0 for one in facts)}
    assert [(update.recorded, update.issue, update.id) for update in updates] == sorted(
        (fact.recorded, issue, fact.id)
        for issue in submitted
        for fact in world.facts[issue]
        if fact.kind != Kind.SUBMITTED
    )
    index.close()


def test_pages_part_what_is_found(catalogue: Catalogue) -> None:
    world = World(catalogue)
    for number in range(5):
        world.say(f"I{number}", Kind.SUBMITTED, number, service="lamp")
    world.work()
    index = listing(world)
    pages = [index.requests(wanted(0, 9, part={"skip": skip, "rows": 2}), ()) for skip in (0, 2, 4, 6)]
    assert pages == [["I4", "I3"], ["I2", "I1"], ["I0"], []]
    index.close()


def test_only_what_happened_since_is_looked_at_again(catalogue: Catalogue) -> None:
    world = World(catalogue)
    for number in range(20):
        world.say(f"I{number}", Kind.SUBMITTED, 0, service="lamp")
    world.work()
    index = listing(world)
    assert len(index.requests(wanted(0, 9), ())) == 20
    assert world.asked == 0
    world.say("I3", Kind.RESOLVED, 1, outcome="fixed")
    world.work()
    assert len(index.requests(wanted(0, 9, is_open=True), ())) == 19
    assert world.asked == 1
    index.close()


def test_sealed_texts_are_found_from_the_first_record_on_where_they_are_published(
    catalogue: Catalogue,
) -> None:
    world = World(catalogue)
    world.say("A", Kind.SUBMITTED, 0, service="lamp", personal=SEALED)
    world.work()
    index, without = listing(world, has_texts=True), listing(world)
    assert index.texts(["A"]) == {("A", "/channels/app", "0"): SEALED}
    world.say("A", Kind.COMMENTED, 0, personal=SEALED)
    world.records.append(Record(4, NOW, "A", b"no event", EVENT))
    world.worked = 3
    world.facts["A"] = [decode(record.value, NOW)[1] for record in world.records[:2]]
    assert len(index.texts(["A", "B"])) == 2
    assert without.texts(["A"]) == {}
    index.close()
    without.close()


def test_tables_made_anew_are_looked_at_anew(catalogue: Catalogue) -> None:
    world = World(catalogue)
    world.say("A", Kind.SUBMITTED, 0, service="lamp")
    world.work()
    index = listing(world)
    assert index.requests(wanted(0, 9), ()) == ["A"]
    world.facts = {"B": world.facts["A"]}
    world.born = "second"
    assert index.requests(wanted(0, 9), ()) == ["B"]
    index.close()


def test_the_parts_of_a_bundle_are_no_requests_of_their_own(catalogue: Catalogue) -> None:
    world = World(catalogue)
    world.say("A", Kind.SUBMITTED, 0, service="lamp", parts=["A~1"])
    world.say("A~1", Kind.SUBMITTED, 0, service="lamp")
    world.work()
    index = listing(world)
    assert index.requests(wanted(0, 9), ()) == ["A"]
    index.close()
