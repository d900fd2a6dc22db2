"""The edge's models and the decoder derived from them: the same documents, the same values."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.envelope import MAX_EVENT_BYTES, InvalidEvent, kind_of, parse_event, type_of
from livelihood.event_data import OUTCOMES
from livelihood.events import DATA_MODELS, Kind
from livelihood.facts import DATA_FIELDS, Fact, Undecodable, corrected, decode, fact_of
from livelihood.fields import EARLIEST, LATEST
from livelihood.instants import DAY, HOUR, MINUTE, Instant, from_datetime, iso, parse, to_datetime
from tests.livelihood.worlds import at, fact

NOW: Instant = parse("2099-12-31T23:59:59Z")

times = st.sampled_from(
    [
        "2011-07-01T08:30:00-04:00",
        "2011-07-01T12:30:00Z",
        "2011-07-01t12:30:00z",
        "2011-07-01 12:30:00.123456+05:30",
        "1900-01-03T00:00:00Z",
        "2011-02-28T23:59:59.999999-23:59",
    ]
)
codes = st.sampled_from(["a", "pothole", "路灯", "rue_de_l-église", "x.y:z-1", "0"])
words = st.sampled_from(["rain", "urgent", "部件-缺"])
issues = st.sampled_from(["A1", "2011-0042", "b~x", "热线:7~1"])
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=2),
)
DATA: dict[Kind, dict[str, st.SearchStrategy[Any]]] = {
    Kind.SUBMITTED: {
        "service": codes,
        "area": codes,
        "department": codes,
        "urgency": words,
        "latitude": st.floats(-90, 90) | st.integers(-90, 90),
        "longitude": st.floats(-180, 180),
        "attachments": st.lists(st.sampled_from(["https://example.org/1", "urn:x"]), max_size=3),
        "number": st.text(max_size=100),
        "target": times,
        "target_stated": st.booleans(),
        "on_paper": st.booleans(),
        "parts": st.lists(issues, max_size=3),
        "linked": issues,
    },
    Kind.ASSIGNED: {"to": codes},
    Kind.TRANSFER_OFFERED: {"to": codes},
    Kind.TRANSFER_ACCEPTED: {"to": codes},
    Kind.RETURNED: {"reason": words},
    Kind.RECLASSIFIED: {"service": codes},
    Kind.PAUSED: {"reason": words},
    Kind.EXTENSION_ASKED: {"until": times, "reason": words},
    Kind.EXTENSION_GRANTED: {"until": times},
    Kind.EXTENSION_REFUSED: {"reason": words},
    Kind.PROGRESS_REPORTED: {"done": st.floats(0, 1e9), "verified": st.integers(0, 10**15)},
    Kind.ABSORBED: {"merged": issues, "due": times},
    Kind.RESOLVED: {"outcome": st.sampled_from(OUTCOMES), "visits": st.integers(0, 1000)},
    Kind.REJECTED: {"reason": words},
    Kind.WITHDRAWN: {"confirmed_call": st.booleans()},
    Kind.MERGED: {"into": issues},
    Kind.CLOSED: {"confirmed_call": st.booleans()},
    Kind.REOPENED: {"reason": words},
    Kind.RATED: {"solved": st.booleans(), "satisfied": st.booleans()},
    Kind.NUMBERED: {"number": st.text(min_size=1, max_size=100)},
    Kind.ACKNOWLEDGED: {"expected": times},
    Kind.CONTESTED: {"reason": words},
    Kind.CONTEST_ANSWERED: {"upheld": st.booleans()},
    Kind.CORRECTED: {
        "corrects": st.text(min_size=1, max_size=20),
        "changes": st.dictionaries(
            st.text(max_size=8),
            st.fixed_dictionaries({}, optional={"old": values, "new": values}),
            min_size=1,
            max_size=20,
        ),
    },
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A valid event, as JSON."""
    kind = draw(st.sampled_from(list(DATA_MODELS)))
    fields = DATA.get(kind, {})
    needed = {name for name, field in DATA_MODELS[kind].model_fields.items() if field.is_required()}
    data = {name: draw(field) for name, field in fields.items() if name in needed or draw(st.booleans())}
    if draw(st.integers(0, 3)) == 0:
        data["personal"] = "sealed.key-1.aGVsbG8="
    document: dict[str, Any] = {
        "specversion": "1.0",
        "type": type_of(kind),
        "source": draw(st.sampled_from(["/channels/web", "urn:x", "热线"])),
        "id": draw(st.text(min_size=1, max_size=20)),
        "subject": draw(issues),
        "time": draw(times),
        "channel": draw(codes),
        "data": data,
    }
    if draw(st.booleans()):
        document["recorded"] = draw(times)
    if draw(st.booleans()):
        document["actor"] = draw(st.sampled_from(["ann", "head@roads", "角色:组长"]))
    if not data and draw(st.booleans()):
        del document["data"]
    return document


