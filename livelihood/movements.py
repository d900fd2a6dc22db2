"""Movements packed: the append-only ledger from which any table as of any instant is summed.

An entry is three 64-bit integers, little-endian: the instant; the dimensions' id and the shape's id
in one number, negative where the issue stops counting there; when the issue was submitted. Summing
four million of them takes about two seconds, so the past needs no second store.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from livelihood.instants import Instant

_BIG_ENDIAN = array("H", [1]).tobytes() == b"\0\1"
#: Bytes an entry takes; pages and commits hold whole entries.
ENTRY_BYTES = 24
#: The shape's id stands in the low bits of the key, below the dimensions' id + 1.
SHAPE_BITS = 31
_SHAPES = (1 << SHAPE_BITS) - 1
#: Of a key, all but the shape's id: with another in its place it is the key of the same row.
ROW_BITS = ~_SHAPES


def pack_movements(movements: Sequence[int]) -> bytes:
    """The entries of some movements (see trail.py), in order."""
    entries = array("q", movements)
    if _BIG_ENDIAN:
        entries.byteswap()
    return entries.tobytes()


def columns(page: bytes) -> "tuple[array[int], array[int], array[int]]":
    """The instants, keys and submissions of a page's entries."""
    entries = array("q")
    entries.frombytes(page)
    if _BIG_ENDIAN:
        entries.byteswap()
    return entries[0::3], entries[1::3], entries[2::3]


def key_of(dimensions: int, shape: int) -> int:
    """The key of a dimensions' id and a shape's id."""
    return (dimensions + 1) << SHAPE_BITS | shape


def split_key(key: int) -> tuple[int, int]:
    """The dimensions' id and the shape's id of a key that is not negative."""
    return (key >> SHAPE_BITS) - 1, key & _SHAPES


def counts_as_of(pages: Iterable[bytes], as_of: Instant | None) -> Iterator[tuple[int, int, int]]:
    """(dimensions' id, shape's id, how many issues count so) as of an instant, zeros left out."""
    counts: Counter[int] = Counter()
    for page in pages:
        instants, keys, _ = columns(page)
        if as_of is None or max(instants, default=as_of) <= as_of:
            counts.update(keys)
        else:
            counts.update(key for at, key in zip(instants, keys, strict=True) if at <= as_of)
    for key, count in counts.items():
        if key > 0:
            count -= counts.get(-key, 0)
        elif -key in counts:
            continue
        else:
            count, key = -count, -key
        if count:
            dimensions, shape = split_key(key)
            yield dimensions, shape, count
