"""The calendar of a subscription: what it would hear of, were it missed, at an address nobody guesses."""

from datetime import datetime
from typing import Any

import icalendar

from livelihood.instants import DAY, HOUR, Instant, from_datetime
from tests.consumers.subscriptions.conftest import Program, Receiver, receiver, town
from tests.consumers.subscriptions.test_interface import subscribe
from tests.producers.acting.conftest import Town

# Fixtures are found by their names here.
__all__ = ["Receiver", "receiver", "town"]


def read(town: Town, address: str) -> list[tuple[str, Instant, str]]:
    """Summary, instant and id of each entry, for whoever has the address and nothing else."""
    answer = town.site.browser().get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar: Any = icalendar.Calendar.from_ical(answer.content)
    found = []
    for event in calendar.walk("VEVENT"):
        assert str(event["URL"]).startswith(town.site.context.public_url + "/issues/")
        at = event.decoded("DTSTART")
        assert isinstance(at, datetime)
        found.append((str(event["SUMMARY"]), from_datetime(at), str(event["UID"])))
    return found


def happen(town: Town, issue: str, kind: str, **data: object) -> None:
    town.publish(issue, kind, town.site.now[0], **data)
    town.site.work()


def address_of(program: Program, made: Any) -> str:
    return str(program("GET", f"/{made['id']}").json()["calendar"])


def test_deadlines_to_come_are_in_the_calendar_and_leave_it(town: Town, receiver: Receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(program, receiver, wanted={"departments": ["streets"]}, language="zh", title="道路")
    address = address_of(program, made)
    assert read(town, address) == []
    now = town.site.now[0]
    for issue, service in (("P-1", "pothole"), ("D-1", "blocked-drain")):
        happen(town, issue, "submitted", service=service, area="riverside")
    # Wednesday, 10:00: to be accepted within four working hours, resolved within two working days.
    accept, resolve = read(town, address)
    assert (accept[0], accept[1] - now) == ("待受理：道路坑洼 P-1", 5 * HOUR + HOUR // 2)
    assert (resolve[0], resolve[1] - now) == ("到期：道路坑洼 P-1", 2 * DAY)
    happen(town, "P-1", "accepted")
    assert read(town, address) == [resolve]
    town.site.wait(HOUR)
    happen(town, "P-1", "paused", reason="weather")
    town.site.wait(HOUR // 2)
    happen(town, "P-1", "resumed")
    (moved,) = read(town, address)
    # The same entry, elsewhere.
    assert moved[1] > resolve[1]
    assert moved[2] == resolve[2]
    happen(town, "P-1", "resolved", outcome="fixed")
    assert read(town, address) == []


def test_what_has_passed_is_no_deadline_to_come(town: Town, receiver: Receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(program, receiver, wanted={"departments": ["streets"], "kinds": ["escalated"]})
    address = address_of(program, made)
    happen(town, "P-1", "submitted", service="pothole")
    # Of acceptance nothing is escalated.
    assert [one[0] for one in read(town, address)] == ["Due: Pothole P-1"]
    town.site.wait(3 * DAY)
    assert read(town, address) == []


def test_an_address_of_nobodys_and_one_of_what_was_removed_open_nothing(town, receiver) -> None:
    program = Program(town, "wang")
    made = subscribe(program, receiver)
    address = address_of(program, made)
    identity = made["id"]
    browser = town.site.browser()
    end = receiver.got[0].body.partition("/subscriptions/end/")[2].partition('"')[0]
    assert end.startswith(identity)
    for token in (identity, f"{identity}.", f"{identity}.{'0' * 40}", "x", end):
        # What ends a subscription does not open its calendar, nor the other way about.
        assert browser.get(f"/calendars/{token}.ics").status_code == 404
    assert browser.get(address).status_code == 200
    assert program("DELETE", f"/{identity}").status_code == 204
    assert browser.get(address).status_code == 404


def test_a_calendar_without_a_title_is_named_by_the_place(town: Town, receiver: Receiver) -> None:
    program = Program(town, "wang")
    for title, name in (("道路", "道路"), ("", "明川市民生承诺")):
        made = subscribe(program, receiver, language="zh", title=title)
        answer = town.site.browser().get(address_of(program, made))
        calendar: Any = icalendar.Calendar.from_ical(answer.content)
        assert [str(calendar[key]) for key in ("NAME", "X-WR-CALNAME")] == [name, name]
