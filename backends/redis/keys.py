"""Names of keys, and how issues and instants are written in them."""

from binascii import crc32

from livelihood.instants import Instant

#: Raised when the keys change meaning; older software then refuses the data.
LAYOUT = 1
#: Whole movements of 24 bytes, and nearly 64 KiB.
PAGE_BYTES = 2_730 * 24
#: Scores are floating point, exact up to here: from the year 1684 to 2255. Before and after, no instant of
#: an issue means more than "long ago" or "not in our time".
_LATEST_SCORE = (1 << 53) - 1

#: States and stubs are in so many hashes each, so that a pass over all goes in bounded steps.
BUCKETS = 256
_DIGITS = [f"{number:02x}" for number in range(BUCKETS)]


def key_of(prefix: str, partition: int, name: str) -> str:
    """A key of a partition."""
    return f"{prefix}:{{{partition}}}:{name}"


def meta_key(prefix: str, partition: int) -> str:
    """The key of a partition's position, after which the scripts name all others."""
    return key_of(prefix, partition, "meta")


def member(issue: str) -> str:
    """An issue with two digits of its hash before it, which name the buckets it is in."""
    return _DIGITS[crc32(issue.encode()) & 255] + issue


def issue_of(member: str) -> str:
    """The issue of a member."""
    return member[2:]


def score(instant: Instant) -> int:
    """An instant as a score of a sorted set."""
    return max(-_LATEST_SCORE, min(instant, _LATEST_SCORE))


def number_field(channel: str, number: str) -> str:
    """The field of a channel's number: how long the channel's code is, that, and the number."""
    return f"{len(channel)}:{channel}{number}"


def channel_and_number(field: str) -> tuple[str, str]:
    """The channel and the number of a field."""
    length, _, rest = field.partition(":")
    return rest[: int(length)], rest[int(length) :]


def row_field(key: tuple[int, str]) -> str:
    """A row's field: its dimensions' id and its month."""
    return f"{key[0]}:{key[1]}"


def row_key(field: str) -> tuple[int, str]:
    """The row of a field."""
    dimensions, _, month = field.partition(":")
    return int(dimensions), month
