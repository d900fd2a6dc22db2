"""Alerts from a server over HTTP, by Server-Sent Events; the last id says how far we are."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from ssl import SSLContext

import httpx
import msgspec

from consumers.subscriber.subscriber import Refused
from livelihood.alerts import Alert
from livelihood.ports import Unavailable

PATH = "/v1/alerts/stream"
#: The server says at least every 15 seconds that it is there.
SILENCE_SECONDS, CONNECT_SECONDS = 45.0, 10.0
#: Statuses that will be others when the same is asked again.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

_decode = msgspec.json.Decoder(Alert).decode


class AlertStream:
    """A source of alerts."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        place: Path | None = None,
        from_beginning: bool = False,
        verify: SSLContext | bool = True,
        **wanted: str,
    ) -> None:
        """`url` as people reach the server; `token` as `livelihood accounts pass` makes it.

        `place` is a file that keeps the last id: with one in it we go on there; without we begin now, or with
        the first alert. `wanted` narrows, as kind="overdue,escalated", department="roads".
        """
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address of a server: it begins with https:// or http://")
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if token.strip():
            headers["Authorization"] = f"Bearer {token.strip()}"
        self._url = url.rstrip("/") + PATH
        self._wanted = wanted
        self._place = place
        #: The id of the last alert that was handled, and of what was read after it; with none, the start.
        self.last_id = place.read_text("utf-8").strip() if place is not None and place.exists() else ""
        self._start = "beginning" if from_beginning else ""
        self._ids: list[str] = []
        #: The id the connection stands at, which may be past alerts that were not asked for.
        self._reached = self.last_id
        timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(headers=headers, timeout=timeout, verify=verify, trust_env=False)
        self._answer: httpx.Response | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._rest = b""

    def read(self, wait_seconds: float) -> Sequence[Alert]:
        """The next alerts, once there are some or the server says that it is there."""
        del wait_seconds
        if self._answer is None:
            self._connect()
        try:
            piece = next(self._pieces, None)
        except httpx.TransportError as error:
            piece = None
            self._drop()
            raise Unavailable(f"{self._url}: {str(error) or type(error).__name__}") from error
        if piece is None:
            self._drop()
            raise Unavailable(f"{self._url}: the stream has ended")
        *events, self._rest = (self._rest + piece).replace(b"\r\n", b"\n").split(b"\n\n")
        alerts: list[Alert] = []
        self._ids = []
        for event in events:
            fields = dict(_fields(event))
            self._reached = fields.get(b"id", self._reached.encode()).decode()
            if b"data" in fields:
                alerts.append(_decode(fields[b"data"]))
                self._ids.append(self._reached)
        if not alerts and self._reached != self.last_id:
            # All up to there was handled, or is none of ours.
            self._note(self._reached)
        return alerts

    def handled(self, count: int) -> None:
        """Keep the id of the last of them, in the file too."""
        done, self._ids = self._ids[:count], self._ids[count:]
        self._note(done[-1])

    def again(self) -> None:
        """Ask anew, where something is left."""
        if self._ids:
            self._ids = []
            self._drop()

    def close(self) -> None:
        """Give the connection back."""
        self._drop()
        self._client.close()

    def _connect(self) -> None:
        asked = dict(self._wanted)
        headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
        if not self.last_id and self._start:
            asked["after"] = self._start
        request = self._client.build_request("GET", self._url, params=asked, headers=headers)
        try:
            answer = self._client.send(request, stream=True)
            if answer.status_code != 200:
                answer.read()
        except httpx.TransportError as error:
            raise Unavailable(f"{self._url}: {str(error) or type(error).__name__}") from error
        if answer.status_code in _PASSING:
            raise Unavailable(f"{self._url}: {_detail(answer)}")
        if answer.status_code != 200:
            here = "; an AlertStream is given it as its `token`" if answer.status_code == 401 else ""
            raise Refused(f"{self._url}: {_detail(answer)}{here}")
        self._answer, self._pieces, self._rest = answer, answer.iter_bytes(), b""

    def _drop(self) -> None:
        if self._answer is not None:
            self._answer.close()
        self._answer, self._rest, self._reached = None, b"", self.last_id

    def _note(self, identity: str) -> None:
        self.last_id = identity
        if self._place is not None:
            new = self._place.with_name(f"{self._place.name}.new")
            with new.open("w", encoding="utf-8") as file:
                file.write(identity)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._place)


def _fields(event: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in event.split(b"\n"):
        name, _, value = line.partition(b":")
        if name:
            yield name, value.removeprefix(b" ")


def _detail(answer: httpx.Response) -> str:
    try:
        return f"{answer.json()['detail']} ({answer.status_code})"
    except (ValueError, TypeError, KeyError):
        return f"answered {answer.status_code}"
