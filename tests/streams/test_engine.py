"""The whole engine against a plain recomputation: fold all facts of each issue, contribute, sum.

A scenario is a list of small steps, drawn at random: events told live and imported, in batches and orders
that nobody would choose, repeats, conflicts and rubbish, new versions of the catalogue, time that passes,
commits that fail, workers that are replaced. Whatever happened, the tables are those of the recomputation,
and nobody was told anything twice or out of order.
"""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import streams.worker
from consumers.tables import Query, read_table
from livelihood.alerts import schedule
from livelihood.bundles import is_child, parts_of
from livelihood.contribution import counted, sums_of
from livelihood.envelope import root_of
from livelihood.facts import Fact, Undecodable, decode
from livelihood.fold import fold, ordered
from livelihood.instants import DAY, HOUR, MINUTE, SLOT, Instant, iso, parse, to_datetime
from livelihood.issue import Issue
from livelihood.partitions import partition_of
from livelihood.periods import parse_period
from livelihood.ports import EVENT, IMPORT_CLOCK, NewRecord
from livelihood.promises import Catalogue
from livelihood.rollup import BREAKDOWNS, Line, Table, add_sums
from livelihood.state import unpack
from streams import recounting
from streams.recounting import Cell
from streams.verifying import differences, row_cells, verify

ISSUES = ["a", "b", "c", "bundle", "bundle~x", "bundle~y", "pipes"]
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("accepted", {}),
    ("assigned", {"to": "water"}),
    ("transfer_accepted", {"to": "water"}),
    ("returned", {"reason": "busy"}),
    ("reclassified", {"service": "leak"}),
    ("reclassified", {"service": "pothole"}),
    ("paused", {"reason": "waiting"}),
    ("paused", {"reason": "lunch"}),
    ("resumed", {}),
    ("extension_asked", {"until": "+9h", "reason": "rain"}),
    ("extension_granted", {"until": "+9h"}),
    ("extension_granted", {"until": "+40h"}),
    ("visit_recorded", {}),
    ("commented", {}),
    ("followed_up", {}),
    ("resolved", {"outcome": "fixed"}),
    ("resolved", {"outcome": "scheduled", "visits": 2}),
    ("rejected", {"reason": "private"}),
    ("withdrawn", {}),
    ("merged", {"into": "a"}),
    ("merged", {"into": "b"}),
    ("closed", {}),
    ("reopened", {}),
    ("rated", {"solved": True, "satisfied": False}),
    ("rated", {}),
    ("progress_reported", {"done": 10.0}),
    ("numbered", {"number": "7"}),
    ("numbered", {"number": "8"}),
]
SUBMISSIONS: list[dict[str, Any]] = [
    {"service": "pothole", "area": "north"},
    {"service": "pothole", "area": "elsewhere", "urgency": "urgent"},
    {"service": "leak", "department": "roads"},
    {"service": "noise", "number": "7"},
    {"service": "noise", "target": "+5h", "target_stated": True},
    {"service": "leak", "on_paper": True, "target_stated": True},
]
#: "+30m" is half an hour after the publication: what is no correction may not reach back.
VERSIONS: list[dict[str, Any]] = [
    {"correction": '"too hasty"', "replace": {'"6h"': '"3h"', "areas.south": "areas.elsewhere"}},
    {"correction": '"too slow"', "replace": {'"6h"': '"20h"', 'acceptance = "1h"': 'acceptance = "3h"'}},
    {"effective": "+30m", "replace": {'allowed_lateness = "2h"': 'allowed_lateness = "30m"', '"6h"': '"1h"'}},
    {"effective": "+30m", "replace": {'"09:00-12:00", "13:00-17:00"': '"10:00-16:00"'}},
    {
        "effective": "2026-02-27T08:00:00-05:00",
        "correction": '"begun before it was published"',
        "replace": {'origin = "staff"': 'origin = "person"', '"5h"': '"1h"'},
    },
]

STEPS = [5 * MINUTE, 40 * MINUTE, 3 * HOUR, 11 * HOUR, 2 * DAY]
LATENESSES = [0, 0, 0, -3 * MINUTE, 90 * MINUTE, 5 * HOUR, 3 * DAY]

