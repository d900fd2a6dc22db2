"""What the worker does with the log, the clock and what goes wrong."""

import msgspec
import pytest

from livelihood.effects import HANDLERS
from livelihood.events import Kind
from livelihood.instants import HOUR, MINUTE, SECOND, parse
from livelihood.ledger import pack_ledger
from livelihood.ports import IMPORT_CLOCK, Commit, Fenced, NewRecord, Unavailable
from livelihood.state import FOLD_VERSION, MOST_FACTS, pack
from streams.worker import HEARTBEAT


def reasons(town) -> list[str]:
    return [letter["reason"] for letter in town.post.letters.values()]


def test_a_deadline_raises_its_alerts_as_time_passes(town) -> None:
    town.tell("a", "submitted", service="pothole")
    town.work()
    town.pass_time(8 * HOUR)
    town.work()
    assert town.told("a") == [
        ("acceptance", "overdue"),
        ("resolution", "due_soon"),
        ("resolution", "overdue"),
        ("resolution", "escalated1"),
    ]
    assert [alert["sequence"] for alert in town.alerts_of("a")] == [1, 2, 3, 4]


def test_an_alert_says_when_it_became_true_and_when_it_was_raised(town) -> None:
    town.tell("a", "submitted", service="pothole")
    town.work()
    town.pass_time(1 * HOUR + 3 * SECOND)
    town.work()
    (alert,) = town.alerts_of("a")
    due, at, raised = (parse(alert[name]) for name in ("due", "at", "raised"))
    assert (at - due, raised - at) == (1, 3 * SECOND - 1)
    assert "stale" not in alert


def test_what_is_raised_long_after_is_marked_stale(town) -> None:
    town.tell("a", "submitted", service="pothole")
    town.work()
    town.pass_time(6 * HOUR)
    town.work()
    assert [alert.get("stale", False) for alert in town.alerts_of("a")] == [True, True]


def test_timers_fire_only_up_to_the_look_at_the_logs_end(town, batches) -> None:
    """While records are unread, the clock is theirs: the answer may be among them."""
    batches(1, 100)
    town.tell("a", "submitted", service="pothole")
    town.pass_time(30 * MINUTE)
    town.tell("a", "resolved", outcome="fixed")
    town.tell("b", "submitted", service="noise")
    town.pass_time(10 * HOUR)
    town.work()
    assert town.told("a") == []
    assert town.ledger.live == town.now


def test_an_event_received_after_the_deadline_does_not_unraise_it(town) -> None:
    town.tell("a", "submitted", service="pothole", channel="desk")
    submitted = town.now
    town.pass_time(9 * HOUR)
    town.tell("a", "resolved", submitted + 8 * HOUR - MINUTE, outcome="fixed", channel="desk")
    town.work()
    assert ("resolution", "overdue") in town.told("a")
    last = town.alerts_of("a")[-1]
    assert (last["kind"], last["reason"]) == ("cleared", "fixed")


def test_a_closing_told_late_but_within_what_its_channel_may_claim_clears_with_that_reason(town) -> None:
    town.tell("a", "submitted", service="pothole", channel="desk")
    submitted = town.now
    town.pass_time(8 * HOUR + MINUTE)
    town.work()
    assert ("resolution", "overdue") in town.told("a")
    town.tell(
        "a", "resolved", submitted + 6 * HOUR - MINUTE, outcome="fixed", channel="desk", recorded=town.now
    )
    town.work()
    cleared = [alert for alert in town.alerts_of("a") if alert["kind"] == "cleared"]
    # The claim reaches back 2 h 2 min: too far for the desk, so it counts from when it was recorded.
    assert [alert["reason"] for alert in cleared] == ["fixed", "fixed"]
    town.tell("b", "submitted", service="pothole", channel="desk")
    submitted = town.now
    town.pass_time(8 * HOUR - MINUTE)
    town.tell("b", "accepted", submitted)
    town.pass_time(MINUTE + SECOND)
    town.work()
    town.tell(
        "b", "resolved", submitted + 6 * HOUR, outcome="fixed", channel="desk", recorded=submitted + 8 * HOUR
    )
    town.work()
    assert town.alerts_of("b")[-1]["reason"] == "fixed_in_time_reported_late"


