"""What a log says of changes: each once, in order, the same from whichever place it is read on."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import producers.hearing.tail
from livelihood.bundles import is_child, parts_of
from livelihood.changes import promised
from livelihood.envelope import root_of
from livelihood.events import DATA_MODELS, Kind
from livelihood.facts import Fact, decode
from livelihood.fold import fold
from livelihood.histories import history_of
from livelihood.instants import DAY, HOUR, MINUTE
from livelihood.lifecycle import SETTLED
from livelihood.state import identity
from producers.hearing.documents import Documents, Told
from producers.hearing.hub import after
from producers.hearing.places import Places
from producers.hearing.tail import Tail
from producers.hearing.words import happened
from tests.streams.conftest import Town, make_version

PAGES = st.sampled_from([1, 2, 3, 50])


class Following:
    """A town, and all that is told of it."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(folder)
        self.town.publish(make_version())
        self.town.worker = self.town.another_worker()
        documents = Documents(lambda: self.town.catalogue, "receipt-{}".format, "https://town.example")
        self.parts = (self.town.log, self.town.reader, self.town.post, documents)
        self.tail = Tail(*self.parts)

    def told(
        self, page: int, places: Places | None = None, channels: Collection[str] = ("phone",)
    ) -> list[Told]:
        """All there is, read in pages."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(producers.hearing.tail, "PAGE", page)
            found: list[Told] = []
            (place,) = places or self.tail.beginning()
            while True:
                (worked,) = self.tail.worked_on()
                new, after = self.tail.read(0, place, worked, lambda of: not of.isdisjoint(channels))
                found += new
                if after == place:
                    return found
                place = after


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Following]:
    following = Following(tmp_path / "data")
    yield following
    following.town.close()


def kinds(told: list[Told]) -> list[str]:
    return [one.document["type"].removeprefix("issue.") for one in told]


def test_a_request_is_told_from_its_submission_to_its_end(following) -> None:
    town = following.town
    town.tell("a", "submitted", service="pothole", number="7")
    town.pass_time(10 * MINUTE)
    town.tell("a", "accepted", channel="desk", source="/channels/desk")
    town.tell("a", "resumed", channel="desk", source="/channels/desk")
    town.work()
    town.pass_time(5 * HOUR)
    town.work()
    town.tell("a", "extension_granted", channel="desk", source="/channels/desk", until="2026-02-27T12:00:00Z")
    town.work()
    town.pass_time(2 * DAY)
    town.work()
    town.tell("a", "resolved", channel="desk", source="/channels/desk", outcome="fixed")
    town.work()
    told = following.told(50)
    # Resuming what was not paused had no effect.
    assert kinds(told) == [
        *("submitted", "accepted", "due_soon", "extension_granted", "promise_changed", "due_soon"),
        *("overdue", "resolved"),
    ]
    submitted, changed, resolved = (told[place].for_channel("phone") for place in (0, 4, 7))
    assert submitted["data"]["numbers"] == ["7"]
    assert submitted["data"]["promised"] == "2026-02-26T14:00:00-05:00"
    assert "receipt-a" in submitted["data"]["message"]["zh"]
    assert "2026年2月26日 14:00" in submitted["data"]["message"]["zh"]
    assert changed["data"]["promised_before"] == submitted["data"]["promised"]
    assert changed["data"]["promised"] == "2026-02-27T07:00:00-05:00"
    assert "https://town.example/r/receipt-a" in resolved["data"]["message"]["en"]
    assert resolved["data"]["details"] == {"outcome": "fixed"}


def test_a_further_channel_hears_of_the_issue_it_numbered_and_cannot_act_for_the_person(following) -> None:
    town = following.town
    town.tell("a", "submitted", service="pothole", number="7")
    town.tell("a", "numbered", channel="web", source="/channels/web", number="W1")
    town.tell("b", "submitted", service="pothole")
    town.work()
    told = following.told(50, channels=["web"])
    assert kinds(told) == ["submitted", "numbered"]
    data = told[0].for_channel("web")["data"]
    assert data["numbers"] == ["W1"]
    assert not {"receipt", "links", "message"} & data.keys()
    assert following.told(50, channels=["desk"]) == []


def test_nothing_personal_and_no_place_on_earth_is_told(following) -> None:
    town = following.town
    town.tell(
        "a", "submitted", service="pothole", personal="sealed.k.aGVsbG8=", latitude=1.5, longitude=2.5,
        attachments=["https://town.example/photo"], actor="ann@roads",
    )  # fmt: skip
    town.work()
    text = msgspec.json.encode(following.told(50)[0].for_channel("phone")).decode()
    assert not any(secret in text for secret in ("sealed", "1.5", "2.5", "photo", "ann@"))


def test_an_import_is_told_and_nobody_is_written_to(following) -> None:
    town = following.town
    town.begin("run", town.now - DAY)
    town.bring("run", town.event("a", "submitted", town.now - DAY, service="pothole"))
    town.end("run", town.now)
    town.work()
    town.pass_time(MINUTE)
    town.work()
    told = following.told(50)
    assert kinds(told) == ["submitted", "due_soon", "overdue"]
    assert not any("message" in one.for_channel("phone")["data"] for one in told)


def test_what_nobody_has_worked_on_is_not_told_yet(following) -> None:
    following.town.tell("a", "submitted", service="pothole")
    assert following.told(50) == []
    following.town.work()
    assert kinds(following.told(50)) == ["submitted"]


def test_every_kind_of_event_has_words_for_people() -> None:
    for kind in DATA_MODELS:
        assert all(happened(kind.word).values())


ISSUES = ["a", "b~1", "b~2", "b"]
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("submitted", {"service": "pothole"}),
    ("submitted", {"service": "leak", "number": "7"}),
    ("accepted", {}),
    ("reclassified", {"service": "leak"}),
    ("extension_granted", {"until": "2026-02-28T12:00:00Z"}),
    ("paused", {"reason": "waiting"}),
    ("resolved", {"outcome": "fixed"}),
    ("rejected", {"reason": "private"}),
    ("reopened", {}),
    ("rated", {"solved": True}),
    ("corrected", {"corrects": "e3", "changes": {"void": {"new": True}}}),
    ("corrected", {"corrects": "e2", "changes": {"service": {"new": "leak"}}}),
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ISSUES),
        st.integers(0, len(EVENTS) - 1),
        st.sampled_from([0, 0, 10 * MINUTE, 3 * HOUR]),
        st.sampled_from(["", "", "work", "again", "pass"]),
    ),
    max_size=16,
)


def play(town: Town, steps: list[tuple[str, int, int, str]]) -> None:
    last = None
    town.log.append([town.event("b", "submitted", service="noise", parts=["b~1", "b~2"])])
    for issue, kind, lateness, then in steps:
        name, data = EVENTS[kind]
        last = town.event(issue, name, town.now - lateness, recorded=town.now, **data)
        town.log.append([last])
        if then == "work":
            town.work()
        if then == "again":
            town.log.append([last])
        if then == "pass":
            town.pass_time(3 * HOUR)
            town.work()
        town.pass_time(MINUTE)
    town.work()


def expected(town: Town) -> Iterator[tuple[str, str]]:
    """(issue, kind) of each change by events, by folding all there was before and after each record."""
    facts: dict[str, list[Fact]] = {}
    seen: set[tuple[str, str, str]] = set()
    catalogue = town.catalogue

    def folded(issue: str) -> Any:
        parts = [part for child in facts if root_of(child) == issue != child
                 for part in parts_of(child, facts[child], catalogue)]  # fmt: skip
        return fold([*facts.get(issue, []), *parts], catalogue)

    for record in town.records():
        if record.control:
            continue
        issue, fact = decode(record.value, record.received)
        if (issue, fact.source, fact.id) in seen:
            continue
        seen.add((issue, fact.source, fact.id))
        before, bundle_before = folded(issue), folded(root_of(issue))
        facts.setdefault(issue, []).append(fact)
        after, bundle_after = folded(issue), folded(root_of(issue))
        entries = history_of(issue, facts[issue], catalogue, town.now).entries
        mine = [entry for entry in entries if identity(entry.fact) == identity(fact)]
        took_effect = before != after if fact.kind == Kind.CORRECTED else any(not one.ignored for one in mine)
        if took_effect:
            yield issue, Kind(fact.kind).word
            if before.state and promised(before) != promised(after) and after.open:
                yield issue, "promise_changed"
        if is_child(issue) and (bundle_before.state in SETTLED) != (bundle_after.state in SETTLED):
            yield root_of(issue), "resolved" if bundle_after.state in SETTLED else "reopened"


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.generate],
)
@given(STEPS, PAGES, st.data())
def test_each_change_is_told_once_wherever_the_reading_is_taken_up_again(
    tmp_path_factory: pytest.TempPathFactory, steps: Any, page: int, data: Any
) -> None:
    following = Following(tmp_path_factory.mktemp("town"))
    try:
        play(following.town, steps)
        whole = following.told(page)
        of_events = [
            (one.issue, kind) for one, kind in zip(whole, kinds(whole), strict=True) if not one.is_alert
        ]
        assert of_events == list(expected(following.town))
        alerts = [
            alert for alert in following.town.post.alerts.values() if alert["obligation"] == "resolution"
        ]
        kept = [
            (alert["issue"], alert["kind"]) for alert in alerts if alert["kind"] in ("due_soon", "overdue")
        ]
        told = [(one.issue, kind) for one, kind in zip(whole, kinds(whole), strict=True) if one.is_alert]
        assert sorted(told) == sorted(kept)
        assert len({one.id for one in whole}) == len(whole)
        # Taken up again after any of them, by another process, the rest follows.
        places, place = following.tail.beginning(), 0
        while place < len(whole):
            stop = data.draw(st.integers(place + 1, len(whole)))
            for one in whole[place:stop]:
                places = after(places, one)
            following.tail = Tail(*following.parts)
            rest = following.told(data.draw(PAGES), places)
            assert sorted(one.id for one in rest) == sorted(one.id for one in whole[stop:])
            place = stop
    finally:
        following.town.close()
