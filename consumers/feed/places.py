"""Where a reader of the feed stands: one place per partition, and the id that says all of them."""

import re

#: Of each partition, in order, the place of the last alert told.
Places = tuple[int, ...]

_ID = re.compile(r"\d{1,18}(\.\d{1,18})*", re.ASCII)


class NoPlaces(ValueError):
    """An id that no feed of these partitions gave out; the message says what to do."""


def text_of(places: Places) -> str:
    """The id of a reader's places."""
    return ".".join(map(str, places))


def places_of(text: str, partitions: int) -> Places:
    """The places of an id. NoPlaces where it is none of ours."""
    if not _ID.fullmatch(text):
        raise NoPlaces("expected the id of an alert's place, as a stream or an answer gave it")
    places = tuple(map(int, text.split(".")))
    if len(places) != partitions:
        raise NoPlaces(
            f"this id is of {len(places)} partitions, and there are {partitions} now: the data were moved."
            " Begin anew without one"
        )
    return places


def latest(places: Places, others: Places) -> Places:
    """What was told by the one or the other."""
    return places if places == others else tuple(map(max, places, others))