NASTY: list[Any] = [
    None, True, 0, 1, -1, 1.0, 1.5, 1e308, 2**63, 2**80, -(2**70), "", " ", "1", "1.0", "true", "null",
    "a b", "a\n", "\n", "é", "e\u0301", "सड़क", "²", "Ⅷ", "_", "-a", "a" * 41, "a" * 81, "a" * 101,
    "a" * 201, "路" * 80, "a~b", "a~b~c", "~b", "a~", "a" * 100 + "~" + "b" * 40, "A1", [], {}, [1], ["a"],
    [None], ["a b"], ["A1"] * 51, ["https://x y"], ["urn:a"] * 21, {"a": 1}, {"a": {"old": 1}},
    {"a": {"neu": 1}}, {"a": {"old": [1]}}, {"a": {"new": {"b": 1}}},
    {str(n): {"new": n} for n in range(21)}, {"a": {"new": 2**63}}, {"a": {"new": 10**25}},
    "2011-07-01T08:30:00", "2011-07-01", "2011-07-01T08:30Z", "2011-07-01T24:00:00Z",
    "2011-07-01T08:30:60Z", "2011-13-01T08:30:00Z", "2011-02-29T08:30:00Z", "2011-07-01T08:30:00+0530",
    "2011-07-01T08:30:00+05", "2011-07-01T08:30:00.Z", "2011-07-01T08:30:00.1234567Z",
    "2011-07-01T08:30:00.9999999Z", " 2011-07-01T08:30:00Z", "1309520000", 1309520000, 1309520000.5,
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z", "1899-12-31T00:00:00Z", "2100-01-01T00:00:00Z",
    "2099-12-31T23:59:59.999999Z", "２011-07-01T08:30:00Z", "livelihood.request.nonsense",
    "livelihood.request.commented", "submitted", "1.1", "application/xml", "sealed.a.b", "sealed.a.b c",
    "Ann Smith", "\x00", "\u202e", "a\u200b", "😀",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """A document with one or two things wrong with it, or so one would think."""
    document: Any = deepcopy(draw(documents()))
    for _ in range(draw(st.integers(1, 2))):
        *path, last = draw(st.sampled_from(places(document)[1:]))
        holder = document
        for key in path:
            holder = holder[key]
        match draw(st.sampled_from(["replace", "replace", "replace", "remove", "add", "rename"])):
            case "remove" if isinstance(holder, dict):
                del holder[last]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(["extra", "traceparent", "Time", "data_base64", "to", ""]))] = "x"
            case "rename" if isinstance(holder, dict):
                holder[str(last).upper()] = holder.pop(last)
            case _:
                holder[last] = deepcopy(draw(st.sampled_from(NASTY)))
        if not places(document)[1:]:
            break
    return document  # type: ignore[no-any-return]


def as_fact(event: Any) -> Fact:
    """The fact of an event, field by field, without the decoder."""

    def value(one: Any) -> Any:
        if hasattr(one, "tzinfo"):
            return from_datetime(one)
        if isinstance(one, dict):
            return {name: {"old": change.old, "new": change.new} for name, change in one.items()}
        return one

    data = tuple(value(getattr(event.data, name)) for name in DATA_FIELDS[event.kind])
    instants = from_datetime(event.time), from_datetime(event.recorded)
    return Fact(event.kind, *instants, event.channel, event.source, event.id, event.actor, data)


def both(text: bytes) -> tuple[Fact | None, Fact | None, str]:
    try:
        event = parse_event(text, NOW)
    except InvalidEvent as error:
        at_edge, complaint = None, str(error)
    else:
        at_edge, complaint = as_fact(event), ""
        assert fact_of(event) == at_edge
    try:
        decoded = decode(text, NOW)[1]
    except Undecodable as error:
        return at_edge, None, f"{complaint} | {error}"
    return at_edge, decoded, complaint


def same(one: Fact | None, other: Fact | None) -> bool:
    # 1 and 1.0 are equal, and not the same.
    return one == other and repr(one and one.data) == repr(other and other.data)


@given(documents())
def test_a_valid_event_means_the_same_at_the_edge_and_in_the_log(document: dict[str, Any]) -> None:
    if document.get("data", {}).get("into") == document["subject"]:
        return
    text = json.dumps(document).encode()
    at_edge, decoded, complaint = both(text)
    assert at_edge is not None, complaint
    assert same(at_edge, decoded)
    event = parse_event(text, NOW)
    assert parse_event(event.to_json(), NOW) == event
    assert decode(event.to_json(), NOW) == (document["subject"], at_edge)


@given(mutants())
def test_the_edge_and_the_log_refuse_the_same_documents(document: dict[str, Any]) -> None:
    at_edge, decoded, complaint = both(json.dumps(document).encode())
    assert same(at_edge, decoded), complaint