number = st.integers(0, 1000)
issue = st.sampled_from(ISSUES)
told = st.tuples(issue, number, st.sampled_from(LATENESSES), number)
step = st.one_of(
    st.tuples(st.just("tell"), st.lists(told, min_size=1, max_size=6)),
    st.tuples(st.just("bring"), st.lists(told, min_size=1, max_size=6)),
    st.tuples(st.just("pass"), st.sampled_from(STEPS)),
    st.tuples(st.just("work"), st.integers(1, 4)),
    st.tuples(st.just("idle"), st.just(0)),
    st.tuples(st.just("again"), number),
    st.tuples(st.just("conflict"), number),
    st.tuples(st.just("correct"), number),
    st.tuples(st.just("rubbish"), number),
    st.tuples(st.just("publish"), number),
    st.tuples(st.just("end"), st.just(0)),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("fail"), number),
)
sizes = st.tuples(st.sampled_from([1, 2, 3, 7, 1000]), st.sampled_from([1, 2, 1000]))


class Scenario:
    """Plays steps in a town."""

    def __init__(self, town: Any, version: Callable[..., Any], *, apart: bool) -> None:
        """`apart`: imports keep to issues of their own, which nobody else speaks of while one is open."""
        self.town = town
        self._version = version
        self._apart = apart
        self._runs = 0
        self._open = ""
        self._import_clock = town.now - 3 * DAY
        self._versions = 1
        self._told: list[NewRecord] = []
        self._events = 0
        town.publish(version())

    def play(self, steps: list[tuple[str, Any]]) -> None:
        for name, argument in steps:
            getattr(self, f"_{name}")(argument)
        self._end(0)
        self.town.store.fails = self.town.post.fails = ""
        self.town.pass_time(MINUTE)
        self.town.work()

    def _event(self, about: str, choice: int, lateness: Instant, more: int, now: Instant) -> NewRecord:
        time = now - lateness if lateness > 0 else now
        recorded = now if lateness > 0 else None
        if choice % 4 == 0:
            kind, data = "submitted", dict(SUBMISSIONS[more % len(SUBMISSIONS)])
            if about == "bundle":
                data["parts"] = ["bundle~x", "bundle~y"]
        else:
            kind, data = KINDS[more % len(KINDS)]
            data = dict(data)
        for name, value in data.items():
            if isinstance(value, str) and value.startswith("+"):
                data[name] = iso(time + int(value[1:-1]) * HOUR)
        self._events += 1
        channel = "desk" if choice % 3 else "phone"
        source = "/channels/other" if choice % 5 == 0 else "/channels/one"
        return self.town.event(
            about,
            kind,
            time,
            event_id=f"e{self._events}",
            recorded=recorded,
            channel=channel,
            source=source,
            **data,
        )

    def _tell(self, told: list[tuple[str, int, Instant, int]]) -> None:
        records = []
        for about, choice, lateness, more in told:
            now = self.town.now - min(lateness, 0)
            records.append(self._event(about, choice, lateness, more, now))
        self._told += records
        self.town.log.append(records)

    def _bring(self, told: list[tuple[str, int, Instant, int]]) -> None:
        if not self._open:
            self._runs += 1
            self._open = f"run{self._runs}"
            self._import_clock = max(self._import_clock, self.town.now - 30 * DAY)
            self.town.begin(self._open, self._import_clock)
        for about, choice, lateness, more in told:
            about = f"i{self._runs}-{about}" if self._apart else about
            self._import_clock += STEPS[choice % len(STEPS)] // 2
            record = self._event(about, choice, lateness, more, self._import_clock)
            # Received at the event's own time, whenever it was recorded: the log's order is what it is.
            record = self.town.imported(self._open, record)
            self._told.append(record)
            self.town.log.append([record])
        if told[0][1] % 3 == 0:
            self._import_clock += 4 * HOUR
            self.town.mark(self._open, IMPORT_CLOCK, self._import_clock)
        # What is imported has happened.
        self.town.now = max(self.town.now, self._import_clock)

    def _end(self, _: int) -> None:
        if self._open:
            self.town.end(self._open, self._import_clock)
            self._open = ""

    def _pass(self, length: Instant) -> None:
        self.town.pass_time(length)

    def _work(self, count: int) -> None:
        for _ in range(count):
            with contextlib.suppress(OSError):
                self.town.worker.step()

    def _idle(self, _: int) -> None:
        self.town.store.fails = self.town.post.fails = ""
        self.town.work()

    def _again(self, choice: int) -> None:
        if self._told:
            record = self._told[choice % len(self._told)]
            if not record.run:
                self.town.log.append([record])

    def _conflict(self, choice: int) -> None:
        if self._told:
            record = self._told[choice % len(self._told)]
            if not record.run:
                document = msgspec.json.decode(record.value)
                document["actor"] = "someone-else"
                self.town.log.append([record._replace(value=msgspec.json.encode(document))])

    def _correct(self, choice: int) -> None:
        live = [record for record in self._told if not record.run]
        if not live:
            return
        document = msgspec.json.decode(live[choice % len(live)].value)
        old = document["time"]
        changes: dict[str, Any] = {"time": {"old": old, "new": iso(parse(old) - 20 * MINUTE)}}
        if document["type"].endswith("submitted") and choice % 2:
            changes = {"service": {"old": document["data"]["service"], "new": "leak"}}
        if "number" in document["data"]:
            new = {"number": "9", "channel": "desk", "void": True}
            name = list(new)[choice % 3]
            changes = {name: {"new": new[name]}}
        self._events += 1
        record = self.town.event(
            document["subject"],
            "corrected",
            self.town.now,
            event_id=f"e{self._events}",
            source=document["source"],
            corrects=document["id"],
            changes=changes,
        )
        self.town.log.append([record])

    def _rubbish(self, choice: int) -> None:
        record = self.town.event("a", "commented", event_id=f"rubbish{choice}")
        document = msgspec.json.decode(record.value)
        rubbish = [
            record._replace(value=b"\xff"),
            record._replace(key="z"),
            record._replace(value=msgspec.json.encode({**document, "time": "9999-12-31T00:00:00Z"})),
            record._replace(value=msgspec.json.encode({**document, "type": "livelihood.request.unheard"})),
        ]
        self.town.log.append([rubbish[choice % len(rubbish)]])

    def _publish(self, choice: int) -> None:
        self._versions += 1
        changes = dict(VERSIONS[choice % len(VERSIONS)])
        if changes.get("effective") == "+30m":
            changes["effective"] = iso(self.town.now + 30 * MINUTE)
        self.town.publish(self._version(str(self._versions), **changes))

    def _restart(self, _: int) -> None:
        self.town.restart()

    def _fail(self, choice: int) -> None:
        who = self.town.store if choice % 2 else self.town.post
        who.fails = "after" if choice % 3 else "before"


