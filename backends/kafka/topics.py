"""The topics: their names, how each is kept, and how they are made and checked.

docs/topics.md says the same for those who read them; a test compares the two.
"""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # they are exported, but not in its types
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from backends.kafka.connection import ANSWER_SECONDS, Connection
from backends.kafka.ends import Ends
from livelihood.ports import Refused, Unavailable

REQUESTS, ALERTS, DEAD_LETTERS, REPLAY = "requests", "alerts", "dead-letters", "replay"
CATALOGUE, PROGRESS, CLOSED, FORGOTTEN = "catalogue", "progress", "closed", "forgotten"

#: A state in `closed` may be larger than a record of the log, which becomes a part of one.
LARGEST_STATE_BYTES = 16 * 1024 * 1024

_PAUSE_SECONDS = 0.02

_FOREVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
_LATEST = {"cleanup.policy": "compact"}


class Topic(NamedTuple):
    """A topic as it must be."""

    name: str
    settings: Mapping[str, str]
    #: None: as many as the requests topic.
    partitions: int | None = None


TOPICS = (
    # The broker's clock, as records are appended: a producer's own would let events be back-dated.
    Topic(REQUESTS, {**_FOREVER, "message.timestamp.type": "LogAppendTime"}),
    Topic(ALERTS, _FOREVER),
    Topic(DEAD_LETTERS, _FOREVER),
    Topic(REPLAY, _FOREVER),
    Topic(CATALOGUE, _LATEST, 1),
    Topic(PROGRESS, _LATEST, 1),
    # Each under a key of its own, so all of it stays.
    Topic(FORGOTTEN, _LATEST, 1),
    Topic(CLOSED, {**_FOREVER, "max.message.bytes": str(LARGEST_STATE_BYTES)}),
)


def init(connection: Connection, *, partitions: int, replication: int = 1, min_insync: int = 1) -> list[str]:
    """Make the topics that are missing and put right the settings of the others; says what was done.

    Refused where the number of partitions cannot be changed, because records would no longer be where
    their keys say: `rekey` (rekeying.py) copies a log. Unavailable when no broker does it.
    """
    if min_insync > replication:
        raise Refused(
            f"min_insync ({min_insync}) is more than replication ({replication}): nothing could be written"
        )
    admin = connection.admin()
    with connection.explaining():
        return _init(connection, admin, partitions, replication, min_insync)


def _init(
    connection: Connection, admin: AdminClient, partitions: int, replication: int, min_insync: int
) -> list[str]:
    there = admin.list_topics(timeout=ANSWER_SECONDS).topics
    held = [
        _Held(topic, name, len(there[name].partitions), topic.partitions or partitions)
        for topic in TOPICS
        if (name := connection.topic(topic.name)) in there
    ]
    done = _grow(connection, admin, held)
    missing = [
        NewTopic(
            name,
            topic.partitions or partitions,
            replication,
            config={**topic.settings, "min.insync.replicas": str(min_insync)},
        )
        for topic in TOPICS
        if (name := connection.topic(topic.name)) not in there
    ]
    if missing:
        for name, made in admin.create_topics(missing, operation_timeout=ANSWER_SECONDS).items():
            try:
                made.result()
                done.append(f"made {name}")
            except KafkaException as error:
                # Another process may do the same at this moment.
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
        _await_leaders(admin, [connection.topic(topic.name) for topic in TOPICS])
    return done + _put_right(admin, held, min_insync)


def _await_leaders(admin: AdminClient, names: Sequence[str]) -> None:
    """A topic that was made is known to the brokers, and has one to serve it, a moment later."""
    limit = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < limit:
        there = admin.list_topics(timeout=ANSWER_SECONDS).topics
        if all(
            name in there
            and there[name].error is None
            and all(one.leader >= 0 for one in there[name].partitions.values())
            for name in names
        ):
            return
        time.sleep(_PAUSE_SECONDS)


class _Held(NamedTuple):
    """A topic that is there."""

    topic: Topic
    name: str
    partitions: int
    wanted: int


def _grow(connection: Connection, admin: AdminClient, held: Sequence[_Held]) -> list[str]:
    """More partitions for topics that hold nothing yet."""
    wrong = [one for one in held if one.partitions != one.wanted]
    if not wrong:
        return []
    ends = Ends(connection)
    used = [
        one.name
        for one in held
        if one.topic.partitions is None
        and any(ends.written(one.name, number) for number in range(one.partitions))
    ]
    count = f"{wrong[0].name} has {wrong[0].partitions} partitions, not {wrong[0].wanted}"
    if used:
        raise Refused(
            f"{count}: {used[0]} holds records, each in the partition its key says; livelihood stack rekey"
            " copies them to topics with another prefix"
        )
    if any(one.partitions > one.wanted for one in wrong):
        raise Refused(f"{count}: a topic never gets fewer; delete it, or choose another prefix by `topics`")
    for made in admin.create_partitions([NewPartitions(one.name, one.wanted) for one in wrong]).values():
        made.result()
    return [f"gave {one.name} {one.wanted} partitions" for one in wrong]


def _put_right(admin: AdminClient, held: Sequence[_Held], min_insync: int) -> list[str]:
    wanted = {one.name: {**one.topic.settings, "min.insync.replicas": str(min_insync)} for one in held}
    if not wanted:
        return []
    asked = admin.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in wanted])
    done, changes = [], []
    for resource, answer in asked.items():
        entries = answer.result()
        wrong = {
            setting: value
            for setting, value in wanted[resource.name].items()
            if setting not in entries or entries[setting].value != value
        }
        if wrong:
            said = ", ".join(f"{setting}={value}" for setting, value in wrong.items())
            done.append(f"set {said} on {resource.name}")
            changes.append(
                ConfigResource(
                    ResourceType.TOPIC,
                    resource.name,
                    incremental_configs=[
                        ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
                        for setting, value in wrong.items()
                    ],
                )
            )
    if changes:
        for changed in admin.incremental_alter_configs(changes).values():
            changed.result()
    return done


def check(connection: Connection) -> int:
    """The number of partitions.

    Unavailable where the topics are not there, or take the time of a record from who wrote it.
    """
    partitions = connection.partitions(REQUESTS)
    name = connection.topic(REQUESTS)
    # Held until it has answered.
    admin = connection.admin()
    asked = admin.describe_configs([ConfigResource(ResourceType.TOPIC, name)])
    with connection.explaining():
        (settings,) = asked.values()
        try:
            stamps = settings.result()["message.timestamp.type"].value
        except KafkaException as error:
            # A worker need not be allowed to ask.
            if error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise
            return partitions
    if stamps != "LogAppendTime":
        raise Unavailable(f"{name} takes the time from producers; livelihood stack init puts that right")
    return partitions
