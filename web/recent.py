"""A value looked up again once it is some seconds old."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

#: What others change is noticed within so long.
LOOK_SECONDS = 2.0

T = TypeVar("T")


class Recent(Generic[T]):
    """A value that is asked for often and looked up seldom. Threads may share it."""

    def __init__(self, look_up: Callable[[], T], seconds: float = LOOK_SECONDS) -> None:
        self._look_up = look_up
        self._seconds = seconds
        self._lock = threading.Lock()
        self._found: tuple[float, T] | None = None

    def __call__(self) -> T:
        """The value as of a moment ago; what looking it up raises."""
        with self._lock:
            now = time.monotonic()
            if self._found is None or now - self._found[0] > self._seconds:
                self._found = now, self._look_up()
            return self._found[1]
