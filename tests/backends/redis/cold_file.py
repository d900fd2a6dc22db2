"""Cold states in one file for a test: what Kafka is for in a city."""

import os
from collections.abc import Mapping
from pathlib import Path


class ColdFile:
    """States one after the other, each after its length; a place is where one begins."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, partition: int, states: Mapping[str, bytes]) -> dict[str, int]:
        places = {}
        # Written at the end in one call, whoever else writes.
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            packed = b"".join(len(state).to_bytes(4, "big") + state for state in states.values())
            os.write(file, packed)
            os.fsync(file)
            at = os.lseek(file, 0, os.SEEK_CUR) - len(packed)
        finally:
            os.close(file)
        for issue, state in states.items():
            places[issue] = at
            at += 4 + len(state)
        return places

    def get(self, partition: int, places: Mapping[str, int]) -> dict[str, bytes]:
        found = {}
        with self._path.open("rb") as file:
            for issue, place in places.items():
                file.seek(place)
                found[issue] = file.read(int.from_bytes(file.read(4), "big"))
        return found
