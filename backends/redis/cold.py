"""States that wait for nothing are kept outside Redis, where memory is dear."""

from collections.abc import Mapping
from typing import Protocol


class ColdStates(Protocol):
    """Storage that every worker and every reader reaches. What was put stays and never changes."""

    def put(self, partition: int, states: Mapping[str, bytes]) -> dict[str, int]:
        """Keep states, durably once this returns; the place of each, a number below 2^53.

        Unavailable when they cannot be kept now.
        """

    def get(self, partition: int, places: Mapping[str, int]) -> dict[str, bytes]:
        """The states at those places, by issue. Unavailable when one cannot be read now."""
