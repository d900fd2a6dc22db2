"""Where a stream of changes stands: one place per partition, and the id that says all of them."""

import re
from typing import NamedTuple

_ID = re.compile(r"\d{1,18}-\d{1,3}-\d{1,18}(\.\d{1,18}-\d{1,3}-\d{1,18})*", re.ASCII)


class Place(NamedTuple):
    """How far a partition has been told."""

    #: The first record of the log not told, and how many of its changes were told nevertheless.
    offset: int
    told: int
    #: The last alert told.
    alert: int


#: Of each partition, in order.
Places = tuple[Place, ...]


class NoPlaces(ValueError):
    """An id that no stream of these partitions gave out; the message says what to do."""


def text_of(places: Places) -> str:
    """The id of a stream's places."""
    return ".".join("-".join(map(str, place)) for place in places)


def places_of(text: str, partitions: int) -> Places:
    """The places of an id. NoPlaces where it is none of ours."""
    if not _ID.fullmatch(text):
        raise NoPlaces("expected the id of a change, as a stream or an answer gave it")
    places = tuple(Place(*map(int, part.split("-"))) for part in text.split("."))
    if len(places) != partitions:
        raise NoPlaces(
            f"this id is of {len(places)} partitions, and there are {partitions} now: the data were moved."
            " Begin anew without one"
        )
    return places


def is_at_or_after(places: Places, others: Places) -> bool:
    """Whether all of the others was told."""
    return all(one[:2] >= other[:2] and one[2] >= other[2] for one, other in zip(places, others, strict=True))


def latest(places: Places, others: Places) -> Places:
    """What was told by the one or the other."""
    return tuple(
        Place(*max(one[:2], other[:2]), max(one[2], other[2]))
        for one, other in zip(places, others, strict=True)
    )