VALID = {
    "type": "livelihood.request.submitted", "source": "/channels/web", "id": "1", "subject": "A1",
    "time": "2011-07-01T08:30:00-04:00", "channel": "web", "data": {"service": "pothole"},
}  # fmt: skip


PROGRESS = {"type": "livelihood.request.progress_reported", "data": {"done": 7}}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff",
        b"\xef\xbb\xbf{}",
        json.dumps(VALID).encode() + b"x",
        json.dumps(VALID).encode("utf-16"),
        json.dumps(VALID).replace('"pothole"', "NaN").encode(),
        json.dumps({**VALID, "data": {"service": "a", "latitude": 1}}).replace("1}", "NaN}").encode(),
        json.dumps({**VALID, "data": {"service": "a", "latitude": 1}}).replace("1}", "1e400}").encode(),
        json.dumps({**VALID, **PROGRESS}).replace("7}", "Infinity}").encode(),
        json.dumps({**VALID, "id": "\ud800"}).encode(),
        b"[" * 100_000,
        json.dumps(VALID).replace('"pothole"', "[" * 50_000 + "]" * 50_000).encode(),
        json.dumps({**VALID, "data": {"service": "a", "number": "x" * MAX_EVENT_BYTES}}).encode(),
    ],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_what_is_no_event_is_refused_by_both(text: bytes) -> None:
    assert both(text)[:2] == (None, None)


@pytest.mark.parametrize("kind", DATA_MODELS)
def test_every_field_of_every_kind_is_tried(kind: Kind) -> None:
    assert set(DATA.get(kind, {})) == set(DATA_FIELDS[kind])


def corrected_to(changes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "livelihood.request.corrected", "data": {"corrects": "1", "changes": changes}}


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"time": "2011-07-01T08:30:00"}, "time", "offset from UTC"),
        ({"time": "yesterday"}, "time", "RFC 3339"),
        ({"time": "2101-01-01T00:00:00Z"}, "time", "from 1900 to before 2100"),
        ({"time": None}, "time", ""),
        ({"recorded": 1309520000}, "recorded", "datetime"),
        ({"type": "livelihood.request.closed_down"}, "type", "nearest are livelihood.request.closed, "),
        ({"type": 5}, "type", "unknown; nearest are "),
        ({"subject": "a b"}, "subject", "should be of at most 100 letters, digits"),
        ({"channel": ""}, "channel", "at least 1 character"),
        ({"colour": "red"}, "colour", "no such field"),
        ({"data": {}}, "data.service", "is missing"),
        ({"data": {"service": "pothole", "latitude": "42"}}, "data.latitude", "valid number"),
        ({"data": {"service": "pothole", "latitude": 91}}, "data.latitude", "less than or equal to 90"),
        ({"data": {"service": "pothole", "parts": ["a b"]}}, "data.parts.0", "of at most 100 letters"),
        ({"data": {"service": "pothole", "target": "2011-07-04"}}, "data.target", "RFC 3339"),
        ({"data": {"service": "pothole", "personal": "Ann, 617 555 0100"}}, "data.personal", "a sealed text"),
        ({"type": "livelihood.request.resolved", "data": {"outcome": "done"}}, "data.outcome", "'fixed'"),
        ({"type": "livelihood.request.merged", "data": {"into": "A1"}}, "data.into", "into itself"),
        (corrected_to({}), "data.changes", "at least 1"),
        (corrected_to({"visits": {"new": 2**70}}), "data.changes.visits.new", "at most"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_and_what_was_expected(
    change: dict[str, Any], field: str, expected: str
) -> None:
    with pytest.raises(InvalidEvent) as refused:
        parse_event(json.dumps({**VALID, **change}), NOW)
    assert refused.value.field == field
    assert expected in refused.value.message


def test_an_event_without_a_type_is_told_what_one_looks_like() -> None:
    with pytest.raises(InvalidEvent, match=r"type: missing; for instance livelihood\.request\.submitted"):
        parse_event(json.dumps({name: value for name, value in VALID.items() if name != "type"}), NOW)


def test_an_event_one_megabyte_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidEvent, match="256 KiB"):
        parse_event(b"{" + b" " * 2**20, NOW)
    # Counted in bytes, as the log does.
    with pytest.raises(InvalidEvent, match="256 KiB"):
        parse_event("路" * (MAX_EVENT_BYTES // 2), NOW)


def test_clocks_may_differ_by_five_minutes_and_no_more() -> None:
    now = parse("2011-07-01T12:25:00Z")
    assert parse_event(json.dumps(VALID), now).time == to_datetime(now + 5 * MINUTE)
    for field in ("time", "recorded"):
        document = {**VALID, "time": iso(now), field: iso(now + 5 * MINUTE + 1)}
        with pytest.raises(InvalidEvent, match=f"{field}: .* is in the future") as refused:
            parse_event(json.dumps(document), now)
        assert refused.value.field == field


def test_the_edge_stamps_when_an_event_was_recorded_where_the_channel_leaves_it_out() -> None:
    now = parse("2011-07-03T00:00:00Z")
    assert parse_event(json.dumps(VALID), now).recorded == to_datetime(now)
    stated = {**VALID, "recorded": "2011-07-01T13:00:00Z"}
    assert parse_event(json.dumps(stated), now).recorded == to_datetime(parse("2011-07-01T13:00:00Z"))
    assert decode(json.dumps(VALID).encode(), now)[1].recorded == now


@given(st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)))
def test_times_are_exact_to_the_microsecond(moment: Any) -> None:
    text = moment.isoformat() + "Z"
    document = json.dumps({**VALID, "time": text, "recorded": text}).encode()
    if moment >= LATEST.replace(tzinfo=None):
        return
    assert decode(document, NOW)[1].time == parse(text)


