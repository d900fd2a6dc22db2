"""One attempt to deliver a message: signed, limited in time and in what is read of the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
from standardwebhooks.webhooks import Webhook

from backends.webhooks.addresses import Addresses, Forbidden, PinnedTransport
from backends.webhooks.failures import said_of
from livelihood.causes import ANSWERED, GONE, NO_URL, NOT_IN_TIME, REDIRECT
from livelihood.endpoints import Endpoint
from livelihood.instants import Instant, to_datetime

#: An attempt as a whole, and until it is connected.
ATTEMPT_SECONDS, CONNECT_SECONDS = 15.0, 5.0
#: So much of an answer is read; what it says is not used.
ANSWER_BYTES = 16 * 1024
_GONE = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt."""

    #: What was wrong, as livelihood/causes.py has it where it can; empty: it was delivered.
    problem: str = ""
    #: Trying again would change nothing.
    is_final: bool = False
    #: The receiver wants nothing any more.
    is_gone: bool = False
    #: What it answered; 0: it did not, or is asked in another way than by HTTP.
    status: int = 0


class Sender:
    """Sends, for one event loop."""

    def __init__(self, addresses: Addresses, clock: Callable[[], Instant], **options: Any) -> None:
        """`options` of httpx's transport, for tests: a certificate of their own."""
        self._clock = clock
        self._client = httpx.AsyncClient(
            transport=PinnedTransport(addresses, **options),
            timeout=httpx.Timeout(ATTEMPT_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "livelihood-webhooks"},
        )

    async def send(self, endpoint: Endpoint, identity: str, body: str) -> Outcome:
        """Try once. Only an answer of 2xx is a delivery; a redirect is none."""
        now = self._clock()
        moment = to_datetime(now)
        signatures = [Webhook(secret).sign(identity, moment, body) for secret in endpoint.signing(now)]
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(now // 1_000_000),
            "webhook-signature": " ".join(signatures),
        }
        try:
            with anyio.fail_after(ATTEMPT_SECONDS):
                async with self._client.stream(
                    "POST", endpoint.url, content=body.encode(), headers=headers
                ) as answer:
                    read = 0
                    async for part in answer.aiter_raw():
                        read += len(part)
                        if read > ANSWER_BYTES:
                            break
                    return _outcome(answer.status_code)
        except (TimeoutError, httpx.TimeoutException) as error:
            is_short = isinstance(error, httpx.ConnectTimeout)
            seconds = CONNECT_SECONDS if is_short else ATTEMPT_SECONDS
            return Outcome(NOT_IN_TIME.format(seconds=f"{seconds:.0f}"))
        except Forbidden as error:
            return Outcome(str(error))
        except httpx.HTTPError as error:
            return Outcome(said_of(error, httpx.URL(endpoint.url).host)[:200])
        except httpx.InvalidURL:
            return Outcome(NO_URL)

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(status=status)
    if status == _GONE:
        return Outcome(GONE, is_gone=True, status=status)
    problem = REDIRECT if 300 <= status < 400 else ANSWERED
    return Outcome(problem.format(status=status), status=status)
