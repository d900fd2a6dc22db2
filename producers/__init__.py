"""Everything that publishes request events: the importers, the HTTP gateway, the publisher client.

A producer checks what comes in, refuses what is wrong with a clear reason, and says "accepted" only
when the log holds the event durably. The publisher client can be taken from here:
`from producers import GatewayTransport, Publisher`.

May import: livelihood, web.
Must not import: backends, streams, consumers, cli. The log it writes to is handed to it as a port.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from producers.publisher import (
        Delivery,
        GatewayTransport,
        KafkaTransport,
        LogTransport,
        NotDelivered,
        Publisher,
        PublisherClosed,
        PublisherFull,
    )

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


def __getattr__(name: str) -> Any:
    # Late, so that the command line does not load an HTTP client for its help.
    if name in __all__:
        return getattr(import_module("producers.publisher"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
