from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.sqlite import pages
from backends.sqlite.files import Database
from backends.sqlite.schema import STATE


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(st.one_of(st.integers(0, 3), st.integers(2_700, 8_200)), max_size=8))
def test_chunks_of_any_size_come_back_as_one(tmp_path_factory, monkeypatch, counts: list[int]) -> None:
    written = b""
    with Database(tmp_path_factory.mktemp("pages"), STATE) as database:
        for number, count in enumerate(counts):
            chunk = bytes([number]) * 24 * count
            with database.writing() as connection:
                end = pages.append(connection, len(written), chunk)
                connection.execute("UPDATE position SET movement_bytes = ?", (end,))
            written += chunk
            assert end == len(written)
        found = list(pages.read(database))
        assert b"".join(found) == written
        assert all(len(page) == pages.PAGE_BYTES for page in found[:-1])
        assert all(len(page) % 24 == 0 for page in found)


def test_small_commits_share_a_page(database: Database) -> None:
    end = 0
    for _ in range(200):
        with database.writing() as connection:
            end = pages.append(connection, end, bytes(24))
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM movements").fetchone() == (1,)


def test_what_is_appended_while_one_reads_is_for_the_next(database: Database) -> None:
    def append(end: int, chunk: bytes) -> int:
        with database.writing() as connection:
            end = pages.append(connection, end, chunk)
            connection.execute("UPDATE position SET movement_bytes = ?", (end,))
        return end

    end = append(0, bytes(24 * 3_000))
    reading = pages.read(database)
    first = next(reading)
    append(end, b"\x01" * 24 * 3_000)
    assert first + b"".join(reading) == bytes(24 * 3_000)
