"""Who connects, to where: clients with the same options, and what their errors mean to a person."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from livelihood.ports import Fenced, Refused, Unavailable

Option = str | int | float | bool

#: How long an answer is waited for that a broker gives at once.
ANSWER_SECONDS = 10.0

#: The library writes to stderr unless told where else; who wants its lines gives this logger a handler.
_LOGGER = logging.getLogger("livelihood.kafka")
_LOGGER.addHandler(logging.NullHandler())

_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}
_NOBODY = {
    *(KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE),
    *(KafkaError._TIMED_OUT, KafkaError._TIMED_OUT_QUEUE, KafkaError._MSG_TIMED_OUT),
    *(KafkaError.REQUEST_TIMED_OUT, KafkaError.NETWORK_EXCEPTION),
}
_IDENTITY = {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL}
_RIGHTS = {
    *(KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED),
    *(KafkaError.CLUSTER_AUTHORIZATION_FAILED, KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
}
_MISSING = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION}
_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}
_REPLICAS = {KafkaError.NOT_ENOUGH_REPLICAS, KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND}


class Connection:
    """The brokers, what our topics' names begin with, and how to connect."""

    def __init__(
        self, servers: str, prefix: str = "livelihood", options: Mapping[str, Option] | None = None
    ) -> None:
        """`servers` as host:port with commas between; `options` are librdkafka's, for every client.

        Nothing connects yet.
        """
        self.servers = servers
        self.prefix = prefix
        self.options = dict(options or {})
        #: Why brokers let nobody in, as a client was told in the background.
        self._said = ""
        self._lock = threading.Lock()

    def topic(self, name: str) -> str:
        """A topic's full name."""
        return f"{self.prefix}.{name}"

    def admin(self) -> AdminClient:
        """A client that asks about topics, and makes them."""
        return AdminClient(self._options(), logger=_LOGGER)

    def producer(self, **options: Option) -> Producer:
        """A client that writes; an underscore in an option's name stands for a dot."""
        return Producer({**self._options(), **_dotted(options)}, logger=_LOGGER)

    def consumer(self, **options: Option) -> Consumer:
        """A client that reads what was committed."""
        settings = {
            # Only named: partitions are assigned, and places are kept elsewhere.
            "group.id": f"{self.prefix}.reader",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
        return Consumer({**self._options(), **settings, **_dotted(options)}, logger=_LOGGER)

    def partitions(self, name: str) -> int:
        """How many partitions a topic has; Unavailable when it is not there."""
        topic = self.topic(name)
        admin = self.admin()
        with self.explaining(admin):
            found = admin.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic]
            if found.error is not None:
                raise KafkaException(found.error)
        return len(found.partitions)

    @contextmanager
    def explaining(self, client: AdminClient | Producer | None = None) -> Iterator[None]:
        """What goes wrong comes as Unavailable, Refused or Fenced, with what to do."""
        try:
            yield
        except KafkaException as error:
            if client is not None:
                # What it was told in the background is passed on only now.
                client.poll(0)
            raise self.explained(error.args[0]) from error

    def explained(self, error: KafkaError) -> Unavailable | Refused | Fenced:
        """An error as the ports have it."""
        where, code, text = f"Kafka at {self.servers}", error.code(), error.str()
        if code in _FENCED:
            return Fenced(f"another process has taken over what this one wrote to Kafka ({text})")
        if code in _TOO_LARGE:
            return Refused(f"{where} does not take a record that large ({text}); see max.message.bytes")
        if code in _IDENTITY or (code in _NOBODY and self._said):
            return Unavailable(f"{where} does not let us in: {self._said or text}; correct `kafka_options`")
        if code in _NOBODY:
            return Unavailable(
                f"{where} does not answer ({text}); start it, as by livelihood stack up, or correct the"
                " setting `kafka`"
            )
        if code in _RIGHTS:
            return Unavailable(
                f"{where} does not allow this user to do that ({text});"
                " docs/security-of-the-wire.md has the rights each needs"
            )
        if code in _MISSING:
            return Unavailable(
                f"{where} has no such topic ({text}); livelihood stack init makes those of"
                f" {self.prefix!r}, or correct the setting `topics`"
            )
        if code == KafkaError._AUTO_OFFSET_RESET:
            return Unavailable(
                f"{where} no longer has the records asked for ({text}); livelihood stack init has the"
                f" topics of {self.prefix!r} kept without limit"
            )
        if code in _REPLICAS:
            return Unavailable(f"{where} has too few brokers in step to accept records ({text}); start more")
        return Unavailable(f"{where} cannot serve this now: {text} ({error.name()}); try again")

    def _options(self) -> dict[str, Option]:
        return {
            "bootstrap.servers": self.servers,
            "client.id": self.prefix,
            # A broker that was restarted is found again soon.
            "reconnect.backoff.max.ms": 1_000,
            "error_cb": self._note,  # type: ignore[dict-item]  # options hold callbacks as well
            **self.options,
        }

    def _note(self, error: KafkaError) -> None:
        with self._lock:
            if error.code() in _IDENTITY:
                self._said = error.str()
            elif error.code() == KafkaError._TRANSPORT:
                self._said = ""


def _dotted(options: Mapping[str, Option]) -> dict[str, Option]:
    return {name.replace("_", "."): value for name, value in options.items()}
