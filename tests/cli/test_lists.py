"""`issue`, `alerts`, `orphans` and `dead-letters`."""

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cli.embedded import EmbeddedEngine
from cli.listing import _letters
from livelihood.ports import NewRecord


def test_an_issue_shows_where_it_stands_what_happened_and_how_its_deadline_came_about(
    run: Any, own_town: Any, event: Any, lines: Any
) -> None:
    ran = run("issue", "T-1001", "--data", own_town.data)
    assert ran.status == 0
    for text in (
        "Issue T-1001 · Pothole",
        "closed, on time",
        "Deadline Thu 4 Jan 2024 16:37",
        "Deadline stated by the channel: Thu 4 January 2024 16:37",
        "resolved",
        "Public Works",
        "1 h 48 min",
    ):
        assert text in ran.out
    run("publish", lines([event(data={"service": "tree"})]), "--data", own_town.data)
    assert "20 working days later" in run("issue", "H-1", "--data", own_town.data).out


def test_an_issue_as_an_object(run: Any, town: Any) -> None:
    shown = run("issue", "T-1299", "--data", town.data, "--format", "json").json
    assert (shown["issue"], shown["state"], shown["service"]) == ("T-1299", "submitted", "tree")
    assert shown["deadline"]["due"] == "2024-04-29T03:42:00-05:00"
    assert [step["code"] for step in shown["deadline"]["steps"]] == ["opened", "stated"]
    assert all(step["text"] for step in shown["deadline"]["steps"])
    assert [entry["kind"] for entry in shown["timeline"]] == ["submitted"]
    assert shown["held"][0]["department"] == "parks-and-forestry"
    assert shown["held"][0]["working_seconds"] < shown["held"][0]["elapsed_seconds"]
    assert [alert["kind"] for alert in shown["alerts"]] == ["due_soon", "overdue"]


def test_an_issue_as_of_an_instant_knows_nothing_of_later(run: Any, town: Any) -> None:
    shown = run("issue", "T-1299", "--as-of", "2024-04-25", "--data", town.data, "--format", "json").json
    assert [alert["kind"] for alert in shown["alerts"]] == ["due_soon"]
    assert shown["as_of"] == "2024-04-25T00:00:00-05:00"
    ran = run("issue", "T-1299", "--as-of", "2024-01-01", "--data", town.data)
    assert ran.status == 1
    assert "There is no issue 'T-1299' in" in ran.err


def test_an_unknown_issue_is_said_to_be_none(run: Any, town: Any) -> None:
    ran = run("issue", "T-77", "--data", town.data)
    assert (ran.status, ran.out) == (1, "")
    assert f"There is no issue 'T-77' in {town.data}." in ran.err


def test_alerts_are_listed_by_time_the_newest_last(run: Any, town: Any) -> None:
    all_ = run("alerts", "--data", town.data, "--format", "json").json
    assert len(all_) > 50
    raised = [datetime.fromisoformat(alert["raised"]) for alert in all_]
    assert raised == sorted(raised)
    ran = run("alerts", "--data", town.data)
    assert len(ran.out.splitlines()) == 50
    assert f"50 of {len(all_)} alerts, the newest; --limit 0 for all." in ran.err
    assert len(run("alerts", "--data", town.data, "--limit", "0").out.splitlines()) == len(all_)
    assert run("alerts", "--data", town.data, "--limit", "2", "--format", "json").json == all_[-2:]


def test_alerts_of_the_same_moment_are_listed_by_issue(
    run: Any, own_town: Any, event: Any, lines: Any
) -> None:
    then = "2024-05-01T09:00:00-05:00"
    told = [event(subject=issue, recorded=then) for issue in ("Z-3", "Z-1", "Z-2")]
    assert run("publish", lines(told), "--data", own_town.data).status == 0
    all_ = run("alerts", "--kind", "overdue", "--data", own_town.data, "--format", "json").json
    assert [alert["issue"] for alert in all_[-3:]] == ["Z-1", "Z-2", "Z-3"]


