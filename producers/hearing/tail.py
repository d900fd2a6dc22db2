"""What a partition's log and alerts say of issues that are followed, read from any place on.

The same place gives the same changes, whoever reads and however often: nothing is kept for it but the log.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import blake2b

import msgspec

from livelihood.alerts import Alert
from livelihood.bundles import TELLING, is_child
from livelihood.changes import DUE_SOON, OVERDUE, Change, changes_by, changes_of_bundle
from livelihood.envelope import root_of
from livelihood.events import Kind
from livelihood.facts import Fact, Undecodable, decode
from livelihood.fold import fold
from livelihood.instants import Instant, from_datetime
from livelihood.issue import Issue
from livelihood.ports import EVENT, EventLog, Published, Reader, Record
from livelihood.state import all_facts, identity, unpack
from producers.hearing.documents import Documents, Told, numbers_by_channel
from producers.hearing.places import Place, Places

#: Records, and alerts, read at a time.
PAGE = 500
#: Events whose repeats nearby are recognised, and how many records before a place are looked at for them.
_REMEMBERED = 10_000
LOOK_BACK = 1_000

_decode_alert = msgspec.json.Decoder(Alert).decode


class _Known:
    """Issues as they are known by now, each looked up once."""

    def __init__(self, reader: Reader, issues: Collection[str]) -> None:
        self._reader = reader
        self._states = {issue: unpack(packed) for issue, packed in reader.states(sorted(issues)).items()}
        self._facts: dict[str, list[Fact]] = {}

    def issue(self, issue: str) -> Issue | None:
        state = self._states.get(issue)
        if state is None or state.issue.channel:
            return None if state is None else state.issue
        # A submission that was taken back never was, but whoever made it hears that it was taken back.
        made = (fact.channel for fact in self.facts(issue) if fact.kind == Kind.SUBMITTED)
        return msgspec.structs.replace(state.issue, channel=next(made, ""))

    def facts(self, issue: str) -> list[Fact]:
        """In the order they came, as far as the state keeps it."""
        if issue not in self._facts:
            state = self._states.get(issue)
            older = self._reader.archive(issue) if state is not None and state.segments else []
            self._facts[issue] = [] if state is None else all_facts(state, older)
        return self._facts[issue]


class Tail:
    """Reads partitions for all who follow; threads take turns."""

    def __init__(self, log: EventLog, reader: Reader, topics: Published, documents: Documents) -> None:
        self._log = log
        self._reader = reader
        self._topics = topics
        self._documents = documents
        # Readers of a log belong to one thread at a time.
        self._turn = threading.Lock()
        self._firsts = _Firsts()
        #: Of each partition, from where to where the log was gone through.
        self._looked: dict[int, tuple[int, int]] = {}

    @property
    def partitions(self) -> int:
        """How many there are."""
        return self._reader.partitions

    def beginning(self) -> Places:
        """Before everything."""
        return (Place(0, 0, 0),) * self.partitions

    def ends(self) -> Places:
        """After all that workers have worked on by now, and the alerts that were raised."""
        with self._turn:
            return ends_of(self._reader, self._topics)

    def worked_on(self) -> list[int]:
        """Of each partition, the offset up to which workers have worked."""
        return [self._reader.position(number).next_offset for number in range(self.partitions)]

    def read(
        self, partition: int, place: Place, worked: int, is_followed: Callable[[Collection[str]], bool]
    ) -> tuple[list[Told], Place]:
        """The next changes of issues that one of the channels followed may see, and the place after them.

        Only what precedes the offset `worked` is told. The place is the one given when there is no more.
        """
        with self._turn:
            records: list[Record] = []
            if place.offset < worked:
                self._look_back(partition, place.offset)
                records = self._log.read(partition, place.offset, PAGE)
                records = [record for record in records if record.offset < worked]
            alerts = self._topics.outgoing("alert", partition, place.alert, PAGE)
        told = _Page(self._documents, self._reader, partition, is_followed, self._firsts)
        decoded = [(at, _decode_alert(document)) for at, _, document in alerts]
        whole = len(records) < PAGE and place.offset < worked
        return told.merged(place, records, decoded, worked if whole else None)

    def _look_back(self, partition: int, offset: int) -> None:
        """Where reading begins anew, see which events came just before: their repeats are no news."""
        first, last = self._looked.get(partition, (0, -1))
        if not first <= offset <= last:
            first = max(offset - LOOK_BACK, 0)
            for record in self._log.read(partition, first, offset - first):
                event = _event(record) if record.control == EVENT and record.offset < offset else None
                if event is not None:
                    self._firsts.is_first((event[0], *identity(event[1])), partition, record.offset)
        self._looked[partition] = first, max(offset, last if first <= offset <= last else offset) + PAGE


def ends_of(reader: Reader, topics: Published) -> Places:
    """After all that workers have worked on by now, and the alerts that were raised."""
    return tuple(
        Place(reader.position(number).next_offset, 0, topics.last("alert", number))
        for number in range(reader.partitions)
    )


class _Page:
    """Makes the changes of one page of a partition."""

    def __init__(
        self,
        documents: Documents,
        reader: Reader,
        partition: int,
        is_followed: Callable[[Collection[str]], bool],
        firsts: "_Firsts",
    ) -> None:
        self._documents = documents
        self._reader = reader
        self._partition = partition
        self._is_followed = is_followed
        self._firsts = firsts

    def merged(
        self, place: Place, records: list[Record], alerts: list[tuple[int, Alert]], worked: int | None
    ) -> tuple[list[Told], Place]:
        """Both in the order of their instants, as far as both are here."""
        if len(records) == PAGE and (
            len(alerts) < PAGE or from_datetime(alerts[-1][1].raised) > records[-1].received
        ):
            alerts = [one for one in alerts if from_datetime(one[1].raised) <= records[-1].received]
        elif len(alerts) == PAGE:
            last = from_datetime(alerts[-1][1].raised)
            before = [record for record in records if record.received <= last]
            worked = worked if len(before) == len(records) else None
            records = before
        events = {record.offset: _event(record) for record in records if record.control == EVENT}
        issues = {event[0] for event in events.values() if event is not None}
        issues |= {root_of(issue) for issue in issues} | {alert.issue for _, alert in alerts}
        known = _Known(self._reader, issues)
        found: list[Told] = []
        waiting = deque(zip(_slots(records, events, alerts), alerts, strict=True))
        for slot in range(len(records) + 1):
            while waiting and waiting[0][0] <= slot:
                _, (at, alert) = waiting.popleft()
                place = place._replace(alert=at)
                found += self._of_alert(place, alert, known)
            if slot < len(records):
                record = records[slot]
                event = events.get(record.offset)
                changes = [] if event is None else list(self._of_event(place, record, *event, known))
                for number, change in enumerate(changes, 1):
                    # Between two changes of one event a stream may be taken up again, too.
                    after = Place(record.offset, number, 0)
                    if number == len(changes):
                        after = Place(record.offset + 1, 0, 0)
                    is_told = record.offset == place.offset and number <= place.told
                    if not is_told and self._is_followed(change.numbers.keys()):
                        found.append(change._replace(place=after))
                place = Place(record.offset + 1, 0, place.alert)
        if worked is not None and worked > place.offset:
            # The log has holes.
            place = Place(worked, 0, place.alert)
        return found, place

    def _of_event(
        self, place: Place, record: Record, issue_id: str, fact: Fact, known: _Known
    ) -> Iterator[Told]:
        now_known, bundle_id = known.issue(issue_id), root_of(issue_id)
        bundle = known.issue(bundle_id) if is_child(issue_id) and fact.kind in TELLING else None
        concerns_bundle = bundle is not None and self._concerns(bundle_id, bundle)
        if now_known is None or not (concerns_bundle or self._concerns(issue_id, now_known)):
            return
        facts = known.facts(issue_id)
        number = next((n for n, one in enumerate(facts) if identity(one) == identity(fact)), None)
        # Another under the same id was refused; the same again was recorded at another instant.
        if number is None or facts[number] != fact:
            return
        if not self._firsts.is_first((issue_id, *identity(fact)), self._partition, record.offset):
            return
        catalogue = self._documents.catalogue()
        changes = [(issue_id, now_known, one) for one in changes_by(fact, facts[:number], catalogue)]
        if bundle is not None:
            of_bundle = changes_of_bundle(
                issue_id, fact, facts[:number], known.facts(bundle_id), record.received, catalogue
            )
            changes += [(bundle_id, bundle, one) for one in of_bundle]
        for about, now, change in changes:
            name = f"{about}|{fact.source}|{fact.id}|{change.what}"
            yield self._told(change, about, now, place, name, is_news=not record.run)

    def _of_alert(self, place: Place, alert: Alert, known: _Known) -> Iterator[Told]:
        now_known = known.issue(alert.issue)
        if alert.kind not in (DUE_SOON, OVERDUE) or alert.obligation != "resolution" or now_known is None:
            return
        if not self._concerns(alert.issue, now_known):
            return
        at, raised = from_datetime(alert.at), from_datetime(alert.raised)
        catalogue = self._documents.catalogue()
        then = fold([fact for fact in known.facts(alert.issue) if fact.recorded <= raised], catalogue, raised)
        change = Change(what=alert.kind, at=at, issue=then)
        # Who was answered meanwhile need not hear any more that it took too long.
        is_news = not alert.stale and now_known.open
        yield self._told(change, alert.issue, now_known, place, alert.id, is_news=is_news)

    def _told(
        self, change: Change, issue_id: str, now: Issue, place: Place, name: str, *, is_news: bool
    ) -> Told:
        digest = blake2b(name.encode(), digest_size=12).hexdigest()
        return self._documents.told(
            change, issue_id, now, self._partition, place, f"change-{digest}", is_news=is_news
        )

    def _concerns(self, issue_id: str, now_known: Issue) -> bool:
        return self._is_followed(numbers_by_channel(issue_id, now_known).keys())


class _Firsts:
    """Where events were met first, so that one repeated nearby, in every respect, is not told again."""

    def __init__(self) -> None:
        self._offsets: OrderedDict[tuple[str, str, str], tuple[int, int]] = OrderedDict()
        self._turn = threading.Lock()

    def is_first(self, name: tuple[str, str, str], partition: int, offset: int) -> bool:
        """Whether it is not known to be in the partition before that offset."""
        with self._turn:
            known = self._offsets.get(name)
            if known is not None and known[0] == partition and known[1] < offset:
                return False
            self._offsets[name] = partition, offset
            if len(self._offsets) > _REMEMBERED:
                self._offsets.popitem(last=False)
            return True


def _slots(
    records: Sequence[Record],
    events: dict[int, tuple[str, Fact] | None],
    alerts: Sequence[tuple[int, Alert]],
) -> Iterator[int]:
    """How many records each alert follows: those of its issue that were there when it was raised."""
    of_issue: dict[str, list[tuple[int, Instant]]] = {}
    for number, record in enumerate(records, 1):
        event = events.get(record.offset)
        if event is not None:
            # What falls due by the instant of a record is raised before it is worked on; its issue is there.
            known_from = record.received + (event[1].kind != Kind.SUBMITTED)
            of_issue.setdefault(event[0], []).append((number, known_from))
    slot = 0
    for _, alert in alerts:
        raised = from_datetime(alert.raised)
        for number, known_from in of_issue.get(alert.issue, ()):
            if known_from <= raised:
                slot = max(slot, number)
        yield slot


def _event(record: Record) -> tuple[str, Fact] | None:
    try:
        return decode(record.value, record.received)
    except Undecodable:
        return None
