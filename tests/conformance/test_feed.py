"""The feed of changes: whoever remembers how many movements were read misses none, and reads none twice."""

import time

import pytest

from livelihood.movements import ENTRY_BYTES

#: Each commit's movements carry its number, so that a gap shows.
MOVING = """
position = store.take(0)
print("ready", flush=True)
for sequence in range(position.sequence + 1, 100_000):
    entries = sequence.to_bytes(8, "little") * 3 * (1 + sequence * 37 % 500)
    store.commit(0, Commit(
        epoch=position.epoch, sequence=sequence, next_offset=sequence, ledger=b"", movements=entries))
"""


def entries(number: int, count: int) -> bytes:
    return number.to_bytes(8, "little") * 3 * count


def read(reader, after: int) -> bytes:
    pages = list(reader.movements(0, after))
    assert all(len(page) % ENTRY_BYTES == 0 for page in pages)
    return b"".join(pages)


def test_the_feed_goes_on_after_what_was_read(engine, work) -> None:
    reader = engine.reader()
    known = b""
    # Across the ends of pages of any size.
    for number, count in enumerate((1, 2_729, 1, 2_730, 5, 6_000, 3), 1):
        work.commit(movements=entries(number, count))
        new = read(reader, len(known) // ENTRY_BYTES)
        assert new == entries(number, count)
        known += new
    assert read(reader, 0) == known
    for after in (1, 2_730, 2_731, 5_460, 11_468, 11_469, 50_000):
        assert read(reader, after) == known[after * ENTRY_BYTES :]


@pytest.mark.slow
def test_the_feed_has_no_gap_while_commits_are_made(engine) -> None:
    process = engine.process(MOVING)
    assert process.stdout.readline() == "ready\n"
    reader = engine.reader()
    known = b""
    until = time.monotonic() + 2
    looks = 0
    # On a busy machine for longer: what is looked for needs looks, and commits.
    while time.monotonic() < until or looks <= 5 or reader.position(0).sequence <= 5:
        known += read(reader, len(known) // ENTRY_BYTES)
        looks += 1
    process.kill()
    process.wait()
    known += read(reader, len(known) // ENTRY_BYTES)
    last = reader.position(0).sequence
    assert known == b"".join(entries(number, 1 + number * 37 % 500) for number in range(1, last + 1))
