"""Figures that were shown before and are others now: old and new stand beside each other."""

import json
import re

from livelihood.catalogue_reading import parse_catalogue
from livelihood.envelope import parse_event
from livelihood.instants import DAY, HOUR, iso
from livelihood.ports import NewRecord
from tests.sites import MINGCHUAN, Site


def say(site: Site, kind: str, at: int, **data: str) -> None:
    """Something is said to have happened at an instant, and is recorded now."""
    document = {
        "specversion": "1.0", "type": f"livelihood.request.{kind}", "source": "/channels/window",
        "id": kind, "subject": "R-1", "time": iso(at), "channel": "window", "data": data,
    }  # fmt: skip
    event = parse_event(json.dumps(document), site.now[0])
    site.engine.log.append([NewRecord(event.key, event.to_json())])
    site.work()


def deleted(html: str, count: str) -> list[str]:
    """What is struck through beside a figure of a commitment's own page."""
    own = html[html.index('data-line="streets"') :]
    before = own[: own.index(f'data-count="{count}"')].rpartition("<p class=")[2]
    return [text.strip() for text in re.findall(r"</span>\s*([^<]+)</del>", before)]


def test_what_became_known_only_later_stands_beside_what_was_known_then(site: Site) -> None:
    asked = site.now[0]
    say(site, "submitted", asked, service="pothole", area="riverside")
    site.wait(6 * DAY)
    then = site.now[0]
    # The window may claim a day back: it was resolved before, and overdue by what was known.
    site.wait(12 * HOUR)
    say(site, "resolved", then - 2 * HOUR, outcome="fixed")
    path = f"/commitments/streets?as_of={iso(then).replace('+', '%2B')}"
    html = site.browser().get(path).text
    assert deleted(html, "overdue") == ["1"]
    assert deleted(html, "open") == ["1"]
    assert deleted(html, "received") == []
    assert "Figures struck through are as they were known at that instant" in html
    known = site.browser().get(f"{path}&known=then").text
    assert "by what was known then" in known
    assert "<del" not in known
    # Of now there is nothing to compare.
    assert "<del" not in site.browser().get("/commitments/streets").text


def test_a_correction_of_the_catalogue_is_said_and_leads_to_old_and_new(site: Site) -> None:
    say(site, "submitted", site.now[0], service="pothole", area="riverside")
    site.wait(6 * DAY)
    version = 'version = "2026-02"\ncorrection = "five days were meant"'
    corrected = MINGCHUAN.replace('version = "2026-01"', version)
    corrected = corrected.replace('{limit = "2 working_days"}', '{limit = "25 working_days"}')
    assert corrected.count("25 working_days") == 1
    site.engine.publish(parse_catalogue(corrected))
    site.work()
    html = site.browser().get("/commitments/streets").text
    assert "five days were meant" in html
    link = re.search(r'five days were meant.*?<a href="([^"]+)"', html, re.DOTALL)
    assert link
    then = site.browser().get(link[1].replace("&amp;", "&")).text
    assert deleted(then, "overdue") == ["1"]
