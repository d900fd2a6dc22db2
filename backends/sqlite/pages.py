"""Movements in pages: appended a commit at a time, read a page at a time.

Pages have one size, so that where the bytes end is where the next go, and a commit of one movement
writes into the last page instead of adding a row.
"""

from collections.abc import Iterator
from sqlite3 import Connection

from backends.sqlite.files import Database

#: Whole movements of 24 bytes, and nearly 64 KiB.
PAGE_BYTES = 2_730 * 24


def append(connection: Connection, end: int, chunk: bytes) -> int:
    """Within a transaction: append after the `end` bytes there are; how many there are then."""
    page, used = divmod(end, PAGE_BYTES)
    written = 0
    if used and chunk:
        part = chunk[: PAGE_BYTES - used]
        # Writes the bytes alone; an UPDATE would write the page whole.
        with connection.blobopen("movements", "entries", page) as entries:
            entries.seek(used)
            entries.write(part)
        page, written = page + 1, len(part)
    while written < len(chunk):
        part = chunk[written : written + PAGE_BYTES]
        connection.execute("INSERT INTO movements VALUES (?, ?)", (page, part.ljust(PAGE_BYTES, b"\0")))
        page, written = page + 1, written + len(part)
    return end + len(chunk)


def read(database: Database, begin: int = 0) -> Iterator[bytes]:
    """All movements from a byte on, in order, in pages; those there are at the first look.

    Movements are only ever added, so no transaction need be kept open between the pages.
    """
    with database.reading() as connection:
        (end,) = connection.execute("SELECT movement_bytes FROM position").fetchone()
    for page in range(begin // PAGE_BYTES, -(-end // PAGE_BYTES)):
        with database.reading() as connection:
            (entries,) = connection.execute(
                "SELECT entries FROM movements WHERE page = ?", (page,)
            ).fetchone()
        first = page * PAGE_BYTES
        yield entries[max(begin - first, 0) : end - first]
