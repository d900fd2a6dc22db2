"""What everybody else reads, beside a worker that goes on."""

from livelihood.ports import CATALOGUE, Moved, NewRecord


def test_a_reader_sees_a_commit_that_came_after_it_opened(engine, work) -> None:
    reader = engine.reader()
    work.commit(states={"a": b"A"}, next_offset=3)
    assert reader.states(["a", "b"]) == {"a": b"A"}
    assert reader.position(0).next_offset == 3
    assert reader.scan(0, "", 10)[0] == [("a", b"A")]


def test_within_a_snapshot_all_is_of_one_moment_or_it_says_so_at_its_end(engine, work) -> None:
    work.commit(rows={(0, ""): b"1"}, movements=bytes(24), dimensions={0: b"d"})
    reader = engine.reader()
    before = seen = read_all(reader)
    try:
        with reader.snapshot():
            assert reader.position(0).sequence == 1
            work.commit(rows={(0, ""): b"2"}, movements=bytes(48), shapes={0: b"s"}, states={"a": b"A"})
            seen = read_all(reader)
    except Moved:
        assert not engine.holds_moments
    else:
        assert seen == before
    assert read_all(reader) == ([((0, ""), b"2")], bytes(72), ({0: b"d"}, {0: b"s"}), 2)


def read_all(reader) -> tuple[object, ...]:
    rows, movements = list(reader.rows(0)), b"".join(reader.movements(0))
    return rows, movements, reader.names(0), reader.position(0).sequence


def test_a_half_read_answer_does_not_hold_up_the_worker(engine, work) -> None:
    work.commit(movements=bytes(24 * 10_000), states={"a": b"A", "b": b"B"}, late={"a": 5, "b": 6})
    reader = engine.reader()
    movements, late = reader.movements(0), reader.late(0, 0)
    next(movements)
    next(late)
    work.commit(states={"a": b"A2"})
    movements.close()
    late.close()
    assert reader.states(["a"]) == {"a": b"A2"}


def test_late_issues_are_those_recorded_after_the_instant(engine, work) -> None:
    work.commit(states={"a": b"A", "b": b"B", "c": b"C"}, late={"a": 5, "b": 9})
    reader = engine.reader()
    assert sorted(reader.late(0, 4)) == [("a", b"A"), ("b", b"B")]
    assert list(reader.late(0, 5)) == [("b", b"B")]
    assert list(reader.late(0, 9)) == []


def test_waking_issues_are_those_whose_timer_is_due_by_any_clock(engine, work) -> None:
    work.commit(
        states={"a": b"A", "b": b"B", "c": b"C", "d": b"D"},
        timers={"a": ("", 5), "b": ("run", 7), "c": ("", 9), "d": None},
    )
    reader = engine.reader()
    assert sorted(reader.waking(0, 7)) == [("a", b"A"), ("b", b"B")]
    work.commit(states={"a": b"A2"}, timers={"a": ("", 8), "b": None})
    assert list(reader.waking(0, 7)) == []
    assert sorted(reader.waking(0, 9)) == [("a", b"A2"), ("c", b"C")]


def test_every_version_of_the_catalogue_is_read_in_order(engine) -> None:
    log = engine.log()
    log.append([NewRecord("", b'{"version":"1"}', control=CATALOGUE), NewRecord("a", b"{}")])
    log.append([NewRecord("", b'{"version":"2"}', control=CATALOGUE)])
    assert engine.published().catalogues() == [b'{"version":"1"}', b'{"version":"2"}']
    # They are records as well, so that a replay meets each in its place.
    assert [record.control for record in log.read(0, 0, 10)] == [CATALOGUE, "", CATALOGUE]