def test_every_kind_has_its_type() -> None:
    assert {kind_of(type_of(kind)) for kind in DATA_MODELS} == set(DATA_MODELS)
    with pytest.raises(KeyError):
        kind_of("livelihood.request.part")


SUBMITTED = fact(
    Kind.SUBMITTED, "10-27 09:00", service="pothole", area="north", target=to_datetime(at("10-31 09:00"))
)


def changed(**changes: Any) -> dict[str, Any]:
    return {name: {"old": None, "new": new} for name, new in changes.items()}


def test_a_correction_changes_the_fields_it_names() -> None:
    recorded_later = fact(
        Kind.SUBMITTED, "10-27 09:00", recorded="10-27 09:01", service="pothole", area="north"
    )
    better = corrected(
        recorded_later,
        changed(time="2011-10-27T08:00:00-04:00", service="lamp", area=None, target="2011-10-30T09:00:00Z"),
    )
    data = dict(zip(DATA_FIELDS[Kind.SUBMITTED], better.data, strict=True))
    assert better.time == at("10-27 08:00")
    assert (data["service"], data["area"], data["target"]) == ("lamp", None, parse("2011-10-30T09:00:00Z"))
    assert (better.id, better.recorded, better.channel) == (SUBMITTED.id, at("10-27 09:01"), "web")


def test_an_event_recorded_as_it_happened_still_is_when_its_source_corrects_the_time() -> None:
    earlier = changed(time="2011-10-26T08:00:00-04:00")
    assert corrected(SUBMITTED, earlier).recorded == at("10-26 08:00")
    assert corrected(SUBMITTED, earlier, own=False).recorded == SUBMITTED.recorded


def test_only_its_own_source_says_that_an_event_came_by_another_channel() -> None:
    assert corrected(SUBMITTED, changed(channel="app")).channel == "app"
    assert corrected(SUBMITTED, changed(channel="app"), own=False).channel == "web"


@pytest.mark.parametrize(
    "changes",
    [
        changed(service="no code"),
        changed(service=None),
        changed(service=7),
        changed(target="tomorrow"),
        changed(target="2011-10-30T09:00:00"),
        changed(target="9999-12-31T00:00:00Z"),
        changed(parts="A~1"),
        changed(latitude=91.0),
        changed(time=None),
        changed(time="2011-10-30"),
        changed(time="1899-01-01T00:00:00Z"),
        changed(service="lamp", area="a b"),
        changed(channel="a b"),
        changed(channel=None),
        changed(channel=7),
    ],
)
def test_a_correction_that_no_event_could_say_changes_nothing(changes: dict[str, Any]) -> None:
    assert corrected(SUBMITTED, changes) is SUBMITTED


def test_a_correction_of_a_field_the_kind_does_not_have_changes_nothing() -> None:
    assert corrected(SUBMITTED, changed(outcome="fixed")) == SUBMITTED


def test_nothing_is_corrected_to_a_time_after_the_correction_was_recorded() -> None:
    recorded = at("10-28 09:00")
    later = changed(time=iso(recorded + HOUR))
    assert corrected(SUBMITTED, later, recorded) is SUBMITTED
    assert corrected(SUBMITTED, later, recorded + DAY).time == recorded + HOUR


def test_corrections_and_parts_of_bundles_are_themselves_not_corrected() -> None:
    correction = fact(Kind.CORRECTED, "10-28 09:00", corrects="x", changes={"area": {"new": "south"}})
    assert corrected(correction, changed(corrects="y")) is correction
    part = Fact(Kind.PART, 1, 1, "web", "A~1", "p", None, ("A~1", "fixed"))
    assert corrected(part, changed(time="2011-10-30T09:00:00Z")) is part
