from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.envelope import EVENT_MODELS, RequestEvent, type_of
from livelihood.event_data import ResolvedData, SubmittedData
from livelihood.events import Kind
from livelihood.instants import to_datetime
from producers.spool import Spool, SpoolError, SpoolWriter


def event(number: int, time: int, kind: Kind = Kind.SUBMITTED) -> RequestEvent:
    data = SubmittedData(service="s") if kind == Kind.SUBMITTED else ResolvedData(outcome="fixed")
    return EVENT_MODELS[kind](
        type=type_of(kind), source="/t", id=f"{number}:{kind.word}", subject=str(number),
        time=to_datetime(time), channel="web", data=data,
    )  # fmt: skip


def spooled(path: Path, *events: RequestEvent) -> Spool:
    writer = SpoolWriter(path)
    for one in events:
        writer.add(one)
    writer.finish({"report": "r"})
    return Spool(path)


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from([Kind.SUBMITTED, Kind.RESOLVED])), max_size=40))
def test_events_come_back_by_time_then_rank_then_id(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[int, Kind]]
) -> None:
    events = [event(number, time * 1_000_000, kind) for number, (time, kind) in enumerate(given_)]
    with spooled(tmp_path_factory.mktemp("spool") / "a.spool", *events) as spool:
        expected = sorted(events, key=lambda one: (one.time, one.kind, one.id))
        assert [one.value for one in spool.after(0)] == [one.to_json() for one in expected]
        assert [one.number for one in spool.after(0)] == list(range(1, len(events) + 1))


def test_reading_goes_on_after_a_number_and_stops_before_an_instant(tmp_path: Path) -> None:
    with spooled(tmp_path / "a", *[event(n, n * 10) for n in range(1, 6)]) as spool:
        assert [one.number for one in spool.after(2)] == [3, 4, 5]
        assert [one.number for one in spool.after(0, until=30)] == [1, 2]
        assert [spool.reach(until) for until in (None, 10, 11, 51)] == [5, 0, 1, 5]
        assert (spool.time_of(2), spool.time_of(9), spool.total) == (20, None, 5)
        assert [one.key for one in spool.after(4)] == ["5"]


def test_a_row_seen_twice_is_the_same_or_another(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path / "a")
    assert [writer.see("1", b"x"), writer.see("1", b"x"), writer.see("1", b"y"), writer.see("2", b"y")] == [
        *("new", "same", "other", "new")
    ]
    writer.abandon()
    assert not list(tmp_path.iterdir())


def test_an_unfinished_spool_is_none_and_is_begun_anew(tmp_path: Path) -> None:
    SpoolWriter(tmp_path / "a").add(event(1, 1))
    with pytest.raises(FileNotFoundError):
        Spool(tmp_path / "a")
    with spooled(tmp_path / "a", event(2, 2)) as spool:
        assert spool.total == 1
        assert spool.about == {"report": "r"}


def test_a_file_that_is_no_spool_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 5000)
    with pytest.raises(FileNotFoundError):
        Spool(tmp_path / "a")


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match="cannot write"):
        SpoolWriter(tmp_path / "file" / "a")
