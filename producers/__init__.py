"""Everything that publishes request events, and lets a channel hear what became of them.

    gateway    CloudEvents over HTTP
    open311    Open311 GeoReport v2
    wechat     a WeChat public account
    window     the pages of a service window
    acting     what supervisors do about issues: my cases, over HTTP
    hearing    changes followed and delivered; what a receipt number shows
    publisher  the client for channels written in Python

All that comes in over HTTP goes through intake.py, with the keys of channel_keys.py; what an operator has put
right comes there by replaying.py. The other modules here import cities' tables (importer.py), publish JSON
Lines (jsonlines.py) and draft mappings and catalogues.

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
