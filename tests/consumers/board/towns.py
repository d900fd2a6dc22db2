"""Towns with a history, made of the steps that the engine's own tests draw, and views of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import streams.worker
from backends.sqlite import pages
from consumers.board.view import View
from livelihood.instants import MINUTE
from livelihood.movements import ENTRY_BYTES
from livelihood.rollup import BREAKDOWNS, Filters
from tests.streams.conftest import Town, make_version
from tests.streams.test_engine import Scenario

SETTINGS = settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
#: Views of now that the board keeps.
LIVE = [
    View(),
    *(View(by=(name,)) for name in BREAKDOWNS),
    View(by=("department", "outcome"), period="2026-02"),
    View(by=("service",), period="2026-Q1", commitment="roads"),
    View(commitment="*", by=("channel",)),
    View(commitment="pipes"),
    View(by=("area",), filters=Filters(department=("roads",))),
    View(filters=Filters(area=("", "other"), channel=("desk",))),
    View(by=("service",), filters=Filters(origin=("person",))),
    View(filters=Filters(category=("nothing",))),
]


@contextmanager
def town_with(
    town: Town, steps: list[tuple[str, Any]], sizes: tuple[int, int], look: Callable[[], None]
) -> Iterator[Town]:
    """A town in which these steps were taken, by batches of these sizes, looked at after each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams.worker, "BATCH_RECORDS", sizes[0])
        patch.setattr(streams.worker, "BATCH_TIMERS", sizes[1])
        # A few movements a page, so that there are many.
        patch.setattr(pages, "PAGE_BYTES", 5 * ENTRY_BYTES)
        scenario = Scenario(town, make_version, apart=True)
        for name, argument in steps:
            getattr(scenario, f"_{name}")(argument)
            look()
        scenario._end(0)
        town.pass_time(MINUTE)
        scenario._idle(0)
        look()
        yield town
    town.close()
