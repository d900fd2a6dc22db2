"""Who takes part in a group of workers, asked from outside."""

from typing import NamedTuple

from confluent_kafka import ConsumerGroupState

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
        asked = admin.describe_consumer_groups([group], request_timeout=ANSWER_SECONDS)
        described = asked[group].result(ANSWER_SECONDS + 1)
    if described.state in (ConsumerGroupState.DEAD, ConsumerGroupState.EMPTY):
        return []
    return [
        Member(
            member.host.removeprefix("/"),
            tuple(sorted(place.partition for place in member.assignment.topic_partitions)),
        )
        for member in described.members
    ]