class Oracle:
    """What the log says, worked out the plain way."""

    def __init__(self, town: Any) -> None:
        self.town = town
        self.catalogue: Catalogue = town.catalogue
        self.refused = {letter["offset"] for letter in town.post.letters.values() if "offset" in letter}
        self.facts: dict[str, list[Fact]] = defaultdict(list)
        self.expected_refusals: set[int] = set()
        seen: dict[tuple[str, str, str], Fact] = {}
        for record in town.records():
            if record.control != EVENT:
                continue
            try:
                issue, fact = decode(record.value, record.received)
            except Undecodable:
                self.expected_refusals.add(record.offset)
                continue
            if root_of(issue) != record.key or fact.time > record.received + HOUR:
                self.expected_refusals.add(record.offset)
                continue
            before = seen.get((issue, fact.source, fact.id))
            if before is None:
                seen[issue, fact.source, fact.id] = fact
                self.facts[issue].append(fact)
            elif replace_recorded(before) != replace_recorded(fact):
                self.expected_refusals.add(record.offset)

    def facts_of(self, issue: str, known_at: Instant | None = None) -> list[Fact]:
        facts = [fact for fact in self.facts.get(issue, ()) if known_at is None or fact.recorded <= known_at]
        if not is_child(issue):
            for child in [child for child in self.facts if is_child(child) and root_of(child) == issue]:
                facts += parts_of(child, self.facts_of(child, known_at), self.catalogue)
        return facts

    def issues(self) -> set[str]:
        return set(self.facts) | {root_of(issue) for issue in self.facts}

    def clock_of(self, issue: str) -> Instant:
        """The instant an issue's contribution stands for, as of now."""
        packed = self.town.reader.states([issue])
        run = unpack(packed[issue]).run if packed else ""
        clock = self.town.ledger.clock_of(run)
        placed = ordered(self.facts_of(issue), self.catalogue)
        return max(clock, placed[-1][0][0]) if placed else clock

    def folded(self, as_of: Instant | None, known_at: Instant | None) -> Iterator[tuple[str, Issue, Instant]]:
        for issue in self.issues():
            at = self.clock_of(issue) if as_of is None else as_of
            yield issue, fold(self.facts_of(issue, known_at), self.catalogue, at), at

    def table(self, query: Query) -> list[Line]:
        as_of = query.known_at if query.as_of is None else query.as_of
        labels = Labels(query.period, self.catalogue.latest.time_zone)
        catalogue = self.catalogue.relabelled(labels)
        table = Table(catalogue.latest, query.by, query.commitment)
        for issue_id, issue, at in self.folded(as_of, query.known_at):
            for place, (row, shape) in enumerate(counted(issue_id, issue, at, catalogue)):
                sums = [(measure, n) for (month, measure), n in sums_of(shape) if month in ("", "in")]
                for line in table.lines_of(row, issue.outcome):
                    add_sums(line, sums)
                    if issue.open and place == 0:
                        since = line.oldest_open
                        line.oldest_open = issue.submitted if since is None else min(since, issue.submitted)
        return table.lines()


