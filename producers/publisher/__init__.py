"""The publisher client for channels written in Python: `from producers import GatewayTransport, Publisher`.

publisher.py gathers events, sends them in batches and reports on each, as delivery.py has it. What waits is
in pending.py; gateway.py, kafka.py and log.py are the ways to the log. docs/publisher.md explains it all.

May import: livelihood, and nothing else of producers/, so that a channel loads little of ours.
"""

from producers.publisher.delivery import Delivery, NotDelivered, PublisherClosed, PublisherFull
from producers.publisher.gateway import GatewayTransport
from producers.publisher.kafka import KafkaTransport
from producers.publisher.log import LogTransport
from producers.publisher.publisher import Publisher

__all__ = [
    "Delivery",
    "GatewayTransport",
    "KafkaTransport",
    "LogTransport",
    "NotDelivered",
    "Publisher",
    "PublisherClosed",
    "PublisherFull",
]
