"""A site of Mingchuan with two weeks of work in it, shared: these tests only look."""

import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from cli.settings import Settings
from examples.simulate_mingchuan import events
from livelihood.envelope import parse_event
from livelihood.instants import from_datetime
from livelihood.ports import NewRecord
from tests.patience import until
from tests.sites import Site, running_site

UNTIL = datetime.fromisoformat("2026-03-04T10:20:00+08:00")


@pytest.fixture(scope="session")
def mingchuan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(Settings(data=tmp_path_factory.mktemp("pages") / "data")) as site:
        for document in events(UNTIL):
            site.now[0] = from_datetime(datetime.fromisoformat(document["time"]))
            event = parse_event(json.dumps(document), site.now[0])
            site.engine.log.append([NewRecord(event.key, event.to_json())])
            site.work()
        site.now[0] = from_datetime(UNTIL)
        site.work()
        until(lambda: not behind(site))
        yield site


def behind(site: Site) -> bool:
    """Whether the board has still to count something in."""
    health = site.browser().client.get("/v1/health").json()
    return any(one["behind"] != 0 for one in health["partitions"])