def replace_recorded(fact: Fact) -> Fact:
    return msgspec.structs.replace(fact, recorded=0)


class Labels(dict[int, str]):
    """Whether an instant lies in a period, by its text alone."""

    def __init__(self, period: Any, zone: str) -> None:
        super().__init__()
        self._text = period.text
        self._zone = ZoneInfo(zone)

    def __missing__(self, slot: int) -> str:
        moment = to_datetime(slot * SLOT, self._zone)
        year, week, _ = moment.isocalendar()
        names = {
            "all",
            f"{moment:%Y}",
            f"{moment:%Y-%m}",
            f"{moment:%Y-%m-%d}",
            f"{year}-W{week:02}",
            f"{moment:%Y}-Q{(moment.month + 2) // 3}",
        }
        self[slot] = "in" if self._text in names else "out"
        return self[slot]


def plain(lines: list[Line]) -> dict[tuple[str, ...], tuple[dict[int, int], Instant | None]]:
    """Lines as values, without the sums that are nothing."""
    return {
        (line.commitment, *line.dimensions.values()): (
            {measure: amount for measure, amount in line.sums.items() if amount},
            line.oldest_open,
        )
        for line in lines
        if any(line.sums.values()) or not line.dimensions
    }


def queries(town: Any) -> Iterator[Query]:
    """Every way of asking, at instants of the scenario and beside them."""
    stands = town.ledger.live
    instants = [None, stands, stands - 7 * HOUR, stands - 2 * DAY, stands - 9 * DAY, stands + 5 * HOUR]
    for by in [(), *((name,) for name in BREAKDOWNS), ("service", "outcome")]:
        yield Query(period=parse_period("all", "America/New_York"), by=by)
    for text in ("all", "2026-02", "2026-Q1", "2026-02-27", "2026-W09"):
        period = parse_period(text, "America/New_York")
        for as_of in instants:
            yield Query(period=period, as_of=as_of)
            if as_of is not None:
                yield Query(period=period, as_of=as_of, by=("department", "outcome"))
                yield Query(period=period, known_at=as_of)
                yield Query(period=period, as_of=as_of - 30 * HOUR, known_at=as_of)
    yield Query(period=parse_period("all", "America/New_York"), commitment="roads", by=("area",))


def check_tables(town: Any) -> None:
    oracle = Oracle(town)
    for query in queries(town):
        assert plain(read_table(town.reader, town.catalogue, query)) == plain(oracle.table(query)), query


def check_alerts(town: Any) -> None:
    oracle = Oracle(town)
    by_issue: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for alert in town.post.alerts.values():
        by_issue[alert["issue"]].append(alert)
    for alerts in by_issue.values():
        assert [alert["sequence"] for alert in alerts] == list(range(1, len(alerts) + 1))
        raised = [parse(alert["raised"]) for alert in alerts]
        assert raised == sorted(raised)
    for issue_id, issue, at in oracle.folded(None, None):
        expected = {alarm.about for alarm in schedule(issue, oracle.catalogue) if alarm.at <= at}
        packed = town.reader.states([issue_id])
        standing = {alarm.about for alarm in unpack(packed[issue_id]).raised} if packed else set()
        assert standing == expected, issue_id
    assert oracle.refused == oracle.expected_refusals


