"""Topics of alerts as an outlet writes them."""

from collections.abc import Sequence
from uuid import uuid4

import msgspec

from livelihood.alerts import Alert
from livelihood.instants import to_datetime
from tests.patience import PATIENCE_SECONDS


def alert(issue: str, sequence: int) -> Alert:
    moment = to_datetime(1_300_000_000_000_000 + sequence)
    return Alert(
        *(f"{issue}-{sequence}", issue, "resolution", "overdue", 0, moment, moment, moment, sequence),
        *("e1", "lamps", "street_light", "works", "north", "app"),
    )


def make_topic(servers: str) -> str:
    """A topic of alerts in two partitions."""
    from confluent_kafka.admin import AdminClient, NewTopic

    name = f"subscriber-{uuid4().hex}.alerts"
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic(name, 2, 1)])[name].result(30)
    return name


def tell(
    servers: str, topic: str, partition: int, alerts: Sequence[Alert], *, taken_back: bool = False
) -> None:
    """Publish alerts as an outlet does, in one transaction, or take them back at its end."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": servers, "transactional.id": f"{topic}.{partition}"})
    producer.init_transactions(30)
    producer.begin_transaction()
    for one in alerts:
        producer.produce(topic, msgspec.json.encode(one), one.issue.encode(), partition)
    producer.flush(PATIENCE_SECONDS)
    if taken_back:
        producer.abort_transaction(30)
    else:
        producer.commit_transaction(30)