def test_an_alert_names_service_department_and_area_by_their_titles(run: Any, town: Any) -> None:
    ran = run("alerts", "--kind", "overdue", "--limit", "3", "--data", town.data)
    assert "T-1299 Tree · Parks and Forestry · Mill District" in ran.out


def test_alerts_are_narrowed_by_kind_and_time(run: Any, town: Any) -> None:
    overdue = run("alerts", "--kind", "overdue", "--data", town.data, "--format", "json").json
    assert {alert["kind"] for alert in overdue} == {"overdue"}
    since = run("alerts", "--since", "2024-03-01", "--data", town.data, "--format", "json").json
    assert since
    assert all(alert["raised"] >= "2024-03-01T06:00:00Z" for alert in since)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kind", "late"], "--kind: there is no alert 'late'; choose from due_soon, overdue"),
        (["--since", "then"], "--since: 'then' is no date or time"),
    ],
)
def test_what_is_wrong_is_named(run: Any, town: Any, arguments: list[str], said: str) -> None:
    ran = run("alerts", "--data", town.data, *arguments)
    assert ran.status == 2
    assert said in ran.err


def test_without_orphans_or_dead_letters_that_is_said(run: Any, town: Any) -> None:
    assert "No orphans" in run("orphans", "--data", town.data).out
    assert "No dead letters" in run("dead-letters", "--data", town.data).out


def test_a_project_is_no_orphan(run: Any, own_town: Any, event: Any, lines: Any) -> None:
    text = own_town.catalogue.read_text().replace(
        'version = "draft"', 'version = "2"\ncorrection = "a project"'
    )
    project = """
[projects.playgrounds]
title = "Playgrounds"
amount = 40
unit = "playgrounds"
start = 2024-01-01T00:00:00-06:00
due = 2030-12-31T00:00:00-06:00
"""
    own_town.catalogue.write_text(text + project)
    assert run("catalogue", "publish", own_town.catalogue, "--data", own_town.data).status == 0
    report = event("progress_reported", subject="playgrounds", data={"done": 12.0, "verified": 10.0})
    assert run("publish", lines([report]), "--data", own_town.data).status == 0
    assert run("orphans", "--data", own_town.data, "--format", "json").json == []
    *_, shown = run("table", "--data", own_town.data, "--format", "json").json
    assert (shown["commitment"], shown["done"], shown["verified"], shown["target"]) == (
        "playgrounds",
        12,
        10,
        40,
    )
    assert "playgrounds" in run("table", "playgrounds", "--data", own_town.data).out


def test_a_dead_letter_is_listed_with_its_reason(run: Any, own_town: Any) -> None:
    with EmbeddedEngine(own_town.data) as engine:
        engine.log.append([NewRecord("X-1", b'{"no": "event"}')])
    assert run("publish", "-", "--data", own_town.data, given="").status == 0
    (letter,) = run("dead-letters", "--data", own_town.data, "--format", "json").json
    assert letter["key"] == "X-1"
    assert letter["reason"]
    shown = run("dead-letters", "--data", own_town.data)
    assert "X-1" in shown.out
    assert json.dumps(letter["offset"]) in shown.out


def test_the_newest_dead_letters_are_those_of_all_partitions() -> None:
    received = [[1, 4, 6], [2, 3, 5]]

    class Topics:
        partitions = 2

        def outgoing(
            self, topic: str, partition: int, after: int, limit: int
        ) -> list[tuple[int, str, bytes]]:
            at = enumerate(received[partition], 1)
            return [(place, "", json.dumps({"received": one}).encode()) for place, one in at if place > after]

    letters, count = _letters(SimpleNamespace(topics=Topics()), 4)  # type: ignore[arg-type]
    assert ([letter["received"] for letter in letters], count) == ([3, 4, 5, 6], 6)
