"""The share of one process, as its group tells it what it has."""

import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from streams.service import Parts, Share

Told = Callable[[Collection[int]], None]


class Telling:
    """A group that says what it is told to say."""

    def __init__(self) -> None:
        self.to_say: SimpleQueue[str] = SimpleQueue()
        self._told: dict[str, Told] = {}

    def join(self, given: Told, taken: Told, lost: Told) -> None:
        self._told = {"given": given, "taken": taken, "lost": lost}

    def poll(self, seconds: float) -> None:
        with suppress(Empty):
            self._told[self.to_say.get(timeout=seconds or 0.001)]([])

    def leave(self) -> None:
        pass


@pytest.fixture
def group() -> Telling:
    return Telling()


@pytest.fixture
def trouble(group: Telling) -> Any:
    none: Any = SimpleNamespace()
    share = Share(Parts(none, none, none, group, lambda: 0, lambda: ()), 1_000, lambda _: None)
    running = threading.Thread(target=share.run)
    running.start()

    def after(*said: str) -> str:
        for one in said:
            group.to_say.put(one)
        while not group.to_say.empty():
            time.sleep(0.001)
        # What was taken from there last is said before the next look at it.
        group.to_say.put("taken")
        while not group.to_say.empty():
            time.sleep(0.001)
        return share.trouble()

    yield after
    share.stop()
    running.join()


def test_a_process_without_partitions_does_its_whole_share_once_the_group_has_said_so(trouble: Any) -> None:
    assert trouble() == "no member of the group yet"
    assert trouble("given") == ""


def test_who_has_lost_what_it_had_is_not_ready_before_the_group_takes_it_again(trouble: Any) -> None:
    assert trouble("given", "lost") == "no member of the group yet"
    assert trouble("given") == ""
