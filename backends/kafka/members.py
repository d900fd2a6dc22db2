"""Who takes part in a group of workers, asked from outside."""

import time
from typing import Any, NamedTuple

from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from backends.kafka.connection import ANSWER_SECONDS, Connection


class Member(NamedTuple):
    """A member of a group."""

    host: str
    partitions: tuple[int, ...]


def members(connection: Connection, group: str) -> list[Member]:
    """The members of a group; none where there is no such group. Unavailable when no broker answers."""
    # Held until it has answered: a client that goes takes its questions with it.
    admin = connection.admin()
    with connection.explaining():
        described = _described(admin, group)
    if described.state in (ConsumerGroupState.DEAD, ConsumerGroupState.EMPTY):
        return []
    return [
        Member(
            member.host.removeprefix("/"),
            tuple(sorted(place.partition for place in member.assignment.topic_partitions)),
        )
        for member in described.members
    ]


def _described(admin: AdminClient, group: str) -> Any:
    limit = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            asked = admin.describe_consumer_groups([group], request_timeout=ANSWER_SECONDS)
            return asked[group].result(ANSWER_SECONDS + 1)
        except KafkaException as error:
            if error.args[0].code() not in _STARTING or time.monotonic() > limit:
                raise
            time.sleep(_PAUSE_SECONDS)


#: A broker that has just started is not ready to speak of groups.
_STARTING = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}
_PAUSE_SECONDS = 0.1
