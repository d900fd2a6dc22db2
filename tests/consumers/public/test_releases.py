"""A month that is out: true where it is shown, the same at every look, and not out before its time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any

import anyio

from consumers.public.figures import COUNTS, received
from consumers.public.publication import read_publication
from consumers.public.releases import Releases
from consumers.tables import Query, read_table
from livelihood.instants import DAY, MINUTE, parse
from livelihood.periods import parse_period
from livelihood.ports import Reader
from tests.consumers.public.conftest import publish, told
from tests.sites import Site

MARCH = parse("2026-03-01T00:00:00+08:00")


def releases(site: Site, text: str = "all by area") -> Releases:
    """What another server would publish: nothing is worked out yet."""
    return Releases(site.context, read_publication(text, 5))


def test_what_is_shown_is_what_the_table_says(town: Any) -> None:
    site = town(lived=True)
    catalogue = site.context.catalogue()
    period = parse_period("2026-02", "Asia/Shanghai")
    release = releases(site).release("2026-02")
    shown = 0
    assert set(release.figures) == set(catalogue.latest.commitments)
    for by in ("", "area"):
        asked = Query(period=period, by=(by,) if by else (), as_of=MARCH, known_at=MARCH + DAY)
        for line in read_table(site.context.reader, catalogue, asked):
            figures = release.figures.get(line.commitment)
            if figures is None:
                continue
            for name, count in COUNTS.items():
                row = line.dimensions.get("area", "")
                value = figures.count(name, row)
                assert value in (None, count(line.sums))
                assert value is not None or row or count(line.sums) < 5
                shown += value is not None
            if not by:
                assert figures.received == (received(line.sums) if received(line.sums) >= 10 else None)
    # Else it would be true of nothing.
    assert shown > 10


def test_a_month_is_out_a_day_after_its_end_and_not_before(town: Any) -> None:
    site = town(now=MARCH + DAY)
    publish(site, told("A-1", "submitted", "2026-02-03T10:00:00+08:00", service="pothole", area="riverside"))
    site.work()
    assert releases(site).months() == []
    site.wait(MINUTE)
    assert releases(site).months() == ["2026-02"]


def test_a_month_is_not_out_while_events_of_it_wait_to_be_worked_on(town: Any) -> None:
    site = town(now=MARCH - DAY)
    publish(site, told("A-1", "submitted", "2026-02-03T10:00:00+08:00", service="pothole", area="riverside"))
    site.work()
    site.now[0] = MARCH + 3 * DAY
    assert releases(site).months() == []
    site.work()
    assert releases(site).months() == ["2026-02"]


def test_what_becomes_known_later_does_not_change_a_month_that_is_out(town: Any) -> None:
    site = town(lived=True)
    before = releases(site).release("2026-02")
    publish(
        site,
        told("L-1", "submitted", "2026-02-10T09:00:00+08:00", "2026-03-04T11:00:00+08:00",
             service="pothole", area="riverside", on_paper=True),
        told("MC-1003", "commented", "2026-02-20T09:00:00+08:00", "2026-03-04T11:00:00+08:00"),
    )  # fmt: skip
    site.work()
    after = releases(site).release("2026-02")
    assert after.figures == before.figures
    period = parse_period("2026-02", "Asia/Shanghai")
    known_now = read_table(site.context.reader, site.context.catalogue(), Query(period=period))[0]
    known_then = read_table(
        site.context.reader, site.context.catalogue(),
        Query(period=period, as_of=MARCH, known_at=MARCH + DAY),
    )[0]  # fmt: skip
    # There was something to leave out.
    assert known_now.measures()["received"] == known_then.measures()["received"] + 1


def test_months_are_worked_out_before_anybody_asks(town: Any) -> None:
    found = releases(town(lived=True))
    assert found.ready("2026-02") is None

    async def until_ready() -> None:
        # Something that must come at all.
        with anyio.fail_after(120):
            async with anyio.create_task_group() as group:
                group.start_soon(found.keep_ready)
                while found.ready("2026-02") is None:
                    await anyio.sleep(0.05)
                group.cancel_scope.cancel()

    anyio.run(until_ready)
    assert found.release("2026-02") is found.ready("2026-02")


def test_what_somebody_waits_for_comes_before_what_nobody_does(town: Any) -> None:
    found = releases(town(lived=True))
    order: list[str] = []

    async def until_asked_for() -> None:
        # Something that must come at all.
        with anyio.fail_after(120):
            async with anyio.create_task_group() as group:
                found.ask("2026-01")
                group.start_soon(found.keep_ready)
                while len(order) < 2:
                    ready = [month for month in found.months() if found.ready(month) is not None]
                    order.extend(month for month in ready if month not in order)
                    await anyio.sleep(0.001)
                group.cancel_scope.cancel()

    anyio.run(until_asked_for)
    assert order == ["2026-01", "2026-02"]


def test_where_nothing_is_named_only_what_is_asked_for_is_worked_out(town: Any) -> None:
    found = releases(town(lived=True), "")

    async def until_one_is_there() -> None:
        with anyio.fail_after(120):
            async with anyio.create_task_group() as group:
                group.start_soon(found.keep_ready)
                await anyio.sleep(0.3)
                found.ask("2026-01")
                while found.ready("2026-01") is None:
                    await anyio.sleep(0.01)
                await anyio.sleep(0.5)
                group.cancel_scope.cancel()

    anyio.run(until_one_is_there)
    assert found.ready("2026-02") is None


def test_a_month_that_is_there_is_shown_while_another_is_worked_out(town: Any) -> None:
    site = town(lived=True)
    begun, may_go_on = Event(), Event()

    @contextmanager
    def slow() -> Iterator[Reader]:
        begun.set()
        # Something that must come at all.
        assert may_go_on.wait(120)
        yield site.context.reader

    found = Releases(replace(site.context, open_reader=slow), read_publication("all by area", 5))
    may_go_on.set()
    there = found.release("2026-02")
    begun.clear()
    may_go_on.clear()
    with ThreadPoolExecutor(2) as threads:
        other = threads.submit(found.release, "2026-01")
        try:
            assert begun.wait(60)
            assert threads.submit(found.release, "2026-02").result(60) is there
            assert not other.done()
        finally:
            may_go_on.set()


def test_only_what_is_named_is_published_each_by_its_own_rows(town: Any) -> None:
    site = town(lived=True)
    found = releases(site, "streets by area, life by service, nosuch").release("2026-02").figures
    assert {code: one.by for code, one in found.items()} == {"streets": "area", "life": "service"}
    assert found["life"].rows[:2] == ("birth", "marriage")
