"""Where a stream of changes stands: of which data, shown how, and how many movements of each partition."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

#: Partitions a stream may be of: no city has more.
_ID = re.compile(r"[0-9a-f]{12}\.\d{1,18}(-\d{1,18}){0,4095}", re.ASCII)


class Place(NamedTuple):
    """The same place, the same table, on whatever server."""

    #: Names the data and the catalogue: another one may show issues in other lines, though nothing moved.
    data: str
    #: Of each partition, how many movements are told.
    counted: tuple[int, ...]

    def __str__(self) -> str:
        """As an event's id."""
        return f"{self.data}.{'-'.join(map(str, self.counted))}"

    def has_reached(self, other: "Place") -> bool:
        """Whether all that the other tells is told here; both of the same data."""
        return all(here >= there for here, there in zip(self.counted, other.counted, strict=True))

    def is_of(self, other: "Place") -> bool:
        """Whether both count the same data."""
        return self.data == other.data and len(self.counted) == len(other.counted)


class NoPlace(ValueError):
    """An id that no stream gave out."""


def place_of(text: str) -> Place:
    """The place of an id; NoPlace where it is none of ours."""
    if not _ID.fullmatch(text):
        raise NoPlace("expected the id of an event, as a stream gave it")
    data, _, counted = text.partition(".")
    return Place(data, tuple(map(int, counted.split("-"))))


def data_of(parts: Sequence[str]) -> str:
    """The name of data: of the catalogue that shows them, and of when each partition's were born."""
    return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()
