"""A town whose February has been published, and months that are made by hand."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from cli.settings import Settings
from consumers.public.pages import MISSING
from examples.simulate_mingchuan import events
from livelihood.envelope import parse_event
from livelihood.instants import Instant, from_datetime
from livelihood.ports import NewRecord
from tests.patience import until
from tests.sites import Site, running_site

#: February is out from the second of March on.
UNTIL = datetime.fromisoformat("2026-03-04T10:20:00+08:00")


def publish(site: Site, *documents: dict[str, Any]) -> None:
    """Events, each recorded at its own time unless it says otherwise."""
    records = []
    for document in documents:
        recorded = document.get("recorded", document["time"])
        site.now[0] = max(site.now[0], from_datetime(datetime.fromisoformat(recorded)))
        event = parse_event(json.dumps(document), site.now[0])
        records.append(NewRecord(event.key, event.to_json()))
    site.engine.log.append(records)


def told(issue: str, kind: str, time: str, recorded: str = "", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "type": f"livelihood.request.{kind}", "source": "/channels/window",
        "id": f"{issue}:{kind}", "subject": issue, "time": time, "recorded": recorded or time,
        "channel": "window", "data": data,
    }  # fmt: skip


def worked_out(site: Site) -> None:
    """Wait until every month that is out can be looked at."""
    with httpx.Client(base_url=site.context.public_url) as client:
        until(lambda: MISSING not in client.get("/public/data.csv").headers)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("web.accounts.PasswordHasher", lambda: hasher)


Towns = Callable[..., Site]


@pytest.fixture
def town(tmp_path: Path, quick: None) -> Iterator[Towns]:
    """Make a town with settings, where a month was lived until the fourth of March."""
    running: list[Any] = []

    def make(*, lived: bool = False, now: Instant | None = None, **settings: Any) -> Site:
        folder = tmp_path / f"data{len(running)}"
        held = running_site(Settings(data=folder, **settings), "2026-02-01T00:00:00+08:00")
        site = held.__enter__()
        running.append(held)
        if lived:
            publish(site, *events(UNTIL, days=32, a_day=20))
        site.now[0] = from_datetime(UNTIL) if now is None else now
        site.work()
        if settings.get("public"):
            worked_out(site)
        return site

    yield make
    for held in reversed(running):
        held.__exit__(None, None, None)
