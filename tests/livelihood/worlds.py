"""A small city for the tests of the domain: its catalogue, its facts, and what tracks them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from livelihood.alerts import Alert
from livelihood.catalogue_reading import parse_catalogue
from livelihood.contribution import (
    Dimensions,
    Shape,
    contribution,
    sums_of,
    unpack_dimensions,
    unpack_shape,
)
from livelihood.envelope import EVENT_MODELS, type_of
from livelihood.event_data import OUTCOMES
from livelihood.events import DATA_MODELS, Kind
from livelihood.facts import DATA_FIELDS, Fact, fact_of
from livelihood.fold import fold
from livelihood.instants import DAY, HOUR, MINUTE, Instant, parse, to_datetime
from livelihood.measures import SUMS
from livelihood.movements import counts_as_of, pack_movements
from livelihood.promises import Catalogue
from livelihood.state import IssueState, pack
from livelihood.tracking import Reception, Tracker

CATALOGUE_TEXT = """
version = "first"
time_zone = "America/New_York"
title = "Anytown"
calendar = "office"
[calendars.office]
opening = {mon-fri = ["08:30-17:00"]}
cut_off = "17:00"
holidays = [2011-11-11]
[channels.web]
[channels.app]
allowed_lateness = "2h"
[channels.desk]
origin = "staff"
allowed_lateness = "24h"
[departments.works]
[departments.roads]
parent = "works"
[departments.parks]
[areas.north]
[areas.south]
[services.pothole]
department = "roads"
standard = "quick"
[services.lamp]
department = "works"
standard = "slow"
[services.sign]
department = "roads"
standard = "rolled"
[services.talk]
department = "parks"
[standards.quick]
resolution = "2 working_days"
acceptance = "4 working_hours"
escalation = [{after = "1 working_days", to = "head"}, {after = "72h", to = "city"}]
pauses = {reasons = ["weather", "waiting"], max_total = "3 working_days"}
reopen_window = "10 calendar"
rework = "1 working_days"
[standards.slow]
resolution = "20 calendar"
reminder = 0.5
pauses = {reasons = ["waiting"], max_total = "96h"}
[standards.rolled]
resolution = [{limit = "5 days_then_next_working"}, {limit = "30h", urgency = "urgent"}]
acceptance = "1 calendar"
escalation = [{after = "24h", to = "head"}]
[commitments.streets]
services = ["pothole", "sign"]
target = 0.95
[commitments.lamps]
services = ["lamp"]
"""
FIRST = parse_catalogue(CATALOGUE_TEXT)
CITY = Catalogue([FIRST])
#: The same with a past put right: shorter limits, other grace, another area.
SECOND = parse_catalogue(
    CATALOGUE_TEXT.replace('"first"', '"second"\ncorrection = "the limits were misread"')
    .replace('"2 working_days"', '"9 working_hours"')
    .replace('"20 calendar"', '"6 calendar"')
    .replace('"2h"', '"50h"')
    .replace("[areas.south]", "[areas.east]")
)
CORRECTED_CITY = Catalogue([FIRST, SECOND])

#: A Thursday; the clocks change in the night to Sunday 6 November, and Friday the 11th is a holiday.
START: Instant = parse("2011-10-27T09:00:00-04:00")


def at(text: str) -> Instant:
    """An instant of that autumn, on the city's clock: "10-31 09:00"."""
    day, time = text.split()
    summer = day < "11-06" or (day == "11-06" and time < "02:00")
    return parse(f"2011-{day}T{time}:00-0{4 if summer else 5}:00")


