"""What pages and gateways work with, whatever the engine; put together by cli/."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from livelihood.instants import Instant
from livelihood.ports import EventLog, Published, Reader
from livelihood.promises import Catalogue
from livelihood.safekeeping import Sealer, Vault


@dataclass(frozen=True, kw_only=True)
class Context:
    """One for the whole process. Its parts block: call them from threads, never from a coroutine."""

    log: EventLog
    #: Threads share it, and wait while one has a snapshot of it.
    reader: Reader
    #: Alerts, dead letters and versions of the catalogue.
    topics: Published
    vault: Vault
    sealer: Sealer
    #: What is under way to webhooks.
    deliveries: Vault
    clock: Callable[[], Instant]
    #: The catalogue as published by now.
    catalogue: Callable[[], Catalogue]
    #: What links begin with, as people outside reach this server; no slash at the end.
    public_url: str
    #: Whether anybody who reaches the server may do everything: on loopback, with no account or key yet.
    is_open: Callable[[], bool]
    #: Opens another reader, for who must not wait for those who share the first; None: there is only that.
    open_reader: Callable[[], AbstractContextManager[Reader]] | None = None
    #: The same of alerts: on Kafka one belongs to one thread at a time.
    open_topics: Callable[[], AbstractContextManager[Published]] | None = None