def check_verified(town: Any) -> None:
    """The recount of `livelihood verify` finds nothing wrong, in however many shares it reads the log."""
    stands = town.ledger.counted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recounting, "HELD_RECORDS", 20)
        for as_of in (None, stands, stands - 7 * HOUR, stands - 2 * DAY):
            found = verify(town.log, town.reader, town.post, 0, as_of)
            assert found.well, found
            assert not found.failed


def replayed(
    found: Callable[[], Any], town: Any, records: int, timers: int, share: tuple[int, int] = (0, 1)
) -> Any:
    """Another town that works on the same log, or on a partition of it, in other batches, undisturbed."""
    partition, partitions = share
    other = found()
    other.post.events = set(town.post.events)
    other.now = town.now
    other.log.append(
        [
            NewRecord(one.key, one.value, one.received, one.control, one.run)
            for one in town.records()
            if one.control or partition_of(one.key, partitions) == partition
        ]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams.worker, "BATCH_RECORDS", records)
        patch.setattr(streams.worker, "BATCH_TIMERS", timers)
        other.work()
    return other


def alerts_by_issue(town: Any) -> dict[str, list[dict[str, Any]]]:
    """What was told of each issue, in order; when it was found out is left to how the log was read."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for alert in town.post.alerts.values():
        told = {name: value for name, value in alert.items() if name not in ("raised", "stale")}
        found[alert["issue"]].append(told)
    return found


def everything(town: Any) -> str:
    """Every table as text."""
    tables = [
        [
            (line.commitment, line.dimensions, line.measures())
            for line in read_table(town.reader, town.catalogue, query)
        ]
        for query in queries(town)
    ]
    return msgspec.json.encode(tables).decode()


settings_here = settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@settings_here
@given(st.lists(step, max_size=25), sizes, st.booleans())
def test_the_tables_are_the_sum_of_what_each_issue_contributes(found, version, steps, sizes, apart) -> None:
    town = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams.worker, "BATCH_RECORDS", sizes[0])
        patch.setattr(streams.worker, "BATCH_TIMERS", sizes[1])
        Scenario(town, version, apart=apart).play(steps)
    check_tables(town)
    check_alerts(town)
    check_verified(town)
    town.close()


@settings_here
@given(st.lists(step, max_size=25), sizes, sizes)
def test_how_the_log_is_cut_into_batches_changes_nothing(found, version, steps, sizes, others) -> None:
    town = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams.worker, "BATCH_RECORDS", sizes[0])
        patch.setattr(streams.worker, "BATCH_TIMERS", sizes[1])
        Scenario(town, version, apart=True).play(steps)
    other = replayed(found, town, *others)
    assert everything(other) == everything(town)
    assert alerts_by_issue(other) == alerts_by_issue(town)
    assert other.post.letters == town.post.letters
    other.close()
    town.close()


@settings_here
@given(st.lists(step, max_size=20), sizes)
def test_a_log_shared_out_among_partitions_gives_the_same_tables_and_alerts(
    found, version, steps, sizes
) -> None:
    town = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams.worker, "BATCH_RECORDS", sizes[0])
        patch.setattr(streams.worker, "BATCH_TIMERS", sizes[1])
        Scenario(town, version, apart=True).play(steps)
    shares = [replayed(found, town, *sizes, share=(number, 3)) for number in range(3)]
    cells: Counter[Cell] = Counter()
    alerts: dict[str, list[dict[str, Any]]] = {}
    for share in shares:
        cells.update(row_cells(share.reader, 0))
        alerts |= alerts_by_issue(share)
    assert differences("rows", row_cells(town.reader, 0), cells) == []
    assert alerts == alerts_by_issue(town)
    for one in (town, *shares):
        one.close()


@settings_here
@given(st.lists(step, max_size=20), sizes)
def test_tables_are_right_while_an_import_stands_open(found, version, steps, sizes) -> None:
    town = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams.worker, "BATCH_RECORDS", sizes[0])
        patch.setattr(streams.worker, "BATCH_TIMERS", sizes[1])
        scenario = Scenario(town, version, apart=True)
        for name, argument in steps:
            getattr(scenario, f"_{name}")(argument)
        scenario._bring([("a", 0, 0, 0)])
        scenario._idle(0)
    check_tables(town)
    check_verified(town)
    town.close()
