"""The list of who was forgotten, kept with the data of either engine, and copied with them."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from backends.kafka.connection import Connection
from backends.kafka.forgotten import KafkaForgotten
from backends.kafka.rekeying import rekey
from backends.kafka.topics import init
from backends.vaults.forgotten_file import ForgottenFile
from livelihood.ports import Unavailable
from livelihood.safekeeping import ForgottenList

ENTRIES = [b'{"persons": ["%d"], "names": []}' % number for number in range(30)]


@pytest.fixture
def connection(kafka_server: str) -> Connection:
    made = Connection(kafka_server, f"t{uuid.uuid4().hex}")
    init(made, partitions=2)
    return made


@pytest.fixture(params=["file", "topic"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], ForgottenList]]:
    """Opens the list, as another process would."""
    if request.param == "file":
        yield lambda: ForgottenFile(tmp_path)
        return
    connection, held = request.getfixturevalue("connection"), []

    def open_topic() -> ForgottenList:
        held.append(closing(KafkaForgotten(connection)))
        return held[-1].__enter__()

    yield open_topic
    for one in held:
        one.__exit__(None, None, None)


def test_entries_are_read_in_order_by_whoever_opens_it(opened: Callable[[], ForgottenList]) -> None:
    first, second = opened(), opened()
    assert first.entries() == second.entries() == []
    for number, entry in enumerate(ENTRIES):
        (first, second)[number % 2].append(entry)
    assert first.entries() == second.entries() == opened().entries() == ENTRIES


def test_where_the_topic_is_missing_it_is_said_what_makes_it(kafka_server: str) -> None:
    with pytest.raises(Unavailable, match="stack init"):
        KafkaForgotten(Connection(kafka_server, f"t{uuid.uuid4().hex}"))


def test_a_log_copied_to_more_partitions_has_the_list_as_well(connection: Connection) -> None:
    with closing(KafkaForgotten(connection)) as forgotten:
        for entry in ENTRIES[:3]:
            forgotten.append(entry)
    target = Connection(connection.servers, f"{connection.prefix}-2")
    rekey(connection, target, partitions=3)
    with closing(KafkaForgotten(target)) as copied:
        assert copied.entries() == ENTRIES[:3]
