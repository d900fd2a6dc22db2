"""The subscriber client: alerts for programs that tell people, or act. `from consumers import Subscriber`.

    subscriber.py  one alert after the other, each counted as handled when the next is asked for
    group.py       from Kafka's topic, shared out among the processes of a group
    stream.py      from a server over HTTP, by Server-Sent Events
    topic.py       from Kafka's topic by places of one's own, for who keeps them in a database

May import: livelihood, and nothing else of consumers/, so that a program loads little of ours.
"""

from typing import TYPE_CHECKING, Any

from consumers.subscriber.stream import AlertStream
from consumers.subscriber.subscriber import Refused, Source, Subscriber

if TYPE_CHECKING:
    from consumers.subscriber.group import KafkaGroup

__all__ = ["AlertStream", "KafkaGroup", "Refused", "Source", "Subscriber"]


def __getattr__(name: str) -> Any:
    # Late: kafka-python need not be there where alerts come over HTTP.
    if name == "KafkaGroup":
        from consumers.subscriber.group import KafkaGroup

        return KafkaGroup
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