def test_a_record_in_flight_is_not_overtaken_by_a_timer(town, monkeypatch) -> None:
    """It has its stamp, but cannot be read yet when the worker looks at the clock."""
    town.tell("a", "submitted", service="pothole")
    town.work()
    town.pass_time(HOUR)
    stamp, read, look = town.now, town.log.read, town.log.look
    in_flight = [town.event("a", "accepted")._replace(received=stamp)]
    town.pass_time(SECOND)

    def look_after_its_turn(partition: int) -> int:
        # The look takes its turn after the append.
        while in_flight:
            town.log.append([in_flight.pop()])
        return look(partition)

    monkeypatch.setattr(town.log, "look", look_after_its_turn)
    town.work()
    assert town.told("a") == []
    assert read(0, 2, 1)[0].received == stamp


def test_an_idle_worker_says_that_its_tables_stand_for_now(town) -> None:
    town.work()
    before = town.ledger.live
    town.pass_time(HEARTBEAT - SECOND)
    town.work()
    assert town.ledger.live == before
    town.pass_time(2 * SECOND)
    town.work()
    assert town.ledger.live == town.now


def test_nothing_is_committed_while_there_is_nothing_to_say(town) -> None:
    town.work()
    sequence = town.reader.position(0).sequence
    town.pass_time(SECOND)
    assert town.worker.step().idle
    assert town.reader.position(0).sequence == sequence


def test_more_timers_than_fit_a_commit_leave_the_clock_behind_until_all_have_fired(town, batches) -> None:
    batches(100, 2)
    for number in range(5):
        town.tell(f"a{number}", "submitted", service="leak")
    town.work()
    before = town.ledger.live
    town.pass_time(6 * 24 * HOUR)
    raised = []
    while not town.worker.step().idle:
        raised.append(len(town.post.alerts))
        if raised[-1] < 10:
            assert town.ledger.live == before
    assert raised[-1] == 10
    assert town.ledger.live == town.now


# Imports


def test_issues_of_an_open_import_keep_its_clock(town) -> None:
    day = parse("2025-06-02T09:00:00-04:00")
    town.begin("run", day)
    town.bring("run", town.event("a", "submitted", day, service="pothole"))
    town.work()
    town.pass_time(24 * HOUR)
    town.work()
    assert town.told("a") == []
    town.bring("run", town.event("b", "submitted", day + 2 * HOUR, service="noise"))
    town.work()
    assert town.told("a") == [("acceptance", "overdue")]
    assert town.alerts_of("a")[0]["stale"]


def test_the_imports_clock_can_be_moved_without_an_event(town) -> None:
    day = parse("2025-06-02T09:00:00-04:00")
    town.begin("run", day)
    town.bring("run", town.event("a", "submitted", day, service="pothole"))
    town.mark("run", IMPORT_CLOCK, day + 7 * HOUR)
    town.work()
    assert town.told("a") == [
        ("acceptance", "overdue"),
        ("resolution", "due_soon"),
        ("resolution", "overdue"),
    ]
    assert town.ledger.runs["run"].counted == day + 7 * HOUR


def test_after_an_imports_end_its_issues_join_the_live_clock(town, batches) -> None:
    batches(3, 2)
    day = parse("2025-06-02T09:00:00-04:00")
    town.begin("run", day)
    issues = [f"a{number}" for number in range(5)]
    town.bring("run", *(town.event(issue, "submitted", day, service="leak") for issue in issues))
    town.end("run", day)
    town.work()
    for issue in issues:
        assert town.told(issue) == [("resolution", "due_soon"), ("resolution", "overdue")]
        assert town.state(issue).run == ""
    assert town.ledger.runs == {}


def test_a_live_event_brings_an_imported_issue_into_the_present(town) -> None:
    day = parse("2025-06-02T09:00:00-04:00")
    town.begin("run", day)
    town.bring("run", town.event("a", "submitted", day, service="pothole"))
    town.tell("a", "commented")
    town.work()
    assert ("resolution", "overdue") in town.told("a")


