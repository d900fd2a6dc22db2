"""A hotline whose system stands beside the brokers: straight to Kafka, with a report for each call."""

import os
from datetime import UTC, datetime

from producers import Delivery, KafkaTransport, Publisher


def report(delivery: Delivery) -> None:
    """Say what became of one call."""
    print(delivery.id, "is safe" if delivery.error is None else f"was not delivered: {delivery.error}")


servers, topics = os.environ["LIVELIHOOD_KAFKA"], os.environ.get("LIVELIHOOD_TOPICS", "livelihood")
with Publisher(KafkaTransport(servers, topics=topics), block_seconds=5) as publisher:
    for call in range(1, 4):
        event = {
            "specversion": "1.0",
            "type": "livelihood.request.submitted",
            "source": "/channels/hotline",
            "id": f"CALL-{call}",
            "subject": f"CALL-{call}",
            "time": datetime.now(UTC),
            "channel": "hotline",
            "data": {"service": "no-water", "area": "riverside", "urgency": "urgent"},
        }
        publisher.publish(event, report)
