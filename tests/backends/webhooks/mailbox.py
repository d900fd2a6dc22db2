"""A mail server of this machine that takes letters, or does with them what a test says."""

import asyncio
import email
import email.policy
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

#: What a server does with a letter: its answer, "hang", or "close".
Behaviour = Callable[[EmailMessage], str]
TAKEN = "250 taken"


@dataclass
class Letter:
    """One that came whole."""

    message: EmailMessage
    recipients: list[str]
    answer: str
    #: Which process sent it, as the test counts them.
    generation: int
    was_encrypted: bool
    #: As it travelled.
    raw: bytes

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    def part(self, subtype: str) -> str:
        """The text of one of its parts, as a mail program shows it."""
        part = self.message.get_body((subtype,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Mailbox:
    """Listens on this machine; `stop` ends all its connections, and `start` takes the same port again."""

    behave: Behaviour = lambda _: TAKEN
    #: Refuses these recipients.
    unknown: frozenset[str] = frozenset()
    unknown_said: str = "550 5.1.1 nobody of that name is here"
    #: Who may send; empty: everybody.
    users: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    is_encrypted: bool = False
    generation: int = 0
    letters: list[Letter] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._open: set[Any] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def taken(self) -> list[Letter]:
        return [letter for letter in self.letters if letter.answer == TAKEN]

    async def _listen(self) -> None:
        options: dict[str, Any] = {"hostname": "mail.test", "loop": self._loop}
        if self.tls is not None and not self.is_encrypted:
            options["tls_context"] = self.tls
        if self.users:
            # It knows of encryption only where it began it itself.
            in_clear = not self.is_encrypted
            options |= {"authenticator": self._authenticate}
            options |= {"auth_required": in_clear, "auth_require_tls": in_clear}

        def made() -> SMTP:
            server = SMTP(self, **options)
            self._open.add(server)
            return server

        context = self.tls if self.is_encrypted else None
        self._server = await self._loop.create_server(made, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()
        for server in self._open:
            if server.transport is not None:
                server.transport.abort()
        self._open.clear()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        name, password = data.login.decode(), data.password.decode()
        return AuthResult(success=self.users.get(name) == password, handled=False)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.unknown:
            return self.unknown_said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        answer = self.behave(message)
        encrypted = self.is_encrypted or session.ssl is not None
        self.letters.append(
            Letter(message, list(envelope.rcpt_tos), answer, self.generation, encrypted, envelope.content)
        )
        if answer == "hang":
            await asyncio.sleep(30)
        if answer == "close":
            server.transport.abort()
            return "421 closing"
        return answer


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    yield mailbox
    mailbox.close()
