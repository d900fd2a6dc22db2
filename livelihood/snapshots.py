"""Reading what is of one moment, also from an engine that cannot hold a moment for a reader."""

from collections.abc import Callable
from typing import TypeVar

from livelihood.ports import Moved, Reader, Unavailable

#: How often it is read again. A commit comes every few hundred milliseconds at most.
LOOKS = 50

Found = TypeVar("Found")


def of_one_moment(reader: Reader, read: Callable[[], Found]) -> Found:
    """What `read` reads, all of it of one moment; read again where work went on meanwhile.

    Unavailable where that never succeeds.
    """
    for _ in range(LOOKS):
        try:
            with reader.snapshot():
                found = read()
        except Moved:
            continue
        return found
    raise Unavailable(
        "work goes on faster than this can be read; ask for an instant that has passed, or try again later"
    )
