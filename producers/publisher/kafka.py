"""Straight to Kafka, with kafka-python: for channels near the brokers, with a user of their own there."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from livelihood.ports import Unavailable
from producers.publisher.delivery import Later, Outcome, Prepared, Refusal, Taken

if TYPE_CHECKING:
    from kafka import KafkaProducer  # type: ignore[import-untyped]

#: The topic of requests, after the prefix (docs/topics.md).
REQUESTS = "requests"
#: How long the library tries a batch; then the publisher, which has more patience, tries a new connection.
TRIED_SECONDS = 8.0
#: How long a broker has to answer one request, and how long one is looked for at first.
ANSWER_SECONDS, LOOK_SECONDS = 5.0, 5.0
#: By when the library must have said of everything what became of it.
_TOLD_SECONDS = TRIED_SECONDS + ANSWER_SECONDS

_OPTIONS: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    # The publisher has gathered what travels together.
    "linger_ms": 0,
    "batch_size": 256 * 1024,
    "max_request_size": 1_048_576,
    "delivery_timeout_ms": int(TRIED_SECONDS * 1_000),
    "request_timeout_ms": int(ANSWER_SECONDS * 1_000),
    "max_block_ms": int(ANSWER_SECONDS * 1_000),
    "bootstrap_timeout_ms": int(LOOK_SECONDS * 1_000),
    # A broker that was restarted is found again soon.
    "reconnect_backoff_max_ms": 1_000,
    # A name mistyped makes no topic of its own, with settings nobody chose.
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}


class KafkaTransport:
    """Appends to the topic of requests, keyed by the root issue: murmur2, as every producer has it."""

    seals = False
    largest_bytes = 4 * 1024 * 1024

    def __init__(
        self,
        servers: str | Sequence[str],
        *,
        topics: str = "livelihood",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """`servers` and `options` are KafkaProducer's, `topics` is what the topics' names begin with.

        Connects when the first event is sent.
        """
        self._servers = servers
        self._topic = f"{topics}.{REQUESTS}"
        self._options = {**_OPTIONS, **(options or {})}
        self._producer: KafkaProducer | None = None

    def send(self, events: Sequence[Prepared]) -> list[Outcome]:
        """What became of each; Unavailable where no broker answers."""
        from kafka.errors import (  # type: ignore[import-untyped]
            KafkaError,
            MessageSizeTooLargeError,
        )

        producer = self._producer = self._producer or self._connected()
        sent: list[Any] = []
        for key, value in events:
            try:
                sent.append(producer.send(self._topic, value, key.encode()))
            except KafkaError as error:
                sent.append(error)
                if not isinstance(error, MessageSizeTooLargeError):
                    # What holds one up holds all up: nobody says where the topic is.
                    break
        # Each says by itself what became of it.
        with suppress(KafkaError):
            producer.flush(_TOLD_SECONDS)
        outcomes = [self._outcome(one) for one in sent]
        outcomes += [Later(self._said("not sent"))] * (len(events) - len(sent))
        if any(isinstance(outcome, Later) for outcome in outcomes):
            # One whose batches were given up may be out of step with the broker.
            self.close()
        return outcomes

    def close(self) -> None:
        """End the producer, which has nothing left to send."""
        from kafka.errors import KafkaError

        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            producer.close(0.1)
        except KafkaError:
            # Its `close` gives up where something cannot be flushed, and its thread would go on for ever.
            producer._sender.force_close()

    def _connected(self) -> "KafkaProducer":
        from kafka import KafkaProducer
        from kafka.errors import KafkaError

        clients: list[Any] = []

        def client(**options: Any) -> Any:
            clients.append(KafkaProducer.DEFAULT_CONFIG["kafka_client"](**options))
            return clients[-1]

        try:
            return KafkaProducer(bootstrap_servers=self._servers, kafka_client=client, **self._options)
        except KafkaError as error:
            # One that found nobody leaves its sockets open.
            for one in clients:
                one.close()
            raise Unavailable(self._said(str(error))) from error

    def _outcome(self, sent: Any) -> Outcome:
        """Of what the library gave for an event: a future, or the error instead of it."""
        error = sent if isinstance(sent, Exception) else sent.exception
        if error is not None:
            return self._refused(error) or Later(self._said(str(error)))
        return Taken() if sent.is_done else Later(self._said("no answer"))

    def _refused(self, error: Exception) -> Refusal | None:
        """What no further try will change; None: another may."""
        from kafka.errors import (
            AuthorizationError,
            InvalidTopicError,
            MessageSizeTooLargeError,
            RecordListTooLargeError,
        )

        if isinstance(error, MessageSizeTooLargeError | RecordListTooLargeError):
            return Refusal("", self._said(f"it does not take a record that large ({error})"))
        if isinstance(error, AuthorizationError | InvalidTopicError):
            return Refusal("", self._said(f"{error}; docs/security-of-the-wire.md has the rights it takes"))
        return None

    def _said(self, text: str) -> str:
        return f"Kafka at {self._servers}, topic {self._topic}: {text}"
