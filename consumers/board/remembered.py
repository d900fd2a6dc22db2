"""Answers that cost something, kept for a while: for as long as nothing changed, and a little beyond."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

#: Answers kept. A large table takes some megabytes.
MOST = 32
#: Where things change all the time, an answer is kept for so many times what it took to make: that takes no
#: more than a tenth of one core then, however many ask.
SHARE = 10
LEAST_SECONDS = 0.5

Found = TypeVar("Found")


@dataclass(slots=True)
class _Answer:
    value: Any
    stamp: Hashable
    until: float


class Remembered:
    """Threads may share it; those that ask for the same wait for the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}
        self._kept: OrderedDict[Hashable, _Answer] = OrderedDict()

    def get(self, key: Hashable, stamp: Hashable, make: Callable[[], Found]) -> Found:
        """What `make` answers, or has answered of late; `stamp` says how things stand. Raises as `make`."""
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            try:
                return cast("Found", self._found(key, stamp, make))
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def _found(self, key: Hashable, stamp: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            found = self._kept.get(key)
        began = time.monotonic()
        if found is None or not (found.stamp == stamp or began < found.until):
            value = make()
            now = time.monotonic()
            found = _Answer(value, stamp, now + max(SHARE * (now - began), LEAST_SECONDS))
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return found.value