def test_a_merger_within_an_import_leaves_the_survivor_its_clock(town) -> None:
    day = parse("2025-06-02T09:00:00-04:00")
    town.begin("run", day)
    town.bring(
        "run",
        town.event("a", "submitted", day, service="pothole"),
        town.event("b", "submitted", day + HOUR // 2, service="pothole"),
        town.event("a", "merged", day + HOUR // 2, into="b"),
    )
    town.work()
    assert town.state("b").run == "run"
    assert town.state("b").issue.due == day + 6 * HOUR
    assert town.told("b") == []


# What cannot be worked on


def test_what_is_no_event_goes_once_to_the_dead_letters_and_the_rest_goes_on(town) -> None:
    good = [town.event(f"a{number}", "submitted", service="noise") for number in range(3)]
    bad = NewRecord("a", b"garbage")
    town.log.append([good[0], bad, good[1], good[2]._replace(key="elsewhere")])
    town.worker.step()
    town.restart()
    town.work()
    assert sorted(town.reader.states(["a0", "a1", "a2"])) == ["a0", "a1"]
    letters = list(town.post.letters.values())
    assert [letter["offset"] for letter in letters] == [2, 4]
    assert "key" in letters[1]["reason"]


def test_the_same_id_with_other_content_is_refused_and_a_repeat_is_not(town) -> None:
    town.tell("a", "submitted", service="noise", event_id="1")
    town.tell("a", "submitted", service="noise", event_id="1")
    town.tell("a", "submitted", service="leak", event_id="1")
    town.tell("a", "commented", event_id="1", source="/channels/other")
    town.work()
    assert [letter["offset"] for letter in town.post.letters.values()] == [3]
    assert len(town.state("a").held) == 2
    assert town.state("a").issue.service == "noise"


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1899-12-31T12:00:00Z"])
def test_a_time_no_calendar_knows_is_refused(town, moment: str) -> None:
    record = town.event("a", "submitted", service="leak")
    document = msgspec.json.decode(record.value)
    town.log.append([record._replace(value=msgspec.json.encode({**document, "time": moment}))])
    town.tell("b", "submitted", service="leak")
    town.work()
    assert sorted(town.reader.states(["a", "b"])) == ["b"]
    assert len(reasons(town)) == 1


def test_an_event_from_the_future_is_refused_though_no_edge_saw_it(town) -> None:
    town.tell("a", "submitted", town.now + 4 * MINUTE, service="leak")
    town.tell("b", "submitted", town.now + 6 * MINUTE, service="leak")
    town.work()
    assert sorted(town.reader.states(["a", "b"])) == ["a"]
    assert "future" in reasons(town)[0]


def test_an_event_the_fold_cannot_bear_is_refused_alone(town, monkeypatch) -> None:
    def fail(*_):
        raise OverflowError("no such day")

    monkeypatch.setitem(HANDLERS, Kind.PAUSED, fail)
    town.tell("a", "submitted", service="leak")
    town.tell("b", "submitted", service="leak")
    town.tell("a", "commented")
    town.tell("a", "paused", reason="waiting")
    town.tell("b", "accepted")
    town.work()
    assert town.state("b").issue.accepted is not None
    assert len(reasons(town)) == 1
    assert "could not be worked on" in reasons(town)[0]
    town.pass_time(6 * 24 * HOUR)
    town.work()
    assert ("resolution", "overdue") in town.told("b")


def test_an_issue_time_cannot_pass_for_is_given_up_and_the_others_go_on(town, monkeypatch) -> None:
    for issue in "abc":
        town.tell(issue, "submitted", service="leak")
    town.work()
    tracker = type(town.worker._taken[1]._tracker)
    advance = tracker.advance

    def fail(self, issue_id, *rest):
        if issue_id == "b":
            raise OverflowError("no such day")
        advance(self, issue_id, *rest)

    monkeypatch.setattr(tracker, "advance", fail)
    town.pass_time(6 * 24 * HOUR)
    town.work()
    assert [len(town.told(issue)) for issue in "abc"] == [2, 0, 2]
    assert [letter["issue"] for letter in town.post.letters.values()] == ["b"]


def test_a_fault_that_is_not_in_the_data_stops_the_worker(town, monkeypatch) -> None:
    town.tell("a", "submitted", service="leak")

    def unavailable(*_):
        raise Unavailable("the disk is away")

    monkeypatch.setattr(town.store, "load_rows", unavailable)
    with pytest.raises(Unavailable):
        town.work()
    monkeypatch.undo()
    town.work()
    assert town.state("a").issue.service == "leak"
    assert town.post.letters == {}


# Commits, and who owns the partition


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_commit_that_fails_is_done_again_from_what_the_store_holds(town, how: str) -> None:
    town.tell("a", "submitted", service="pothole")
    town.work()
    town.pass_time(2 * HOUR)
    town.tell("a", "commented")
    town.store.fails = how
    with pytest.raises(OSError, match=r"disk|answer"):
        town.work()
    town.work()
    assert town.told("a") == [("acceptance", "overdue")]
    assert len(town.state("a").held) == 2


@pytest.mark.parametrize("how", ["before", "after"])
def test_what_could_not_leave_leaves_later_and_counts_once(town, how: str) -> None:
    town.tell("a", "submitted", service="pothole")
    town.work()
    town.pass_time(2 * HOUR)
    town.post.fails = how
    with pytest.raises(OSError, match=r"connection|answer"):
        town.work()
    town.post.fails = "before"
    with pytest.raises(OSError, match="connection"):
        town.worker.step()
    town.work()
    assert town.told("a") == [("acceptance", "overdue")]
    assert town.store.outbox(0, 10) == []


def test_a_worker_whose_partition_was_taken_is_refused(town) -> None:
    town.tell("a", "submitted", service="pothole")
    town.work()
    other = town.another_worker()
    other.take()
    town.tell("a", "accepted")
    with pytest.raises(Fenced):
        town.work()
    while not other.step().idle:
        pass
    assert town.state("a").issue.accepted is not None


def test_a_worker_that_was_fenced_while_only_timers_fired_is_refused_too(town) -> None:
    town.tell("a", "submitted", service="pothole")
    town.work()
    town.another_worker().take()
    town.pass_time(2 * HOUR)
    with pytest.raises(Fenced):
        town.work()
    assert town.post.alerts == {}


def test_states_of_an_older_fold_are_folded_again_before_anything_else(town, batches) -> None:
    batches(100, 2)
    for number in range(5):
        town.tell(f"a{number}", "submitted", service="pothole", number=f"P{number}")
    town.work()
    position = town.store.take(0)
    ledger, states = town.ledger, {f"a{number}": town.state(f"a{number}") for number in range(5)}
    ledger.fold_version = FOLD_VERSION - 1
    for state in states.values():
        state.fold_version, state.issue.due, state.numbered = FOLD_VERSION - 1, None, ()
    commit = Commit(
        epoch=position.epoch,
        sequence=position.sequence + 1,
        next_offset=position.next_offset,
        ledger=pack_ledger(ledger),
        states={issue: pack(state) for issue, state in states.items()},
        numbers={("phone", f"P{issue[1]}", issue): False for issue in states},
    )
    town.store.commit(0, commit)
    town.restart()
    town.work()
    assert all(town.state(issue).issue.due is not None for issue in states)
    assert [town.reader.numbered("phone", f"P{number}") for number in range(5)] == [[name] for name in states]
    assert town.ledger.fold_version == FOLD_VERSION


# Bundles, mergers, projects


def test_a_child_that_comes_before_its_bundle_leaves_no_empty_orphan(town) -> None:
    town.tell("a~x", "submitted", service="noise")
    town.work()
    assert town.post.letters == {}
    assert town.reader.orphans(0, 10) == []
    town.tell("a", "submitted", service="noise", parts=["a~x", "a~y"])
    town.tell("a~x", "resolved", outcome="fixed")
    town.work()
    assert town.state("a").issue.settled is None
    town.tell("a~y", "submitted", service="noise")
    town.tell("a~y", "resolved", outcome="answered")
    town.work()
    assert town.state("a").issue.outcome == "answered"


def test_what_a_bundle_heard_of_its_parts_stays_apart_from_the_archive(town) -> None:
    town.tell("a", "submitted", service="noise", parts=["a~x"])
    town.tell("a~x", "submitted", service="noise")
    town.tell("a~x", "resolved", outcome="fixed", event_id="r")
    for _ in range(2 * MOST_FACTS):
        town.tell("a", "commented")
    town.work()
    assert town.state("a").segments > 0
    town.pass_time(MINUTE)
    changes = {"outcome": {"old": "fixed", "new": "answered"}}
    town.tell("a~x", "corrected", corrects="r", changes=changes)
    town.work()
    assert town.state("a").issue.outcome == "answered"
    assert town.reader.states(["a"]).keys() == {"a"}


@pytest.mark.parametrize("late", [False, True])
def test_a_survivor_hears_of_a_merger_whenever_it_becomes_known(town, late: bool) -> None:
    """Though the submission of what was merged comes in after the merger."""
    town.tell("b", "submitted", service="leak")
    submitted = town.event("a", "submitted", service="pothole")
    merged = town.event("a", "merged", into="b", event_id="m" * 200)
    town.log.append([merged, submitted] if late else [submitted, merged])
    town.work()
    assert town.state("b").issue.due == town.now + 6 * HOUR
    assert town.post.letters == {}
    town.restart()
    town.work()
    assert len(town.post.events) == 1


def test_an_issue_merged_into_itself_tells_nobody(town) -> None:
    town.tell("a", "submitted", service="pothole")
    town.tell("a", "merged", into="a")
    town.work()
    assert town.post.events == set()


def test_a_project_is_no_orphan(town) -> None:
    town.tell("pipes", "progress_reported", done=10)
    town.tell("unknown", "progress_reported", done=10)
    town.work()
    assert [issue for issue, _ in town.reader.orphans(0, 10)] == ["unknown"]
