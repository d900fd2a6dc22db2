"""Everything that reads: tables and their queries, and the alerts.

    board          tables as they stand now, kept in memory
    api            tables and issues over HTTP
    pages          the pages about commitments
    public         what everybody may see without an account
    feed           alerts over HTTP: listed, followed, counted
    alerting       the page of alerts
    subscriptions  who is told of which alerts, when and where
    deadlines      calendars of coming deadlines
    subscriber     the client for programs that hear of alerts
    operations     how far the work has come, and what wants a hand
    audit          who read what people said of themselves

The modules here are shared: a table read once and as of any instant (tables.py, extremes.py, projects.py),
alerts read in their order (alerts.py) or followed (tail.py), and both as JSON (objects.py).

A consumer never changes an issue, a row or a timer; it sums partitions, rolls up and shows.

The client can be taken from here: `from consumers import AlertStream, Subscriber`.

May import: livelihood, web.
Must not import: backends, streams, producers, cli. What it reads from is handed to it as a port.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from consumers.subscriber import AlertStream, KafkaGroup, Subscriber

__all__ = ["AlertStream", "KafkaGroup", "Subscriber"]


def __getattr__(name: str) -> Any:
    # Late, so that who reads tables loads no client.
    if name in __all__:
        return getattr(import_module("consumers.subscriber"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
