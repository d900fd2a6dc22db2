"""How far each import and each outlet has come, written in the transactions that carry it on."""

import msgspec

from backends.kafka.connection import Connection
from backends.kafka.ends import SETTLING_SECONDS, Ends
from backends.kafka.latest import Latest
from backends.kafka.records import NewMessage
from backends.kafka.topics import PROGRESS


class Told(msgspec.Struct, frozen=True, array_like=True):
    """How far a partition's outlet has come."""

    #: Of the store's data (ports.Position): with others, numbers count from the beginning again.
    born: str = ""
    #: Of the last that left.
    number: int = 0
    #: Where alerts and dead letters ended when data with this `born` were first met, ...
    alerts: int = 0
    dead_letters: int = 0
    #: ... and how many of those before have not been met again: until then each may be one of them.
    unmet: int = 0


_pack = msgspec.msgpack.Encoder().encode
_count = msgspec.msgpack.Decoder(int).decode
_told = msgspec.msgpack.Decoder(Told).decode


class Progress:
    """Reads the topic; what is to be written comes as messages, for the transaction of which it is part."""

    def __init__(self, connection: Connection, ends: Ends) -> None:
        self._latest = Latest(connection, ends, PROGRESS)

    def run(self, run: str, seconds: float = SETTLING_SECONDS) -> int:
        """How many records of an import the log holds; Unsettled when that is not known in time."""
        packed = self._latest.read(seconds).get(_run(run))
        return 0 if packed is None else _count(packed)

    def runs(self) -> dict[str, int]:
        """The same of all imports."""
        prefix = _run("")
        return {
            key.removeprefix(prefix): _count(packed)
            for key, packed in self._latest.read().items()
            if key.startswith(prefix)
        }

    def told(self, partition: int) -> Told:
        """How far a partition's outlet has come."""
        packed = self._latest.read().get(_outlet(partition))
        return Told() if packed is None else _told(packed)

    def of_run(self, run: str, position: int) -> NewMessage:
        """That so many records of an import are in the log."""
        return NewMessage(self._latest.topic, _run(run).encode(), _pack(position), 0)

    def of_outlet(self, partition: int, told: Told) -> NewMessage:
        """That an outlet has come so far."""
        return NewMessage(self._latest.topic, _outlet(partition).encode(), _pack(told), 0)

    def close(self) -> None:
        """Give the connection back."""
        self._latest.close()


def _run(run: str) -> str:
    return f"run/{run}"


def _outlet(partition: int) -> str:
    return f"outlet/{partition}"
