"""Events as a channel has them, and a transport that does what a test says."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from producers.publisher.delivery import Outcome, Prepared, Taken


def event(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "livelihood.request.submitted",
        "source": "/channels/phone",
        "id": f"e{number}",
        "subject": f"P-{number}",
        "time": "2024-05-01T09:00:00-05:00",
        "channel": "phone",
        "data": {"service": "pothole"},
    } | changes


@pytest.fixture
def make_event() -> Callable[..., dict[str, Any]]:
    return event


class Scripted:
    """A transport that answers by a function, and remembers what it was given."""

    seals = False
    largest_bytes = 1024 * 1024

    def __init__(self, answer: Callable[[Sequence[Prepared]], list[Outcome]] | None = None) -> None:
        self.answer = answer or (lambda events: [Taken()] * len(events))
        self.batches: list[list[Prepared]] = []
        self.closed = False
        #: Sending waits for it.
        self.open = threading.Event()
        self.open.set()

    def send(self, events: Sequence[Prepared]) -> list[Outcome]:
        self.batches.append(list(events))
        assert self.open.wait(60)
        return self.answer(events)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


class Sealer:
    """Seals so that a test can look inside; who is called Nobody is forgotten."""

    def seal(self, personal: dict[str, str], issue: str) -> str | None:
        if "address" in personal and "name" not in personal:
            raise ValueError("address: is none of its fields")
        return None if personal.get("name") == "Nobody" else f"sealed.{issue}.abc="

    def open(self, sealed: str) -> dict[str, str] | None:
        raise NotImplementedError


@pytest.fixture
def sealer() -> Sealer:
    return Sealer()
