"""What people do on the pages of the public, of alerts and of the window, on both engines."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.redis.discarding import discard
from cli.contexts import context_of
from cli.engine import open_engine, system_clock
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import to_datetime
from producers.receipts import Receipts
from producers.window.acting import new_once
from tests.consumers.alerting.test_pages import rows
from tests.consumers.public.conftest import publish, told
from tests.patience import until
from tests.producers.window.test_pages import file, issue_of, listed
from tests.sites import MINGCHUAN, Site
from tests.working import at_work
from web.accounts import Accounts, Role

PARTITIONS = 2
ZONE = ZoneInfo("Asia/Shanghai")
#: Of each area, requests of the month that is published, and how many of them were answered in time.
MONTH = {"old-town": (7, 5), "riverside": (4, 4), "": (2, 0)}


@pytest.fixture(scope="module", params=["embedded", "distributed"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder: Path = tmp_path_factory.mktemp("pages")
    shown = {"public": "streets by area", "public_fewest": 1}
    local = {"data": folder / "data", "vault": str(folder / "vault"), **shown}
    if request.param == "embedded":
        yield Settings(**local)
        return
    kafka, redis = request.getfixturevalue("kafka_server"), request.getfixturevalue("redis_server")
    topics = f"p{uuid4().hex[:10]}"
    init(Connection(kafka, topics), partitions=PARTITIONS)
    yield Settings(kafka=kafka, redis=redis, topics=topics, master_key="A" * 43, **local)
    discard(redis, prefix=topics, partitions=PARTITIONS)


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[Site]:
    """A town with a month behind it and three requests that are overdue; somebody works."""
    with pytest.MonkeyPatch.context() as patched:
        quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patched.setattr("web.accounts.PasswordHasher", lambda: quick)
        with open_engine(settings) as engine, Listening("127.0.0.1:0") as listening:
            engine.publish(parse_catalogue(MINGCHUAN))
            context = context_of(engine, settings, listening)
            made: Any = Site(
                engine, None, [system_clock()], make_site(context, settings), context, Accounts(engine.vault)
            )  # type: ignore[arg-type]  # of whichever engine, and the work is the thread's
            made.add_account("lin", Role.WINDOW, "streets")
            made.add_account("wang", Role.SUPERVISOR, "streets")
            publish(made, *a_month(month_of(made)), *overdue(made))
            with at_work(settings):
                # All of it came in at once: a month is published once its events were worked on.
                until(lambda: not unread(made))
                listening.start(made.app, lambda: None)
                try:
                    yield made
                finally:
                    for client in made.browsers:
                        client.close()


def unread(site: Site) -> int:
    """How many records nobody has worked on."""
    log, reader = site.engine.log, site.context.reader
    return sum(log.end(one) - reader.position(one).next_offset for one in range(reader.partitions))


def month_of(site: Site) -> str:
    """The month before the last one: it is out, whatever day it is."""
    first = to_datetime(site.now[0], ZONE).replace(day=1)
    last = (first - timedelta(days=1)).replace(day=1)
    return f"{last - timedelta(days=1):%Y-%m}"


def a_month(month: str) -> list[dict[str, Any]]:
    """Its requests: all due within it, by their second working day."""
    documents = []
    for area, (asked, answered) in MONTH.items():
        for number in range(asked):
            issue = f"M-{area or 'nowhere'}-{number}"
            fields = {"service": "pothole", **({"area": area} if area else {})}
            documents.append(told(issue, "submitted", f"{month}-05T09:00:00+08:00", **fields))
            if number < answered:
                documents.append(told(issue, "resolved", f"{month}-05T15:00:00+08:00", outcome="fixed"))
    return documents


def overdue(site: Site) -> list[dict[str, Any]]:
    """Three of the streets and one of the water that nobody has answered for three weeks."""
    begun = to_datetime(site.now[0], ZONE) - timedelta(days=21)
    return [
        told(issue, "submitted", begun.isoformat(), service=service, area="riverside")
        for issue, service in (("S-1", "pothole"), ("S-2", "street-light"), ("W-1", "no-water"))
    ]


def test_a_month_is_published_as_it_was(site: Site) -> None:
    month = month_of(site)
    browser = site.browser()
    until(lambda: "being-worked-out" not in browser.get("/public/data.csv").headers)
    until(lambda: f"{month}," in browser.get("/public/data.csv").text)
    found = [
        row
        for row in csv.DictReader(io.StringIO(browser.get("/public/data.csv").text))
        if row["month"] == month
    ]
    # Of what is in none of the areas nothing was on time, and a count of nought has no row there.
    due = {row["row"]: (int(row["on_time"] or 0), int(row["not_on_time"])) for row in found}
    assert {name: due[name] for name in ("old-town", "riverside")} == {
        area: (answered, asked - answered) for area, (asked, answered) in MONTH.items() if area
    }
    asked, answered = (sum(column) for column in zip(*MONTH.values(), strict=True))
    assert due[""] == (answered, asked - answered)
    assert found[0]["received"] == str(asked)
    page = browser.get(f"/public/commitments/streets?month={month}")
    assert page.status_code == 200
    assert "69.2" in page.text
    assert browser.get("/embed/streets?lang=zh").status_code == 200
    assert browser.get("/public/commitments/water").status_code == 404


def test_alerts_are_listed_narrowed_and_acknowledged(site: Site) -> None:
    wang = site.browser("wang")
    late = {"S-1", "S-2", "W-1"}

    def standing(query: str = "") -> set[str]:
        found = rows(wang.get(f"/alerts?stands=yes{query}"))
        return {issue for said, issue in found if "Overdue" in said and issue in late}

    until(lambda: standing() == late)
    assert standing("&department=water") == {"W-1"}
    assert standing("&commitment=streets&department=streets") == {"S-1", "S-2"}
    assert wang.get("/alerts?department=nowhere").status_code == 400
    first = wang.get("/alerts/list")
    form = {"once": new_once(to_datetime(site.now[0]))}
    wang.send("/issues/S-1/acknowledged", "/issues/S-1/acknowledged", **form)
    until(lambda: any("Seen" in said and issue == "S-1" for said, issue in rows(wang.get("/alerts"))))
    again = wang.get("/alerts/list", **{"if-none-match": first.headers["etag"]})
    assert again.status_code == 200


def test_a_request_is_filed_worked_on_and_looked_up_by_its_receipt(site: Site) -> None:
    lin = site.browser("lin")
    receipt = file(lin, area="riverside", name="王秀兰", text="The lamp is out.")
    issue = issue_of(receipt)
    number = Receipts(site.engine.vault).number(issue)
    assert number in receipt.text
    until(lambda: issue in listed(lin))
    assert "Street light out" in lin.get(f"/issues/{issue}").text
    form = {"once": new_once(to_datetime(site.now[0])), "outcome": "fixed", "text": "A new lamp."}
    assert "Resolved." in lin.send(f"/issues/{issue}", f"/issues/{issue}/resolved", **form).text
    until(lambda: issue not in listed(lin))
    public = site.browser().get(f"/r/{number}").text
    assert "Answered on" in public
    assert "Yes, it is done" in public
    assert not re.search("王秀兰|The lamp is out", public)
