"""Channels that send to a gateway whatever happens to it, and remember what they were told."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from livelihood.instants import iso

#: What a repeat with other content says; none of it may ever take effect.
FORGED = "forged"
SENDERS = 6


class Senders:
    """Send until told to stop; each repeats what was not answered, and now and then gives one up."""

    def __init__(self, address: Callable[[], str], chance: random.Random) -> None:
        self._address = address
        self._seed = chance.randrange(1 << 32)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        #: Neither, when it was given up: it may be there or not.
        self.unknown: set[str] = set()
        #: Statuses that said "not now", and answers that were wrong.
        self.not_now = 0
        self.wrong: list[str] = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(SENDERS)]

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, sender: int) -> None:
        chance = random.Random(self._seed + sender)
        number = 0
        while not self._stop.is_set():
            batch = []
            for _ in range(chance.choice((1, 1, 1, 5))):
                number += 1
                batch.append(self._event(f"s{sender}-{number}", chance))
            self._send(batch, chance)
            time.sleep(chance.uniform(0, 0.005))

    def _event(self, name: str, chance: random.Random) -> dict[str, Any]:
        dice = chance.random()
        if dice < 0.05:
            return event(name, service=5)
        if dice < 0.15 and self.acknowledged:
            with self._lock:
                known = chance.choice(sorted(self.acknowledged)[-50:])
            return event(known, service=FORGED)
        return event(name)

    def _send(self, batch: list[dict[str, Any]], chance: random.Random) -> None:
        waiting = dict(enumerate(batch))
        while waiting:
            answers = self._answers(list(waiting.values()))
            for (number, one), (status, _) in zip(list(waiting.items()), answers, strict=True):
                if status in (202, 400, 409):
                    del waiting[number]
                    self._note(one, status)
                else:
                    self.not_now += 1
            if waiting and (self._stop.is_set() or chance.random() < 0.02):
                with self._lock:
                    self.unknown.update(
                        one["id"] for one in waiting.values() if one["data"]["service"] == "lamp"
                    )
                return
            if waiting:
                time.sleep(0.05)

    def _note(self, one: dict[str, Any], status: int) -> None:
        service = one["data"]["service"]
        expected = {"lamp": 202, FORGED: 409}.get(service, 400) if isinstance(service, str) else 400
        with self._lock:
            if status != expected:
                self.wrong.append(f"{one['id']} with {service!r}: {status}")
            if status == 202:
                self.acknowledged.add(one["id"])
            elif status == 400:
                self.refused.add(one["id"])

    def _answers(self, batch: list[dict[str, Any]]) -> list[tuple[int, Any]]:
        """A status for each; 0 where nothing was heard."""
        single = len(batch) == 1
        media_type = "application/cloudevents+json" if single else "application/cloudevents-batch+json"
        connection = http.client.HTTPConnection(self._address(), timeout=40)
        try:
            body = json.dumps(batch[0] if single else batch)
            connection.request("POST", "/v1/events", body, {"Content-Type": media_type})
            answer = connection.getresponse()
            document = json.loads(answer.read())
            if answer.status == 200:
                return [(one["status"], one) for one in document]
            if answer.status == 503:
                assert answer.headers["Retry-After"]
            return [(answer.status, document)] * len(batch)
        except (OSError, http.client.HTTPException, ValueError):
            return [(0, None)] * len(batch)
        finally:
            connection.close()


def event(name: str, service: Any = "lamp") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "livelihood.request.submitted",
        "source": "/channels/phone",
        "id": name,
        "subject": name,
        "time": iso(1_767_225_600_000_000),
        "channel": "phone",
        "data": {"service": service},
    }
