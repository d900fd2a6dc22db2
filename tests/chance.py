"""What decides the moments at which tests kill, stop and starve; the seed is printed with a failure."""

import os
import random
import time

import pytest


@pytest.fixture
def chance() -> random.Random:
    """What decides the moments; FAULT_SEED repeats them, as far as the machine's own timing allows."""
    seed = int(os.environ.get("FAULT_SEED", "0")) or time.time_ns() % 1_000_000_007
    print(f"FAULT_SEED={seed}")
    return random.Random(seed)
