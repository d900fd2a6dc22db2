"""Calendars, read back by a library that knows nothing of ours."""

from datetime import UTC, datetime
from typing import Any

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from consumers.deadlines.ical import Entry, calendar_of
from livelihood.instants import MINUTE, SECOND, from_datetime

NOW = from_datetime(datetime(2026, 3, 4, 2, 0, tzinfo=UTC))
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)
#: Of the calendar itself the library gives a name as it is written.
titles = st.text("Roads 道路，", max_size=80)
entries = st.builds(
    Entry,
    id=st.uuids().map(lambda one: f"{one}@livelihood"),
    at=st.integers(0, 4_000_000_000).map(lambda seconds: seconds * SECOND),
    title=texts,
    description=texts,
    link=st.just("https://town.example/issues/P-1"),
    changed=st.just(NOW - MINUTE),
    categories=st.lists(texts.filter(bool), max_size=2).map(tuple),
)


def shown(text: str) -> str:
    """What can be shown of a text."""
    return "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or one.isprintable())


@given(title=titles, made=st.lists(entries, max_size=5))
def test_whatever_is_in_the_texts_comes_back_and_nothing_else(title: str, made: list[Entry]) -> None:
    document = calendar_of(title, made, NOW)
    assert all(len(line) <= 75 for line in document.split(b"\r\n"))
    assert b"\n" not in document.replace(b"\r\n", b"")
    calendar: Any = icalendar.Calendar.from_ical(document)
    assert str(calendar["NAME"]) == title
    events = calendar.walk("VEVENT")
    assert len(events) == len(made)
    for event, entry in zip(events, made, strict=True):
        assert not event.errors
        assert str(event["UID"]) == entry.id
        assert from_datetime(event.decoded("DTSTART")) == entry.at
        assert from_datetime(event.decoded("DTSTAMP")) == NOW
        assert str(event["SUMMARY"]) == shown(entry.title)
        assert str(event["DESCRIPTION"]) == shown(entry.description)
        assert str(event["URL"]) == entry.link
        assert event["TRANSP"] == "TRANSPARENT"
