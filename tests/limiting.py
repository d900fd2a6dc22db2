"""A clock of its own for what limits how often somebody asks."""

from dataclasses import dataclass

import pytest
from limits.storage import memory

#: The middle of a minute.
HALF_PAST = 1_800_000_030.0


@dataclass
class LimitsClock:
    """The seconds since 1970 that the limits go by; a test moves it."""

    now: float = HALF_PAST

    def time(self) -> float:
        """As `time.time`."""
        return self.now


@pytest.fixture
def limits_clock(monkeypatch: pytest.MonkeyPatch) -> LimitsClock:
    """Stands still, so that a test's requests are of one instant however long they take.

    A sliding window is two minutes of the clock, and the earlier counts less with every second of the later:
    more than the limit names would be let through to a test that takes long, or reaches over a minute's end.
    """
    clock = LimitsClock()
    monkeypatch.setattr(memory, "time", clock)
    return clock
