"""A town with requests, asked over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import pytest

from livelihood.instants import DAY, HOUR, Instant, iso
from livelihood.ports import NewRecord
from tests.patience import PATIENCE_SECONDS, until
from tests.sites import Site


class Requests:
    """Tells a site of requests."""

    def __init__(self, site: Site) -> None:
        self.site = site
        services = site.context.catalogue().latest.services
        self.services = list(services)
        self._told = 0

    def event(self, issue: str, kind: str, time: Instant | None = None, **data: Any) -> NewRecord:
        self._told += 1
        document = {
            "specversion": "1.0",
            "type": f"livelihood.request.{kind}",
            "source": "/channels/hotline",
            "id": f"e{self._told}",
            "subject": issue,
            "time": iso(self.site.now[0] if time is None else time),
            "channel": "hotline",
            "data": data,
        }
        return NewRecord(issue, msgspec.json.encode(document))

    def tell(self, *records: NewRecord) -> None:
        """Append and work on it."""
        self.site.engine.log.append(records)
        self.site.work()

    def some(self, count: int = 40) -> None:
        """So many over eight days, most of them answered, some late."""
        areas = [*self.site.context.catalogue().latest.areas, None]
        for number in range(count):
            service = self.services[number % len(self.services)]
            area = areas[number % len(areas)]
            self.tell(self.event(f"R-{number}", "submitted", service=service, area=area))
            if number % 3:
                self.site.wait(number % 7 * 2 * HOUR)
                self.tell(
                    self.event(f"R-{number}", "resolved", outcome="fixed" if number % 2 else "answered")
                )
            self.site.wait(8 * DAY // count)
        self.site.wait(HOUR)


@pytest.fixture
def requests(site: Site) -> Requests:
    return Requests(site)


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """A program that asks."""
    with httpx.Client(base_url=site.context.public_url, timeout=PATIENCE_SECONDS) as client:
        yield client


@pytest.fixture
def caught_up(client: httpx.Client) -> Callable[[], None]:
    """Waits until the board has counted in all that was worked on."""

    def wait() -> None:
        until(lambda: all(one["behind"] == 0 for one in client.get("/v1/health").json()["partitions"]))

    return wait


@contextmanager
def streamed(client: httpx.Client, path: str, **headers: str) -> Iterator[Iterator[str]]:
    """The lines of a stream."""
    with client.stream("GET", path, headers={"accept": "text/event-stream", **headers}) as answer:
        assert answer.status_code == 200, answer.read()
        yield answer.iter_lines()
