"""Over HTTP to the gateway: for every channel that can reach it. The gateway checks, seals and answers."""

from collections.abc import Sequence
from ssl import SSLContext
from typing import Any

import httpx

from livelihood.ports import Unavailable
from producers.publisher.delivery import Later, Outcome, Prepared, Refusal, Taken

EVENTS_PATH = "/v1/events"
BATCH_TYPE = "application/cloudevents-batch+json"
#: How long the gateway has to answer; it waits for the disk.
ANSWER_SECONDS = 30.0
#: Statuses that will be others when the same is sent again: too many requests, a log that is slow or down.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class GatewayTransport:
    """Sends batches of CloudEvents with a bearer token."""

    seals = True
    #: A quarter of what the gateway takes in one request, so that it answers soon.
    largest_bytes = 1024 * 1024

    def __init__(self, url: str, token: str = "", *, verify: SSLContext | bool = True) -> None:
        """`url` as people reach the server; `token` as `livelihood keys add` shows it.

        `verify`: a context with the certificate authority to trust, where it is a private one. ValueError
        where the one is no URL, or the other no token.
        """
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address of a gateway: it begins with https:// or http://")
        headers = {"Content-Type": BATCH_TYPE}
        # As it was read from a file, with the end of its line.
        token = token.strip()
        if token:
            if not (token.isascii() and token.isprintable()) or " " in token:
                # Not what it is: errors end in logs.
                raise ValueError("the token is none: give the one line that livelihood keys add has shown")
            headers["Authorization"] = f"Bearer {token}"
        self._url = url.rstrip("/") + EVENTS_PATH
        self._client = httpx.Client(headers=headers, timeout=ANSWER_SECONDS, verify=verify)

    def send(self, events: Sequence[Prepared]) -> list[Outcome]:
        """What became of each; Unavailable where nobody answers."""
        body = b"[" + b",".join(event.value for event in events) + b"]"
        try:
            answer = self._client.post(self._url, content=body)
        except httpx.TransportError as error:
            raise Unavailable(f"{self._url}: {str(error) or type(error).__name__}") from error
        if answer.status_code == 413 and len(events) > 1:
            half = len(events) // 2
            return [*self.send(events[:half]), *self.send(events[half:])]
        if answer.status_code != 200:
            return [self._of_all(answer)] * len(events)
        try:
            told = answer.json()
            return [self._of_one(one) for _, one in zip(events, told, strict=True)]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Unavailable(f"{self._url}: what answers there is no gateway of ours") from None

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _of_all(self, answer: httpx.Response) -> Outcome:
        """What an answer that is no list says of every event of a batch."""
        try:
            problem = answer.json()
            said = {"status": answer.status_code, "detail": problem["detail"], "field": problem.get("field")}
        except (ValueError, TypeError, KeyError, AttributeError):
            said = {"status": answer.status_code, "detail": answer.reason_phrase}
        return self._of_one(said, _seconds(answer.headers.get("retry-after", "")))

    def _of_one(self, said: dict[str, Any], after_seconds: float = 0.0) -> Outcome:
        """What is said of one event: its receipt, or the problem with it."""
        status = int(said["status"])
        if status == 202:
            # Of a submission only: nothing else is handed to a person.
            return Taken(str(said.get("receipt", "")))
        message = f"{self._url}: {said['detail']} ({status})"
        if status in _PASSING:
            return Later(message, after_seconds)
        return Refusal(str(said.get("field") or ""), message)


def _seconds(text: str) -> float:
    """Retry-After in seconds; as a date it is left to the publisher's own patience."""
    return float(text) if text.isdecimal() else 0.0
