"""What every state store promises a worker: whole commits, in order, from one owner at a time."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livelihood.ports import Answer, Commit, Fenced, Outgoing

MOVEMENT = bytes(range(24))
ALERT = Outgoing("alert", "id1", "a", b"{}")
EVERYTHING: dict[str, Any] = {
    "next_offset": 7,
    "ledger": b"ledger",
    "states": {"a": b"A", "b": b"B"},
    "timers": {"a": ("", 10), "b": None},
    "late": {"a": 5},
    "orphans": {"b": 3},
    "archive": {("a", 1): b"old"},
    "dimensions": {0: b"d0"},
    "shapes": {0: b"s0"},
    "rows": {(0, "2011-07"): b"row"},
    "numbers": {("desk", "7/1", "a"): True, ("desk", "7/1", "b"): True, ("热线", "七", "b"): True},
    "movements": MOVEMENT,
    "outbox": [ALERT],
}


def all_that_is_kept(store, reader) -> dict[str, Any]:
    return {
        "position": replace(reader.position(0), epoch=0),
        "states": scanned(store),
        "due": {clock: store.due(0, clock, 10**18, 1_000) for clock in ("", "r")},
        "late": sorted(reader.late(0, -1)),
        "orphans": reader.orphans(0, 1_000),
        "archive": {issue: store.load_archive(0, issue) for issue in ("a", "b")},
        "names": store.names(0),
        "rows": sorted(reader.rows(0)),
        "numbers": sorted(reader.numbers(0)),
        "movements": b"".join(reader.movements(0)),
        "outbox": [outgoing for _, outgoing in store.outbox(0, 1_000)],
    }


def scanned(store, limit: int = 1_000) -> list[tuple[str, bytes]]:
    """All states, in order of issue, read in steps of about that many."""
    found, cursor = [], ""
    while cursor is not None:
        page, cursor = store.scan(0, cursor, limit)
        found += page
    return sorted(found)


def test_a_new_partition_starts_at_the_beginning(engine) -> None:
    position = engine.store().take(0)
    assert (position.sequence, position.next_offset, position.ledger) == (0, 0, b"")


def test_everything_in_a_commit_is_there_after_a_restart(engine, work) -> None:
    work.commit(**EVERYTHING)
    engine.close()
    store, reader = engine.store(), engine.reader()
    kept = all_that_is_kept(store, reader)
    position = kept.pop("position")
    assert (position.sequence, position.next_offset, position.ledger) == (1, 7, b"ledger")
    assert kept == {
        "states": [("a", b"A"), ("b", b"B")],
        "due": {"": [("a", b"A")], "r": []},
        "late": [("a", b"A")],
        "orphans": [("b", 3)],
        "archive": {"a": [b"old"], "b": []},
        "names": ({0: b"d0"}, {0: b"s0"}),
        "rows": [((0, "2011-07"), b"row")],
        "numbers": [("desk", "7/1", "a"), ("desk", "7/1", "b"), ("热线", "七", "b")],
        "movements": MOVEMENT,
        "outbox": [ALERT],
    }


def test_taking_reads_back_where_the_work_stands_and_raises_the_epoch(work, take) -> None:
    work.commit(next_offset=7, ledger=b"ledger")
    position = take().position
    assert (position.sequence, position.next_offset, position.ledger) == (1, 7, b"ledger")
    assert position.epoch > work.position.epoch


@pytest.mark.parametrize(
    "wrong",
    [
        {"states": {"c": "text"}},
        {"states": {"": b"C"}},
        {"states": {"c": None}},
        {"rows": {(9, "2011-07"): 1.5}},
        {"shapes": {9: [b"s"]}},
        {"ledger": "text"},
        {"movements": bytes(23)},
        {"outbox": [ALERT, Outgoing("nowhere", "id", "a", b"{}")]},
        {"timers": {"unknown": ("", 1)}},
        {"late": {"unknown": 1}},
        {"orphans": {"unknown": None}},
        {"numbers": {("desk", "8", "unknown"): True}},
        {"next_offset": 6},
    ],
    ids=str,
)
def test_a_commit_with_something_wrong_in_it_leaves_nothing(engine, work, wrong: dict[str, Any]) -> None:
    work.commit(**EVERYTHING)
    reader = engine.reader()
    before = all_that_is_kept(work.store, reader)
    changes: dict[str, Any] = {
        "next_offset": 8,
        "states": {"a": b"A2", "c": b"C"},
        "timers": {"a": ("r", 1)},
        "late": {"c": 6},
        "movements": MOVEMENT * 2,
        "rows": {(0, "2011-07"): b"row2"},
        "numbers": {("desk", "7/1", "a"): False, ("desk", "8", "c"): True},
        "outbox": [ALERT._replace(id="id2")],
    }
    for part, value in wrong.items():
        changes[part] = {**changes.get(part, {}), **value} if isinstance(value, dict) else value
    with pytest.raises(ValueError, match=r"."):
        work.commit(**changes)
    assert all_that_is_kept(work.store, reader) == before
    work.commit(next_offset=8)


def test_the_same_commit_again_changes_nothing(engine, work) -> None:
    commit = work.next(**EVERYTHING)
    assert work.store.commit(0, commit) is Answer.APPLIED
    before = all_that_is_kept(work.store, engine.reader())
    assert work.store.commit(0, commit) is Answer.ALREADY_APPLIED
    assert all_that_is_kept(work.store, engine.reader()) == before


@pytest.mark.parametrize("parts", [EVERYTHING, {"timers": {"a": None}}, {}], ids=["full", "timers", "empty"])
def test_a_worker_that_lost_the_partition_is_refused(engine, work, take, parts: dict[str, Any]) -> None:
    work.commit(**EVERYTHING)
    other = take()
    before = all_that_is_kept(other.store, engine.reader())
    for sequence in (1, 2, 3):
        with pytest.raises(Fenced):
            work.store.commit(0, replace(work.next(**parts), sequence=sequence))
    assert all_that_is_kept(other.store, engine.reader()) == before
    other.commit(states={"c": b"C"})


@pytest.mark.parametrize("sequence", [0, 1, 3, 4])
def test_a_commit_out_of_sequence_is_refused(work, take, sequence: int) -> None:
    work.commit(states={"a": b"A"})
    # Commit 1 was another epoch's, so it is not this one's commit again.
    other = take()
    with pytest.raises(Fenced):
        other.store.commit(0, replace(other.next(states={"a": b"B"}), sequence=sequence))
    assert other.store.load(0, ["a"]) == {"a": b"A"}


def test_an_epoch_nobody_took_is_refused(work) -> None:
    with pytest.raises(Fenced):
        work.commit(epoch=work.position.epoch + 1)


def test_only_issues_that_have_a_state_are_loaded(work) -> None:
    issues = {f"1010002{number:05}": b"%d" % number for number in range(3_000)}
    work.commit(states=issues)
    wanted = [*list(issues)[::7], "nobody", "市民~热线"]
    assert work.store.load(0, wanted) == {issue: issues[issue] for issue in wanted if issue in issues}
    assert work.store.load(0, []) == {}


def test_ids_in_any_script_and_with_parts_are_kept_apart(work) -> None:
    states = {issue: issue.encode() for issue in ("市民热线-1", "a", "A", "a~1", "a~10", "07", "7", "7.0")}
    work.commit(states=states)
    assert work.store.load(0, states) == states
    assert dict(scanned(work.store)) == states


@pytest.mark.parametrize("limit", [1, 10, 25, 1_000])
def test_a_scan_gives_each_issue_once_in_steps(work, limit: int) -> None:
    states = {f"{number:04}": b"x" for number in range(25)}
    work.commit(states=states)
    assert scanned(work.store, limit) == sorted(states.items())


def test_a_scan_goes_on_while_states_change(engine, work) -> None:
    states = {f"{number:04}": b"x" for number in range(25)}
    work.commit(states=states)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page, cursor = work.store.scan(0, cursor, 5)
        seen += [issue for issue, _ in page]
        work.commit(states={issue: b"y" for issue, _ in page} | {f"new {len(seen)}": b"n"})
    assert sorted(issue for issue in seen if not issue.startswith("new")) == sorted(states)
    assert len(set(seen)) == len(seen)


def test_due_issues_come_earliest_first_of_one_clock_up_to_an_instant(work) -> None:
    timers = {"a": ("", 30), "b": ("", 10), "c": ("", 20), "d": ("", 40), "e": ("run", 5), "f": None}
    work.commit(states={issue: issue.encode() for issue in timers}, timers=timers)
    assert work.store.due(0, "", 30, 10) == [("b", b"b"), ("c", b"c"), ("a", b"a")]
    assert work.store.due(0, "", 30, 2) == [("b", b"b"), ("c", b"c")]
    assert work.store.due(0, "", 9, 10) == []
    assert work.store.due(0, "run", 30, 10) == [("e", b"e")]
    assert work.store.due(0, "unknown", 30, 10) == []


def test_a_timer_moves_changes_its_clock_and_stops(work) -> None:
    work.commit(states={"a": b"A"}, timers={"a": ("run", 10)})
    work.commit(timers={"a": ("", 20)})
    assert work.store.due(0, "run", 99, 10) == []
    assert work.store.due(0, "", 99, 10) == [("a", b"A")]
    work.commit(states={"a": b"A2"}, timers={"a": None})
    assert work.store.due(0, "", 99, 10) == []


def test_what_a_commit_does_not_name_stays(engine, work) -> None:
    work.commit(states={"a": b"A"}, timers={"a": ("", 10)}, late={"a": 5}, orphans={"a": 3})
    work.commit(states={"a": b"A2"})
    reader = engine.reader()
    assert work.store.due(0, "", 10, 10) == [("a", b"A2")]
    assert list(reader.late(0, 4)) == [("a", b"A2")]
    assert reader.orphans(0, 10) == [("a", 3)]


def test_an_orphan_that_found_its_submission_is_none_any_more(engine, work) -> None:
    work.commit(states={"a": b"A", "b": b"B"}, orphans={"a": 3, "b": 2})
    reader = engine.reader()
    assert reader.orphans(0, 10) == [("b", 2), ("a", 3)]
    assert reader.orphans(0, 1) == [("b", 2)]
    work.commit(orphans={"b": None})
    assert reader.orphans(0, 10) == [("a", 3)]


def test_rows_are_absolute_and_written_over(engine, work) -> None:
    work.commit(rows={(1, "2011-07"): b"one", (1, ""): b"stock", (2, "2011-07"): b"two"})
    work.commit(rows={(1, "2011-07"): b"three"})
    assert work.store.load_rows(0, [(1, "2011-07"), (1, ""), (9, ""), (2, "2011-08")]) == {
        (1, "2011-07"): b"three", (1, ""): b"stock",
    }  # fmt: skip
    assert len(list(engine.reader().rows(0))) == 3


def test_a_channel_finds_all_issues_of_its_number_and_no_others(engine, work) -> None:
    work.commit(**EVERYTHING)
    reader = engine.reader()
    assert reader.numbered("desk", "7/1") == ["a", "b"]
    assert reader.numbered("热线", "七") == ["b"]
    for channel, number in (("desk", "7"), ("7/1", "desk"), ("desk", "七"), ("", ""), ("desk/7", "1")):
        assert reader.numbered(channel, number) == []


def test_a_number_leads_where_the_last_commit_says(engine, work) -> None:
    states = {"a": b"A", "b": b"B"}
    work.commit(states=states, numbers={("desk", "7", "a"): True, ("desk", "8", "b"): True})
    work.commit(states=states, numbers={("desk", "7", "a"): False, ("desk", "7", "b"): True})
    # Said again, and taken back where it never was: both change nothing.
    work.commit(states=states, numbers={("desk", "8", "b"): True, ("desk", "8", "a"): False})
    reader = engine.reader()
    assert reader.numbered("desk", "7") == reader.numbered("desk", "8") == ["b"]
    work.commit(states=states, numbers={("desk", "7", "b"): False})
    assert reader.numbered("desk", "7") == []
    assert list(reader.numbers(0)) == [("desk", "8", "b")]


def test_archived_segments_come_oldest_first(engine, work) -> None:
    for segment in (1, 2, 10):
        work.commit(archive={("a", segment): b"%d" % segment})
    assert work.store.load_archive(0, "a") == [b"1", b"2", b"10"] == engine.reader().archive("a")


def test_movements_come_in_order_and_whole(engine, work) -> None:
    chunks = [bytes([number]) * 24 * count for number, count in enumerate((1, 3_000, 1, 0, 9_000, 1))]
    for chunk in chunks:
        work.commit(movements=chunk)
    pages = list(engine.reader().movements(0))
    assert b"".join(pages) == b"".join(chunks)
    assert all(len(page) % 24 == 0 for page in pages)


def test_the_outbox_keeps_its_order_until_it_is_sent(work) -> None:
    outgoing = [Outgoing(topic, f"id{n}", "a", b"%d" % n) for n, topic in enumerate(("alert", "event") * 3)]
    work.commit(outbox=outgoing[:4])
    work.commit(outbox=outgoing[4:])
    waiting = work.store.outbox(0, 100)
    assert [one for _, one in waiting] == outgoing
    assert work.store.outbox(0, 2) == waiting[:2]
    work.store.sent(0, waiting[2][0])
    assert work.store.outbox(0, 100) == waiting[3:]


def test_a_number_of_the_outbox_is_never_given_again(work) -> None:
    # Else a worker that reports late what it sent would remove what another has not sent.
    work.commit(outbox=[ALERT])
    ((number, _),) = work.store.outbox(0, 10)
    work.store.sent(0, number)
    work.commit(outbox=[ALERT._replace(id="id2")])
    work.store.sent(0, number)
    assert [one.id for _, one in work.store.outbox(0, 10)] == ["id2"]


def test_what_is_said_to_be_sent_again_removes_no_more(work) -> None:
    work.commit(outbox=[ALERT._replace(id=f"id{number}") for number in range(6)])
    waiting = work.store.outbox(0, 10)
    for number, _ in (waiting[1], waiting[0], waiting[1]):
        work.store.sent(0, number)
    assert work.store.outbox(0, 10) == waiting[2:]


ISSUES = st.sampled_from([f"i{number}" for number in range(8)])
INSTANTS = st.integers(0, 50)
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "states": st.dictionaries(ISSUES, st.binary(max_size=40), max_size=6),
            "timers": st.dictionaries(
                ISSUES, st.one_of(st.none(), st.tuples(st.sampled_from(["", "run"]), INSTANTS))
            ),
            "late": st.dictionaries(ISSUES, INSTANTS, max_size=2),
            "orphans": st.dictionaries(ISSUES, st.one_of(st.none(), INSTANTS), max_size=2),
            "numbers": st.dictionaries(
                st.tuples(st.sampled_from(["desk", "web"]), st.sampled_from(["7", "8"]), ISSUES),
                st.booleans(),
                max_size=4,
            ),
            # What happens after the commit.
            "then": st.sampled_from(["go on", "go on", "take", "restart", "retry"]),
        }
    ),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_commits_all_is_as_dictionaries_would_have_it(engine, tmp_path_factory, steps) -> None:
    model: dict[str, dict[Any, Any]] = {"states": {}, "timers": {}, "late": {}, "orphans": {}, "numbers": {}}
    fresh = type(engine)(tmp_path_factory.mktemp("store"))
    try:
        store, reader = fresh.store(), None
        epoch = store.take(0).epoch
        for sequence, step in enumerate(steps, 1):
            parts = dict(step)
            then = parts.pop("then")
            model["states"].update(parts["states"])
            for part in ("timers", "late", "orphans"):
                # Only of an issue that has a state; tested above.
                parts[part] = {i: value for i, value in parts[part].items() if i in model["states"]}
                model[part].update(parts[part])
            numbers = parts["numbers"]
            parts["numbers"] = {key: numbers[key] for key in numbers if key[2] in parts["states"]}
            model["numbers"].update(parts["numbers"])
            commit = Commit(epoch=epoch, sequence=sequence, next_offset=sequence, ledger=b"", **parts)
            assert store.commit(0, commit) is Answer.APPLIED
            if then == "restart":
                fresh.close()
                store, reader = fresh.store(), None
            if then == "retry":
                assert store.commit(0, commit) is Answer.ALREADY_APPLIED
            if then in ("restart", "take"):
                epoch = store.take(0).epoch
            reader = reader or fresh.reader()
            assert_as_in(model, store, reader)
    finally:
        fresh.close()


def assert_as_in(model: dict[str, dict[str, Any]], store, reader) -> None:
    states, timers = model["states"], model["timers"]
    for one in (store, reader):
        assert scanned(one) == scanned(one, 2) == sorted(states.items())
    assert store.load(0, ["i1", "i5", "i9"]) == {i: s for i, s in states.items() if i in ("i1", "i5")}
    for clock in ("", "run"):
        waiting = {i: timer[1] for i, timer in timers.items() if timer is not None and timer[0] == clock}
        for until, limit in ((50, 100), (20, 100), (50, 2)):
            due = store.due(0, clock, until, limit)
            wakes = [waiting[issue] for issue, _ in due]
            assert wakes == sorted(wake for wake in waiting.values() if wake <= until)[:limit]
            assert all(states[issue] == state for issue, state in due)
            assert len(dict(due)) == len(due)
    late = {i: states[i] for i, at in model["late"].items() if at > 25}
    assert sorted(reader.late(0, 25)) == sorted(late.items())
    orphans = sorted((since, i) for i, since in model["orphans"].items() if since is not None)
    assert [(since, i) for i, since in reader.orphans(0, 100)] == orphans
    assert len(reader.orphans(0, 1)) == min(len(orphans), 1)
    numbers = sorted(key for key, holds in model["numbers"].items() if holds)
    assert sorted(reader.numbers(0)) == numbers
    assert reader.numbered("desk", "7") == [issue for *key, issue in numbers if key == ["desk", "7"]]