def fact(
    kind: Kind,
    time: str | Instant,
    *,
    recorded: str | Instant | None = None,
    channel: str = "web",
    source: str = "",
    name: str = "",
    actor: str | None = None,
    subject: str = "A",
    **data: Any,
) -> Fact:
    """A fact through its event, as an edge would accept it; recorded at its own time unless said."""
    instant = at(time) if isinstance(time, str) else time
    stamped = instant if recorded is None else at(recorded) if isinstance(recorded, str) else recorded
    event = EVENT_MODELS[kind](
        type=type_of(kind),
        source=source or f"/channels/{channel}",
        id=name or f"{kind.word}-{instant // MINUTE}",
        subject=subject,
        time=to_datetime(instant),
        recorded=to_datetime(stamped),
        channel=channel,
        actor=actor,
        data=DATA_MODELS[kind](**data),
    )
    return fact_of(event)


class Numbers:
    """Numbers for dimensions and shapes, packed and unpacked as a store would do it."""

    def __init__(self) -> None:
        self.dimensions: defaultdict[Dimensions, int] = defaultdict(lambda: len(self.dimensions))
        self.shapes: defaultdict[Shape, int] = defaultdict(lambda: len(self.shapes))

    def stored(self) -> tuple[dict[int, Dimensions], dict[int, Shape]]:
        dimensions = {number: unpack_dimensions(pack(one)) for one, number in self.dimensions.items()}
        return dimensions, {number: unpack_shape(pack(one)) for one, number in self.shapes.items()}


#: (dimensions, month, measure) -> amount
Table = dict[tuple[Dimensions, str, int], int]


def table_of(issue_id: str, facts: Iterable[Fact], as_of: Instant, catalogue: Catalogue) -> Table:
    """What an issue adds, folded from scratch: the oracle."""
    issue = fold(facts, catalogue, as_of)
    return {
        (row.dimensions, row.month, measure): amount
        for row, sums in contribution(issue_id, issue, as_of, catalogue).items()
        for measure, amount in sums.items()
    }


class Office:
    """A tracker with what surrounds it: names, a ledger of movements, an archive, states stored between."""

    def __init__(self, catalogue: Catalogue = CITY) -> None:
        self.names = Numbers()
        self.archive: dict[str, list[bytes]] = {}
        self.reads = 0
        self.states: dict[str, IssueState] = {}
        self.pages: list[bytes] = []
        self.alerts: list[Alert] = []
        self.publish(catalogue)

    def publish(self, catalogue: Catalogue) -> None:
        self.tracker = Tracker(catalogue, self.names, self._read)

    def _read(self, issue_id: str) -> list[bytes]:
        self.reads += 1
        return self.archive.get(issue_id, [])

    def state(self, issue_id: str = "A") -> IssueState:
        return self.states.setdefault(issue_id, IssueState())

    def take(
        self,
        fact: Fact,
        received: Instant | None = None,
        issue_id: str = "A",
        *,
        live: bool = True,
    ) -> Reception:
        received = max(fact.time, fact.recorded) if received is None else received
        reception = self.tracker.take(issue_id, self.state(issue_id), fact, received, live)
        self._gather()
        return reception

    def advance(self, until: str | Instant, issue_id: str = "A") -> None:
        until = at(until) if isinstance(until, str) else until
        self.tracker.advance(issue_id, self.state(issue_id), until, until)
        self._gather()

    def refold(self, issue_id: str = "A") -> None:
        self.tracker.refold_as_of_clock(issue_id, self.state(issue_id), "catalogue:second", True)
        self._gather()

    def _gather(self) -> None:
        self.pages.append(pack_movements(self.tracker.movements))
        self.alerts += self.tracker.teller.told
        for (issue_id, number), segment in sorted(self.tracker.segments.items()):
            segments = self.archive.setdefault(issue_id, [])
            assert number == len(segments) + 1
            segments.append(segment)
        self.tracker.movements, self.tracker.teller.told, self.tracker.segments = [], [], {}

    def table(self, as_of: Instant | None = None) -> Table:
        dimensions, shapes = self.names.stored()
        table: Counter[tuple[Dimensions, str, int]] = Counter()
        for row, shape, count in counts_as_of(self.pages, as_of):
            for (month, measure), amount in sums_of(shapes[shape]):
                table[dimensions[row], month, measure] += count * amount
        return {cell: amount for cell, amount in table.items() if amount}

    def told(self) -> list[tuple[str, str, int]]:
        return [(alert.obligation, alert.kind, alert.level) for alert in self.alerts]


