"""The outbox: what each commit sends out, kept as one piece till the log has acknowledged all of it."""

from collections.abc import Sequence
from sqlite3 import Connection

import msgspec

from livelihood.ports import Outgoing

_WAITING = "SELECT last, packed, sent FROM outbox CROSS JOIN position WHERE last > sent ORDER BY last"

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Outgoing]).decode


def put(connection: Connection, outgoing: Sequence[Outgoing], sent: int) -> None:
    """Within a transaction: add what a commit sends; numbers up to `sent` were acknowledged before."""
    if outgoing:
        # A number is never given again: a worker that lost its place may still report one as sent.
        last = max(_last(connection) or 0, sent) + len(outgoing)
        connection.execute("INSERT INTO outbox VALUES (?, ?)", (last, _pack(outgoing)))


def waiting(connection: Connection, limit: int) -> list[tuple[int, Outgoing]]:
    """What is not acknowledged, oldest first, each with its number; at most so many."""
    found: list[tuple[int, Outgoing]] = []
    rows = connection.execute(_WAITING)
    for last, packed, sent in rows:
        outgoing = _unpack(packed)
        numbered = enumerate(outgoing, last - len(outgoing) + 1)
        found += [one for one in numbered if one[0] > sent]
        if len(found) >= limit:
            break
    rows.close()
    return found[:limit]


def remove(connection: Connection, through: int) -> None:
    """Within a transaction: all up to and with a number was acknowledged."""
    last = _last(connection)
    if last is not None:
        connection.execute("UPDATE position SET sent = max(sent, ?)", (min(through, last),))
        connection.execute("DELETE FROM outbox WHERE last <= ?", (through,))


def _last(connection: Connection) -> int | None:
    (last,) = connection.execute("SELECT max(last) FROM outbox").fetchone()
    return None if last is None else int(last)
