"""Subscriptions told by webhook of very many alerts at once: how long until each has heard of all of them."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from bench.measuring import figure, percentile
from cli.engine import system_clock
from livelihood.instants import SECOND, Instant

#: Must have come by then.
PATIENCE_SECONDS = 900.0


class Receiver:
    """Takes webhooks, and notes of each subscription how many alerts it was told of, and when last."""

    def __init__(self) -> None:
        receiver = self
        self.told: Counter[str] = Counter()
        self.messages: Counter[str] = Counter()
        self.last: dict[str, Instant] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if said["type"] != "test":
                    receiver.told[self.path] += said["data"]["count"]
                    receiver.messages[self.path] += 1
                    receiver.last[self.path] = system_clock()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def summaries(
    engine: str, url: str, subscriptions: int, issues: int, fall_due: Callable[[], Instant]
) -> Iterator[str]:
    """So many subscriptions to what becomes overdue; `fall_due` has it fall due, from when it says on."""
    receiver = Receiver()
    try:
        with httpx.Client(base_url=url, timeout=60) as client:
            for number in range(subscriptions):
                draft = {
                    "url": f"{receiver.url}/{number}", "time_zone": "Asia/Shanghai",
                    "wanted": {"kinds": ["overdue"]}, "at_once": ["overdue"],
                }  # fmt: skip
                client.post("/v1/subscriptions", json=draft).raise_for_status()
        due = fall_due()
        limit = time.monotonic() + PATIENCE_SECONDS
        while sum(receiver.told.values()) < subscriptions * issues:
            if time.monotonic() > limit:
                raise RuntimeError(f"told of {dict(receiver.told)}")
            time.sleep(0.05)
    finally:
        receiver.close()
    if set(receiver.told.values()) != {issues}:
        raise RuntimeError(f"told of {dict(receiver.told)}")
    seconds = [(last - due) / SECOND for last in receiver.last.values()]
    subject = f"{engine}: from the first deadline until a subscription has been told of all, by webhook"
    shown = f"{percentile(seconds, 0.5):.2f}, in {max(receiver.messages.values())} messages"
    yield figure(subject, shown, f"{max(seconds):.2f}")
