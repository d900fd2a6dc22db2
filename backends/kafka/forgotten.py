"""The list of who was forgotten as a topic: kept with the log, and apart from the vault."""

from hashlib import sha256

from backends.kafka.connection import Connection
from backends.kafka.ends import Ends
from backends.kafka.latest import Latest
from backends.kafka.records import NewMessage
from backends.kafka.topics import FORGOTTEN
from backends.kafka.writing import Writer
from livelihood.safekeeping import ForgottenList


class KafkaForgotten(ForgottenList):
    """A topic that is only ever added to. It belongs to one thread."""

    def __init__(self, connection: Connection) -> None:
        """Unavailable when no broker answers or the topic is not there."""
        # An installation from before it was kept has no such topic yet.
        connection.partitions(FORGOTTEN)
        self._latest = Latest(connection, Ends(connection), FORGOTTEN)
        self._writer = Writer(connection)

    def append(self, entry: bytes) -> None:
        """Add an entry, durably once this returns."""
        self._writer.write([NewMessage(self._latest.topic, sha256(entry).hexdigest().encode(), entry, 0)])

    def entries(self) -> list[bytes]:
        """All entries, in order."""
        return list(self._latest.read().values())

    def close(self) -> None:
        """Give the connections back."""
        self._latest.close()
