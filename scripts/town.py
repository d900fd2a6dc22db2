"""A site of Mingchuan for pictures: two weeks of work, and a clock that has come to a Wednesday morning."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.contexts import context_of
from cli.embedded import EmbeddedEngine
from cli.examples import example_path
from cli.listening import Listening
from cli.settings import Settings
from cli.site import make_site
from examples.simulate_mingchuan import events
from livelihood.catalogue_reading import parse_catalogue
from livelihood.envelope import parse_event
from livelihood.instants import Instant, from_datetime, parse
from livelihood.ports import NewRecord
from scripts.subscribed import subscribe
from web.accounts import Account, Accounts, Role

NOW = datetime.fromisoformat("2026-03-04T10:20:00+08:00")
PASSWORD = "four words do well"


def progress(until: datetime) -> Iterator[dict[str, Any]]:
    """What the project of the catalogue has reported: the whole so far, week by week."""
    for weeks, done in enumerate((2, 7, 11, 19, 23)):
        stamp = (until - timedelta(weeks=4 - weeks, hours=20)).isoformat(timespec="seconds")
        yield {
            "specversion": "1.0", "type": "livelihood.request.progress_reported",
            "source": "/channels/window", "id": f"old-areas:{weeks}", "subject": "old-areas",
            "time": stamp, "recorded": stamp, "channel": "window",
            "data": {"done": done, "verified": max(done - 5, 0)},
        }  # fmt: skip


class Town:
    """A site of Mingchuan whose clock has come to NOW, with what happened until then."""

    def __init__(
        self, engine: EmbeddedEngine, worker: Any, clock: list[Instant], listening: Listening
    ) -> None:
        self.engine, self.worker, self.clock = engine, worker, clock
        self.url = listening.url
        self._stop = threading.Event()

    def live_through(self, until: datetime) -> None:
        """Let everything happen at its own time."""
        for document in sorted([*events(until), *progress(until)], key=lambda one: str(one["time"])):
            self.clock[0] = from_datetime(datetime.fromisoformat(document["time"]))
            event = parse_event(json.dumps(document), self.clock[0])
            self.engine.log.append([NewRecord(event.key, event.to_json())])
            while not self.worker.step().idle:
                pass
        self.clock[0] = from_datetime(until)
        # What a program wrote past all checks, and what was never submitted.
        for number, (kind, data) in enumerate(
            (("submitted", {"service": "pothole", "urgency": 1}), ("accepted", {})), 9001
        ):
            one = {"type": f"livelihood.request.{kind}", "subject": f"MC-{number}", "data": data}
            value = json.dumps({**document, **one, "id": str(number)}).encode()
            self.engine.log.append([NewRecord(one["subject"], value)])

    def work(self) -> None:
        """Work on what pages publish, as `serve` does."""
        while not self._stop.is_set():
            self.worker.step()
            self._stop.wait(0.02)

    def stop(self) -> None:
        """End that."""
        self._stop.set()


@contextmanager
def town() -> Iterator[Town]:
    """The site, for as long as this lasts."""
    clock = [parse("2026-02-01T00:00:00+08:00")]
    with (
        TemporaryDirectory() as folder,
        EmbeddedEngine(Path(folder) / "data", lambda: clock[0]) as engine,
        engine.worker() as worker,
        Listening("127.0.0.1:0") as listening,
    ):
        settings = Settings(data=Path(folder) / "data", public_url="http://fuwu.mingchuan.example")
        engine.publish(parse_catalogue(example_path("mingchuan/catalogue.toml").read_text("utf-8")))
        accounts = Accounts(engine.vault)
        for name, role, departments in (
            ("lin", Role.WINDOW, {"streets", "water", "sanitation"}),
            ("wang", Role.SUPERVISOR, {"streets", "water", "sanitation", "housing", "civil-affairs"}),
            ("chen", Role.ADMIN, set()),
        ):
            accounts.add(
                Account(
                    name=name, role=role, departments=frozenset(departments), created=clock[0],
                    password=accounts.hashed(PASSWORD),
                )
            )  # fmt: skip
        context = context_of(engine, settings, listening)
        site = make_site(context, settings, tells=False)
        listening.start(site, lambda: None)
        made = Town(engine, worker, clock, listening)
        made.live_through(NOW)
        subscribe(engine)
        thread = threading.Thread(target=made.work)
        thread.start()
        try:
            yield made
        finally:
            made.stop()
            thread.join()
