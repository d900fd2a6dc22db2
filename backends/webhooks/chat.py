"""Chats, and whatever else Apprise reaches: WeCom, DingTalk, Feishu, Slack, Telegram, SMS, ...

Apprise waits while it sends, and keeps no limit to what it reads; so each message is sent by a process of its
own (chat_process.py), which is ended when it takes too long.
"""

import json
import os
import subprocess
import sys
from typing import Any

import anyio
import msgspec

from backends.webhooks.addresses import Addresses
from backends.webhooks.sending import Outcome
from livelihood.endpoints import Endpoint
from livelihood.messages import message_of

#: An attempt as a whole: half a second of it is the start of the process.
ATTEMPT_SECONDS = 20.0
#: Processes at a time, some 60 MB each. Chats take a few messages a minute: more wait for nothing.
AT_ONCE = 12
#: As `python -m` names the program.
PROGRAM = "backends.webhooks.chat_process"
#: What the process is told of this one: nothing that is secret, and no proxy.
_TOLD = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT", "PYTHONPATH")


class ChatSender:
    """Sends to chats, for one event loop."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._room = anyio.CapacityLimiter(AT_ONCE)

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
        async with self._room:
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
                return Outcome(f"not taken within {ATTEMPT_SECONDS:.0f} seconds")
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
