"""Chats, and whatever else Apprise reaches: WeCom, DingTalk, Feishu, Slack, Telegram, SMS, ...

Apprise waits while it sends, and keeps no limit to what it reads; so each message is sent by a process of its
own (chat_process.py), which is ended when it takes too long. Each destination has a lane of its own, one
message after the other, so that one which hangs holds up itself alone.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from typing import Any

import anyio
import msgspec

from backends.webhooks.addresses import Addresses
from backends.webhooks.sending import Outcome
from livelihood.causes import NOT_IN_TIME
from livelihood.endpoints import Endpoint
from livelihood.messages import message_of

#: An attempt as a whole: half a second of it is the start of the process.
ATTEMPT_SECONDS = 20.0
#: Processes at a time, some 60 MB each, of destinations that answer soon.
AT_ONCE = 12
#: A process that is not done by then makes room for another, and goes on beside it.
PROMPT_SECONDS = 3.0
#: Of destinations that took longer the last time so many are tried at a time.
SLOW_AT_ONCE = 4
#: As `python -m` names the program.
PROGRAM = "backends.webhooks.chat_process"
#: What the process is told of this one: nothing that is secret, and no proxy.
_TOLD = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT", "PYTHONPATH")


class ChatSender:
    """Sends to chats, for one event loop."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._room = anyio.CapacityLimiter(AT_ONCE)
        self._slow_room = anyio.CapacityLimiter(SLOW_AT_ONCE)
        #: Each destination's lane, and those that were slow the last time.
        self._lanes: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)
        self._slow: set[str] = set()

    async def send(self, endpoint: Endpoint, identity: str, body: str) -> Outcome:
        """Try once. Delivered means that the service said so; chats know no id, so a repeat shows twice."""
        del identity
        try:
            text = message_of(body).texts.short
        except msgspec.DecodeError as error:
            return Outcome(f"cannot be sent to a chat: {error}"[:200])
        asked = {
            "url": endpoint.url,
            "text": text,
            "networks": self._addresses.networks,
            "http": self._addresses.http,
        }
        async with self._lanes[endpoint.url]:
            return await self._in_room(endpoint.url, asked)

    async def _in_room(self, url: str, asked: dict[str, Any]) -> Outcome:
        """Send where there is room; who is slow takes none for long from those that are not."""
        is_slow = url in self._slow
        outcomes: list[Outcome] = []
        ended = anyio.Event()

        async def send() -> None:
            outcomes.append(await _sent(asked))
            ended.set()

        async with anyio.create_task_group() as group:
            async with self._slow_room if is_slow else self._room:
                began = anyio.current_time()
                group.start_soon(send)
                with anyio.move_on_after(None if is_slow else PROMPT_SECONDS):
                    await ended.wait()
            await ended.wait()
            took_long = anyio.current_time() - began > PROMPT_SECONDS
        (self._slow.add if took_long else self._slow.discard)(url)
        return outcomes[0]


async def _sent(asked: dict[str, Any]) -> Outcome:
    """Send by a process."""
    try:
        with anyio.fail_after(ATTEMPT_SECONDS):
            done = await anyio.run_process(
                [sys.executable, "-m", PROGRAM],
                input=json.dumps(asked).encode(),
                stderr=subprocess.DEVNULL,
                env=_environment(),
                check=False,
            )
    except TimeoutError:
        return Outcome(NOT_IN_TIME.format(seconds=f"{ATTEMPT_SECONDS:.0f}"))
    except OSError as error:
        return Outcome(f"no process could be started to send it: {error.strerror}")
    return Outcome(_problem(done.returncode, done.stdout))


def objection(url: str) -> str:
    """What is wrong with a URL, and what was expected; empty: Apprise knows it. Blocks for a second."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", PROGRAM],
            input=json.dumps({"url": url}).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=ATTEMPT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "it could not be found out whether that can be reached; try again"
    return _problem(done.returncode, done.stdout)


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _TOLD if name in os.environ}


def _problem(status: int, out: bytes) -> str:
    try:
        said: dict[str, Any] = json.loads(out)
        return str(said["problem"])
    except (ValueError, KeyError, TypeError):
        return f"the process that sends to chats ended with status {status}"
