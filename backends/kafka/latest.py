"""A compacted topic of one partition as a dictionary: the latest value of each key."""

from backends.kafka.connection import Connection
from backends.kafka.ends import SETTLING_SECONDS, Ends
from backends.kafka.reading import PartitionReader

#: Messages read at a time.
_STEP = 10_000


class Latest:
    """Reads what came since it last looked."""

    def __init__(self, connection: Connection, ends: Ends, name: str) -> None:
        """`name` as in topics.py."""
        self.topic = connection.topic(name)
        self._ends = ends
        # Little is read, and seldom: nothing to fetch far ahead for.
        self._reader = PartitionReader(connection, ends, self.topic, 0, queued_min_messages=1_000)
        self._next = 0
        self._values: dict[str, bytes] = {}

    def read(self, seconds: float = SETTLING_SECONDS) -> dict[str, bytes]:
        """All keys, everything taken in that is written now; Unsettled when that takes longer."""
        # A transaction of somebody else may be open before what was committed: it must be waited for.
        end = self._ends.settled(self.topic, 0, seconds)
        while self._next < end and (messages := self._reader.read(self._next, _STEP)):
            for message in messages:
                key, value = (message.key() or b"").decode(), message.value()
                if value is None:
                    self._values.pop(key, None)
                else:
                    self._values[key] = value
            self._next = (messages[-1].offset() or 0) + 1
        return self._values

    def close(self) -> None:
        """Give the connection back."""
        self._reader.close()
