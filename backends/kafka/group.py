"""The group of workers: Kafka shares the partitions of the log out among its members."""

from collections.abc import Callable, Collection

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from backends.kafka.connection import Connection
from backends.kafka.topics import REQUESTS

Told = Callable[[Collection[int]], None]

#: A member not heard of for so long is given up, and its partitions are others'. Less, and a pause of the
#: machine costs a hand-over; more, and nobody works for longer after a crash.
SESSION_SECONDS = 10.0
#: Members hear within so long that partitions move.
HEARTBEAT_SECONDS = 0.3
#: A member that is heard of and takes part no more, because a call hangs, is given up after so long: longer
#: than one step waits for servers that are away.
STUCK_SECONDS = 120.0


class KafkaGroup:
    """A membership. It reads nothing: where the work stands is the store's, not the group's."""

    def __init__(self, connection: Connection, name: str, session_seconds: float = SESSION_SECONDS) -> None:
        """A member of the group `name`; nothing connects before `join`."""
        self._topic = connection.topic(REQUESTS)
        self._told: tuple[Told, Told, Told] | None = None
        self._consumer = connection.consumer(
            group_id=name,
            # A member keeps what it can: only partitions that move pause, and only they are cold.
            partition_assignment_strategy="cooperative-sticky",
            session_timeout_ms=int(session_seconds * 1000),
            heartbeat_interval_ms=int(HEARTBEAT_SECONDS * 1000),
            max_poll_interval_ms=int(STUCK_SECONDS * 1000),
            auto_offset_reset="latest",
            allow_auto_create_topics=False,
        )

    def join(self, given: Told, taken: Told, lost: Told) -> None:
        """Become a member. All are called from within `poll` and `leave`.

        What is `taken` may be another member's as soon as that call returns. What is `lost`, since this one
        was not heard of in time or hears of no broker, may be already; it joins again by itself.
        """
        self._told = given, taken, lost
        self._consumer.subscribe(
            [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def poll(self, seconds: float) -> None:
        """Take part for so long. A broker that is away is looked for in the background."""
        self._consumer.poll(seconds)

    def leave(self) -> None:
        """Give everything back; others have it at once. The last call."""
        self._consumer.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        assert self._told is not None
        places = [TopicPartition(place.topic, place.partition, OFFSET_END) for place in partitions]
        consumer.incremental_assign(places)
        if places:
            consumer.pause(places)
        self._told[0]([place.partition for place in partitions])

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        assert self._told is not None
        self._give_back(self._told[1], consumer, partitions)

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        assert self._told is not None
        self._give_back(self._told[2], consumer, partitions)

    @staticmethod
    def _give_back(told: Told, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        told([place.partition for place in partitions])
        try:
            consumer.incremental_unassign(partitions)
        except KafkaException:
            # Lost before it was assigned here.
            consumer.unassign()
