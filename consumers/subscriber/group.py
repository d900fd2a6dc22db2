"""Alerts from Kafka's topic, shared out among the processes of a group; Kafka keeps how far they are."""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from kafka.errors import KafkaError  # type: ignore[import-untyped]
from kafka.structs import OffsetAndMetadata  # type: ignore[import-untyped]

from livelihood.alerts import Alert
from livelihood.ports import Unavailable

#: Alerts read at a time. Their handling must not take longer than `max_poll_interval_ms` (five minutes): then
#: the group takes the partitions away, and they come again elsewhere.
AT_ONCE = 100

_LOGGER = logging.getLogger("livelihood.subscriber")
_decode = msgspec.json.Decoder(Alert).decode


class KafkaGroup:
    """A source of alerts. The processes of one group get each alert once, those of another group too."""

    def __init__(
        self,
        servers: str,
        group: str,
        *,
        topic: str = "livelihood.alerts",
        from_beginning: bool = False,
        **options: Any,
    ) -> None:
        """`servers` as host:port with commas between; a new group begins now, or with the first alert.

        `options` are kafka-python's, as for TLS and SASL. Unavailable where no broker answers, or there is no
        such topic.
        """
        try:
            self._consumer = KafkaConsumer(
                bootstrap_servers=servers.split(","),
                group_id=group,
                # What an outlet took back, or wrote after another had replaced it, was never told.
                isolation_level="read_committed",
                auto_offset_reset="earliest" if from_beginning else "latest",
                enable_auto_commit=False,
                max_poll_records=AT_ONCE,
                **options,
            )
            is_there = bool(self._consumer.partitions_for_topic(topic))
        except KafkaError as error:
            raise Unavailable(f"{servers}: {type(error).__name__}: {error}") from error
        if not is_there:
            self._consumer.close()
            raise Unavailable(f"{servers} has no topic {topic}: make the topics with `livelihood stack init`")
        self._consumer.subscribe([topic])
        self._ours: set[TopicPartition] = set()
        #: Partition and offset of what was read last and not handled yet, in its order.
        self._read: list[tuple[TopicPartition, int]] = []

    def read(self, wait_seconds: float) -> Sequence[Alert]:
        """The next alerts, in the order of each partition."""
        try:
            # Only here partitions come and go, and all that was read from them before was handled.
            polled = self._consumer.poll(timeout_ms=int(wait_seconds * 1_000))
            self._begin(self._consumer.assignment() or set())
        except KafkaError as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error
        self._read = [(place, record.offset) for place, records in polled.items() for record in records]
        return [_decode(record.value) for records in polled.values() for record in records]

    def handled(self, count: int) -> None:
        """Commit them. Where the group has taken a partition away meanwhile they come again, elsewhere."""
        done, self._read = self._read[:count], self._read[count:]
        offsets = {place: OffsetAndMetadata(offset + 1, "", -1) for place, offset in done}
        try:
            self._consumer.commit(offsets)
        except KafkaError as error:
            _LOGGER.warning("what was handled could not be noted, and comes again: %s", type(error).__name__)

    def again(self) -> None:
        """Go back to the first that is not handled, in each partition that is still ours."""
        ours = self._consumer.assignment() or ()
        for place, offset in reversed(self._read):
            if place in ours:
                self._consumer.seek(place, offset)
        self._read = []

    def close(self) -> None:
        """Leave the group: what is not handled goes to the others at once."""
        self._consumer.close(autocommit=False)

    def _begin(self, ours: set[TopicPartition]) -> None:
        """Note where a new group begins in a partition: else it would begin anew with each start."""
        for place in ours - self._ours:
            if self._consumer.committed(place) is None:
                begins = self._consumer.position(place)
                self._consumer.commit({place: OffsetAndMetadata(begins, "", -1)})
        self._ours = set(ours)
