"""How far partitions can be read, and how far they are written."""

import time

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # exported, but not in its types

from backends.kafka.connection import ANSWER_SECONDS, Connection
from livelihood.ports import Unavailable

#: A writer that died within a transaction holds up readers until the broker ends it: the transaction's own
#: limit (writing.py), and the ten seconds after which brokers look for such ones.
SETTLING_SECONDS = 25.0
#: Transactions of writers that live take milliseconds.
BRIEFLY_SECONDS = 1.0
#: How long a partition may be without a broker that serves it: it was made, or is moved, at this moment.
MOVING_SECONDS = 5.0
_MOVING = {
    *(KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE),
    # What the library says where no broker serves it.
    KafkaError._NOENT,
    *(KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.FENCED_LEADER_EPOCH, KafkaError.UNKNOWN_LEADER_EPOCH),
}
_PAUSE_SECONDS = 0.005
_FIRST, _LAST = OffsetSpec.earliest(), OffsetSpec.latest()  # type: ignore[no-untyped-call]


class Unsettled(Unavailable):
    """A transaction stands open, so that what is written after its begin cannot be read yet."""


class Ends:
    """Asks the broker. A consumer would be told as well, but only after the fetch it waits for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._admin = connection.admin()

    def first(self, topic: str, partition: int) -> int:
        """The offset of the first record that is still there."""
        return self._ask(topic, partition, _FIRST, IsolationLevel.READ_UNCOMMITTED)

    def readable(self, topic: str, partition: int) -> int:
        """The offset before which everything can be read: no transaction before it is open."""
        return self._ask(topic, partition, _LAST, IsolationLevel.READ_COMMITTED)

    def written(self, topic: str, partition: int) -> int:
        """The offset before which everything is written, on as many brokers as must have it."""
        return self._ask(topic, partition, _LAST, IsolationLevel.READ_UNCOMMITTED)

    def settled(self, topic: str, partition: int, seconds: float = SETTLING_SECONDS) -> int:
        """Where it is written to now, once all of that can be read; Unsettled when that takes longer."""
        written = self.written(topic, partition)
        if self.wait(topic, partition, written, seconds):
            return written
        raise Unsettled(
            f"a transaction on Kafka's topic {topic} has been open for too long; the broker ends it within"
            " a minute, then try again"
        )

    def wait(self, topic: str, partition: int, offset: int, seconds: float) -> bool:
        """Wait until everything before an offset can be read; False when that takes longer."""
        limit = time.monotonic() + seconds
        while self.readable(topic, partition) < offset:
            if time.monotonic() > limit:
                return False
            time.sleep(_PAUSE_SECONDS)
        return True

    def _ask(self, topic: str, partition: int, which: OffsetSpec, level: IsolationLevel) -> int:
        place = TopicPartition(topic, partition)
        limit = time.monotonic() + MOVING_SECONDS
        with self._connection.explaining():
            while True:
                asked = self._admin.list_offsets(
                    {place: which}, isolation_level=level, request_timeout=ANSWER_SECONDS
                )
                try:
                    return int(asked[place].result(ANSWER_SECONDS + 1).offset)
                except KafkaException as error:
                    if error.args[0].code() not in _MOVING or time.monotonic() > limit:
                        raise
                    # The library goes on with who led before the broker was started again, and does not ask.
                    self._admin = self._connection.admin()
                    time.sleep(_PAUSE_SECONDS)
