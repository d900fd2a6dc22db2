"""What stands is what was told and not cleared; counted, with what nobody has said to act on."""

import json
import random
from collections import Counter
from typing import Any

import msgspec

from consumers.feed.filters import AlertFilter
from consumers.feed.standing import LATE, Standings, count
from livelihood.alerts import Alert
from livelihood.instants import HOUR, SECOND, iso, parse
from livelihood.ports import NewRecord
from tests.sites import Site
from web.accounts import Role
from web.open_issues import OpenIssues

KINDS: dict[str, dict[str, Any]] = {
    "accepted": {},
    "transfer_offered": {"to": "water"},
    "transfer_accepted": {"to": "water"},
    "paused": {"reason": "waiting-for-person"},
    "resumed": {},
    "acknowledged": {},
    "resolved": {"outcome": "fixed"},
    "reopened": {},
    "rejected": {"reason": "no-legal-basis"},
}
SERVICES = ("pothole", "street-light", "manhole", "lift", "elderly-allowance", "question")


def publish(site: Site, issue: str, kind: str, data: dict[str, Any]) -> None:
    event = {
        "specversion": "1.0", "type": f"livelihood.request.{kind}", "source": "/channels/wechat",
        "id": f"{issue}-{kind}-{site.now[0]}", "subject": issue, "time": iso(site.now[0]),
        "channel": "wechat", "data": data,
    }  # fmt: skip
    site.engine.log.append([NewRecord(issue, json.dumps(event).encode())])


def told(site: Site) -> set[tuple[str, str, str, int]]:
    """Issue, obligation, kind and level of what was told and not cleared."""
    standing: dict[tuple[str, str, Any], set[tuple[str, int]]] = {}
    for _, _, document in site.engine.topics.outgoing("alert", 0, 0, 1_000_000):
        alert = msgspec.json.decode(document, type=Alert)
        about = (alert.issue, alert.obligation, alert.due)
        if alert.kind == "cleared":
            del standing[about]
        else:
            standing.setdefault(about, set()).add((alert.kind, alert.level))
    found = {(*about[:2], *one) for about, ones in standing.items() for one in ones}
    # What is overdue is due soon no more.
    late = {one[0] for one in found if one[1:3] == ("resolution", "overdue")}
    return {one for one in found if not (one[2] == "due_soon" and one[0] in late)}


def test_what_stands_is_what_was_told_and_not_cleared(site: Site) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    standings = Standings(OpenIssues(site.context).all, site.context.catalogue, site.context.clock)
    issues: list[str] = []
    seen: Counter[str] = Counter()
    for step in range(160):
        site.now[0] += chance.randrange(8 * HOUR)
        if len(issues) < 40 and chance.random() < 0.4:
            issues.append(f"P-{step}")
            publish(site, issues[-1], "submitted", {"service": chance.choice(SERVICES)})
        elif issues:
            kind = chance.choice(list(KINDS))
            publish(site, chance.choice(issues), kind, KINDS[kind])
        site.work()
        now, found = standings.now()
        assert now == site.now[0]
        shown = {(one.one.id, one.alarm.obligation, one.alarm.kind, one.alarm.level) for one in found}
        assert shown == told(site), f"seed {seed}, step {step}"
        seen.update(one[2] for one in shown)
        counted = count(found)
        assert counted.standing == len(shown) == sum(counted.both.values())
        assert counted.by_kind == dict(Counter(one[2] for one in shown))
        late = {one.one.id for one in found if one.alarm.kind in LATE and one.one.issue.acknowledged is None}
        assert {one.one.id for one in counted.unacknowledged} == late
        ages = [one.alarm.at for one in counted.unacknowledged]
        assert ages == sorted(ages)
    assert {"due_soon", "overdue", "escalated"} <= set(seen), f"seed {seed}"


def test_a_filter_of_alerts_narrows_what_stands_too(site: Site) -> None:
    for issue, service in (("P-1", "pothole"), ("L-1", "lift")):
        publish(site, issue, "submitted", {"service": service})
    site.work()
    site.wait(400 * HOUR)
    standings = Standings(OpenIssues(site.context).all, site.context.catalogue, site.context.clock)
    _, found = standings.now()
    of_housing = count(found, AlertFilter(department=frozenset({"housing"})))
    assert set(of_housing.by_department) == {"housing"}
    wanted = AlertFilter(kind=frozenset({"overdue"}), obligation=frozenset({"acceptance"}))
    assert count(found, wanted).both == {("overdue", "streets"): 1, ("overdue", "housing"): 1}


def test_counts_say_what_waits_and_since_when_and_metrics_say_the_same(site: Site) -> None:
    site.add_account("supervisor", Role.SUPERVISOR, "streets")
    publish(site, "P-1", "submitted", {"service": "pothole"})
    publish(site, "P-2", "submitted", {"service": "pothole"})
    site.work()
    submitted = site.now[0]
    for one in ("P-1", "P-2"):
        publish(site, one, "accepted", {})
    site.work()
    site.wait(60 * HOUR)
    browser = site.browser("supervisor")
    answer = browser.get("/v1/alerts/counts").json()
    assert answer["by_kind"] == {"overdue": 2}
    assert answer["by_department"] == {"streets": 2}
    assert answer["by_kind_and_department"] == [{"kind": "overdue", "department": "streets", "count": 2}]
    unheard = answer["unacknowledged"]
    assert unheard["issues"] == 2
    alerts = browser.get("/v1/alerts?kind=overdue").json()["alerts"]
    at = parse(alerts[0]["at"])
    assert submitted < at < site.now[0]
    assert unheard["oldest_age_seconds"] == (site.now[0] - at) // SECOND
    assert [one["issue"] for one in unheard["oldest"]] == ["P-1", "P-2"]
    publish(site, "P-1", "acknowledged", {})
    site.work()
    after = browser.get("/v1/alerts/counts").json()
    assert after["by_kind"] == {"overdue": 2}
    assert [one["issue"] for one in after["unacknowledged"]["oldest"]] == ["P-2"]
    numbers = browser.get("/metrics").text
    assert 'livelihood_standing_alerts{department="streets",kind="overdue"} 2.0' in numbers
    assert 'livelihood_unacknowledged_issues{department="streets"} 1.0' in numbers
    name = "livelihood_unacknowledged_oldest_seconds{"
    (age,) = (line for line in numbers.splitlines() if line.startswith(name))
    assert float(age.split()[-1]) == (site.now[0] - at) / SECOND
