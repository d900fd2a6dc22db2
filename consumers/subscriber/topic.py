"""Alerts from Kafka's topic by places of one's own, without a group: in order, resumable, each id once.

The reader keeps its own places, best in one transaction with what it did about the alerts: then a crash
of it, too, neither loses an alert nor acts on one twice.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec
from kafka import KafkaConsumer, TopicPartition  # type: ignore[import-untyped]

from livelihood.alerts import Alert
from livelihood.ports import Unavailable

_decode = msgspec.json.Decoder(Alert).decode


class Told(NamedTuple):
    """An alert, and where to go on after it."""

    partition: int
    next_offset: int
    alert: Alert


class AlertTopic:
    """Reads the topic of alerts without a group: every reader gets all of them."""

    def __init__(
        self,
        servers: str,
        places: Mapping[int, int] | None = None,
        *,
        topic: str = "livelihood.alerts",
        **options: Any,
    ) -> None:
        """`places` says by partition at which offset to go on; where it does not, the first alert is next.

        `options` are kafka-python's, as for TLS and SASL. Unavailable where there is no such topic.
        """
        self._consumer = KafkaConsumer(
            bootstrap_servers=servers.split(","),
            # What an outlet took back, or wrote after another had replaced it, was never told.
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            **options,
        )
        partitions = self._consumer.partitions_for_topic(topic)
        if not partitions:
            self.close()
            raise Unavailable(f"{servers} has no topic {topic}: make the topics with `livelihood stack init`")
        self._consumer.assign([TopicPartition(topic, partition) for partition in sorted(partitions)])
        for partition, offset in (places or {}).items():
            self._consumer.seek(TopicPartition(topic, partition), offset)

    def read(self, wait_seconds: float = 1.0) -> list[Told]:
        """The next alerts, in the order of each partition; empty where none came in that time."""
        polled = self._consumer.poll(timeout_ms=int(wait_seconds * 1_000))
        return [
            Told(place.partition, record.offset + 1, _decode(record.value))
            for place, records in polled.items()
            for record in records
        ]

    def close(self) -> None:
        """Give the connection back."""
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
