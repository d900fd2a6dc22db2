"""What leaves, exactly once: alerts, dead letters, and events that go back into the log."""

from collections.abc import Iterator, Sequence

import msgspec

from backends.checks import check_outgoing, check_records
from backends.kafka.connection import Connection
from backends.kafka.ends import Ends
from backends.kafka.progress import Progress, Told
from backends.kafka.reading import PartitionReader
from backends.kafka.records import ID, NewMessage, header, headers_of, message_of
from backends.kafka.topics import ALERTS, DEAD_LETTERS, REQUESTS
from backends.kafka.writing import Transactions
from livelihood.ports import NewRecord, Outgoing, Outlet

#: Where each kind leaves to.
TOPIC_OF = {"alert": ALERTS, "dead_letter": DEAD_LETTERS}
#: Ids read at a time.
_STEP = 10_000


class KafkaOutlet(Outlet):
    """Writes each call's outbox and how far it has come in one transaction, which readers see or do not.

    Several threads may publish, each for partitions of its own.
    """

    def __init__(self, connection: Connection) -> None:
        """Connects when first used."""
        self._connection = connection
        self._lanes: dict[int, _Lane] = {}

    def publish(self, partition: int, born: str, waiting: Sequence[tuple[int, Outgoing]]) -> None:
        """Durable, in order, once this returns; what was published before changes nothing.

        Fenced when another worker has taken the partition's outlet; Unavailable when it is not known
        what became of it, and publishing the same again is right. ValueError: nothing was published.
        """
        outgoing = [one for _, one in waiting]
        check_outgoing(outgoing)
        check_records([NewRecord(one.key, one.value) for one in outgoing if one.topic == "event"])
        if not waiting:
            return
        # Taken out for the time: after an error nobody goes on with it.
        lane = self._lanes.pop(partition, None) or _Lane(self._connection, partition)
        lane.publish(born, waiting)
        self._lanes[partition] = lane

    def close(self) -> None:
        """Give the connections back."""
        self._lanes.clear()


class _Lane:
    """The outlet of one partition, owned."""

    def __init__(self, connection: Connection, partition: int) -> None:
        """Become the owner: nobody else's transaction is open, or will be, while this one goes on."""
        self._connection = connection
        self._partition = partition
        self._ends = Ends(connection)
        self._transactions = Transactions(connection, self._ends, f"outlet.{partition}")
        self._progress = Progress(connection, self._ends)
        self._told = self._progress.told(partition)
        self._progress.close()
        #: While data made anew may say again what was said before: all that was, by topic and id.
        self._known = set(self._ids(self._told)) if self._told.unmet else set()

    def publish(self, born: str, waiting: Sequence[tuple[int, Outgoing]]) -> None:
        if self._told.born != born:
            self._begin_anew(born)
        new: list[NewMessage] = []
        number, unmet = self._told.number, self._told.unmet
        seen: set[tuple[str, str]] = set()
        for number_of, one in waiting:
            identity = one.topic, one.id
            if number_of <= self._told.number:
                continue
            number = number_of
            if identity in self._known:
                unmet -= 1
            elif identity not in seen:
                seen.add(identity)
                new.append(self._message(one))
        if number == self._told.number:
            return
        told = msgspec.structs.replace(self._told, number=number, unmet=max(unmet, 0))
        self._transactions.write([*new, self._progress.of_outlet(self._partition, told)])
        self._told = told
        if not told.unmet:
            self._known = set()

    def _begin_anew(self, born: str) -> None:
        """The store's data were lost and are made again: learn what was said already."""
        told = Told(born, 0, self._end(ALERTS), self._end(DEAD_LETTERS))
        self._known = set(self._ids(told))
        self._told = msgspec.structs.replace(told, unmet=len(self._known))

    def _end(self, name: str) -> int:
        return self._ends.settled(self._topic(name), self._partition)

    def _ids(self, told: Told) -> Iterator[tuple[str, str]]:
        """Topic and id of what was published before data of this `born` were first met."""
        for kind, end in (("alert", told.alerts), ("dead_letter", told.dead_letters)):
            with PartitionReader(
                self._connection, self._ends, self._topic(TOPIC_OF[kind]), self._partition
            ) as reader:
                offset = 0
                while offset < end and (messages := reader.read(offset, _STEP)):
                    for message in messages:
                        identity = header(headers_of(message), ID)
                        # Letters about replays (streams/replay.py) were in no outbox and have no id.
                        if identity and (message.offset() or 0) < end:
                            yield kind, identity
                    offset = (messages[-1].offset() or 0) + 1

    def _message(self, one: Outgoing) -> NewMessage:
        if one.topic == "event":
            # The issue may be in another partition: its key chooses.
            return message_of(one, self._topic(REQUESTS), None)
        return message_of(one, self._topic(TOPIC_OF[one.topic]), self._partition)

    def _topic(self, name: str) -> str:
        return self._connection.topic(name)
