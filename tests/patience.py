"""How long a test waits for what must come at all.

No test says how quickly something comes: the machine may have much else to do. This only ends one that
would wait for ever, before pytest's own limit does, so that it can say what was missing.
"""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 150.0


def until(condition: Callable[[], object]) -> None:
    """Wait until something holds that must come at all."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < limit, "it does not come"
        time.sleep(0.02)
