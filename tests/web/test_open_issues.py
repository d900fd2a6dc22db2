"""The open issues in memory are those a look at all of them finds, whatever came in between."""

import json
import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import DAY, MINUTE, iso
from livelihood.ports import NewRecord
from tests.sites import MINGCHUAN, Site
from web.open_issues import KEPT, OpenIssues

KINDS: dict[str, dict[str, Any]] = {
    "submitted": {"service": "pothole"},
    "accepted": {},
    "transfer_offered": {"to": "water"},
    "transfer_accepted": {"to": "water"},
    "resolved": {"outcome": "fixed"},
    "reopened": {},
    "extension_asked": {"until": "2026-06-01T10:00:00+08:00", "reason": "weather"},
}
steps = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C", "C~1"]), st.sampled_from([*KINDS, "publish", "look", "wait"])),
    max_size=25,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_list_is_what_a_look_at_all_issues_finds(site: Site, steps: list[tuple[str, str]]) -> None:
    kept = OpenIssues(site.context)
    for issue, kind in steps:
        site.now[0] += MINUTE
        match kind:
            case "publish":
                standard = "five-days" if site.now[0] // MINUTE % 2 else "one-day"
                version = parse_catalogue(re.sub(r"(pothole = .*)two-days", rf"\1{standard}", MINGCHUAN))
                version = version.model_copy(update={"version": str(site.now[0]), "correction": "a test"})
                site.engine.publish(version)
            case "look":
                kept.all()
            case "wait":
                site.now[0] += KEPT + DAY
            case _:
                event = {
                    "specversion": "1.0", "type": f"livelihood.request.{kind}", "source": "/channels/window",
                    "id": str(site.now[0]), "subject": issue, "time": iso(site.now[0]), "channel": "window",
                    "data": KINDS[kind],
                }  # fmt: skip
                site.engine.log.append([NewRecord(issue.partition("~")[0], json.dumps(event).encode())])
        site.work()
    found = OpenIssues(site.context).all()
    assert sorted(kept.all(), key=lambda one: one.id) == sorted(found, key=lambda one: one.id)