class Arrival(NamedTuple):
    """A fact and when the log received it."""

    fact: Fact
    received: Instant


SERVICES = ("pothole", "lamp", "sign", "talk", "unheard-of")
#: Seldom twice the same, often enough: in steps of 95 minutes over 30 days, nights and weekends included.
moments = st.integers(0, 30 * 24 * 60 // 95).map(lambda step: START + step * 95 * MINUTE)
lags = st.sampled_from(
    [0, 0, 0, 0, 1_000_001, -4 * MINUTE, 4 * MINUTE, 90 * MINUTE, 20 * HOUR, 3 * DAY, 12 * DAY]
)
delays = st.sampled_from([0, 0, 0, 0, 1, 30 * MINUTE, 9 * HOUR, 4 * DAY, 25 * DAY])
_texts = st.sampled_from([None, "pothole", "lamp", "nonsense", "a b", "2011-11-02T12:00:00Z", "2011-11-02"])
_values = st.one_of(
    _texts, st.booleans(), st.integers(-2, 10**12), st.just(10.5), st.lists(st.just("A~1"), max_size=2)
)
_changes = st.one_of(
    moments.map(lambda at: {"time": {"new": to_datetime(at).isoformat()}}),
    st.just({"void": {"new": True}}),
    st.sampled_from(["desk", "app"]).map(lambda code: {"channel": {"new": code}}),
    st.dictionaries(
        st.sampled_from(["time", "service", "target", "until", "reason", "outcome", "visits", "nothing"]),
        st.fixed_dictionaries({"old": _values, "new": _values}),
        min_size=1,
        max_size=2,
    ),
)
_until = moments.map(lambda at: to_datetime(at + DAY))
DATA: dict[Kind, dict[str, st.SearchStrategy[Any]]] = {
    Kind.SUBMITTED: {
        "service": st.sampled_from(SERVICES),
        "area": st.sampled_from([None, "north", "south", "elsewhere"]),
        "urgency": st.sampled_from([None, "urgent"]),
        "department": st.sampled_from([None, "parks"]),
        "target": st.one_of(st.none(), st.none(), _until),
        "target_stated": st.sampled_from([False, False, False, True]),
        "on_paper": st.booleans(),
        "parts": st.sampled_from([[], [], [], ["A~1", "A~2"]]),
    },
    Kind.TRANSFER_OFFERED: {"to": st.sampled_from(["works", "parks"])},
    Kind.TRANSFER_ACCEPTED: {"to": st.sampled_from(["works", "parks", "roads"])},
    Kind.RETURNED: {"reason": st.just("not-ours")},
    Kind.RECLASSIFIED: {"service": st.sampled_from(SERVICES)},
    Kind.PAUSED: {"reason": st.sampled_from(["weather", "waiting", "lunch"])},
    Kind.EXTENSION_ASKED: {"until": _until, "reason": st.just("parts-missing")},
    Kind.EXTENSION_GRANTED: {"until": _until},
    Kind.EXTENSION_REFUSED: {"reason": st.just("no")},
    Kind.ABSORBED: {"merged": st.just("B"), "due": st.one_of(st.none(), _until)},
    Kind.RESOLVED: {
        "outcome": st.sampled_from(OUTCOMES),
        "visits": st.one_of(st.none(), st.integers(0, 4)),
    },
    Kind.REJECTED: {"reason": st.just("not-allowed")},
    Kind.WITHDRAWN: {"confirmed_call": st.booleans()},
    Kind.MERGED: {"into": st.just("B")},
    Kind.CLOSED: {"confirmed_call": st.booleans()},
    Kind.RATED: {
        "solved": st.one_of(st.none(), st.booleans()),
        "satisfied": st.one_of(st.none(), st.booleans()),
    },
    Kind.NUMBERED: {"number": st.sampled_from(["1", "2"])},
    Kind.ACKNOWLEDGED: {"expected": st.one_of(st.none(), _until)},
    Kind.CONTESTED: {"reason": st.just("not-ours")},
    Kind.CONTEST_ANSWERED: {"upheld": st.booleans()},
    Kind.CORRECTED: {
        "corrects": st.one_of(st.integers(0, 14).map("e{}".format), st.just("p0"), st.just("never-came")),
        "changes": _changes,
    },
}
_SOURCES = {"web": "/channels/web", "app": "/channels/app", "desk": "/channels/desk"}
_FREQUENT = (Kind.PAUSED, Kind.RESUMED, Kind.RESOLVED, Kind.REOPENED, Kind.TRANSFER_ACCEPTED, Kind.CORRECTED)
_kinds = st.sampled_from([*DATA_MODELS, *_FREQUENT, *_FREQUENT])


@st.composite
def some_facts(
    draw: st.DrawFn, most: int = 14, submitted: bool = False, kinds: st.SearchStrategy[Kind] = _kinds
) -> list[Fact]:
    """Facts of one issue, of every kind a channel can say, in the order they were numbered."""
    facts = []
    chosen = draw(st.lists(kinds, max_size=most))
    if submitted or draw(st.integers(0, 9)):
        chosen = [Kind.SUBMITTED, *chosen]
    for number, kind in enumerate(chosen):
        channel = draw(st.sampled_from(["web", "web", "app", "desk"]))
        time = draw(moments if kind != Kind.SUBMITTED else st.sampled_from([START, START + 3 * DAY + HOUR]))
        data = {name: draw(values) for name, values in DATA.get(kind, {}).items()}
        facts.append(
            fact(
                kind,
                time,
                recorded=time + draw(lags),
                channel=channel,
                source=draw(st.sampled_from([_SOURCES[channel], _SOURCES["web"]])),
                name=f"e{number}",
                actor=draw(st.sampled_from([None, "ann", "bob"])),
                **data,
            )
        )
    return facts


@st.composite
def some_parts(draw: st.DrawFn) -> list[Fact]:
    """What a bundle hears of its two parts, each in turns settled and open again."""
    facts = []
    for child in ("A~1", "A~2"):
        times = sorted(draw(st.lists(moments, max_size=3, unique=True)))
        for number, time in enumerate(times):
            outcome = draw(st.sampled_from(["fixed", "rejected", "withdrawn"])) if number % 2 == 0 else ""
            data = (child, outcome)
            facts.append(Fact(Kind.PART, time, time, "web", child, f"p{number}", None, data))
    return facts


@st.composite
def arrivals(draw: st.DrawFn, facts: Sequence[Fact]) -> list[Arrival]:
    """Facts in the order in which a log receives them: most as they are recorded, some long after."""
    order = sorted(
        (Arrival(one, max(one.recorded, one.time - 4 * MINUTE) + draw(delays)) for one in facts),
        key=lambda arrival: arrival.received,
    )
    return [Arrival(one, received + place) for place, (one, received) in enumerate(order)]


assert set(DATA_FIELDS) >= set(DATA)


def sums(
    facts: Iterable[Fact], as_of: str | Instant, catalogue: Catalogue = CITY, issue_id: str = "A"
) -> Counter[str]:
    """What an issue adds, by measure, over all rows and months."""
    instant = at(as_of) if isinstance(as_of, str) else as_of
    total: Counter[str] = Counter()
    for (_, _, measure), amount in table_of(issue_id, facts, instant, catalogue).items():
        total[SUMS[measure] if measure < len(SUMS) else "times"] += amount
    return total
