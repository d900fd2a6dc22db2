"""How something is sent, by the scheme of its URL: a signed webhook, a letter, or a chat."""

from collections.abc import Callable
from typing import Any, Protocol

from backends.webhooks import chat
from backends.webhooks.addresses import Addresses
from backends.webhooks.chat import ChatSender
from backends.webhooks.in_log import LogSender
from backends.webhooks.mailing import SCHEME, MailSender, MailServer, recipient_of
from backends.webhooks.sending import Outcome, Sender
from livelihood.causes import NO_MAIL, NO_WAY
from livelihood.endpoints import LOG, Endpoint, Reach
from livelihood.instants import Instant

_WEBHOOKS = frozenset({"https", "http"})


class Sending(Protocol):
    """One way of sending."""

    async def send(self, endpoint: Endpoint, identity: str, body: str) -> Outcome:
        """Try once; the body as the endpoint's feed made it. Nothing is raised but what cancels."""


class Senders:
    """All ways, for one event loop."""

    def __init__(
        self,
        addresses: Addresses,
        clock: Callable[[], Instant],
        mail: MailServer | None = None,
        **options: Any,
    ) -> None:
        """`options` of httpx's transport, for tests: a certificate of their own."""
        self._webhook = Sender(addresses, clock, **options)
        self._mail = None if mail is None else MailSender(mail)
        self._chat = ChatSender(addresses)
        self._log = LogSender()

    async def send(self, endpoint: Endpoint, identity: str, body: str) -> Outcome:
        """Try once, in the way of the endpoint's URL."""
        way = self._way(endpoint.url)
        return Outcome(NO_MAIL) if way is None else await way.send(endpoint, identity, body)

    async def close(self) -> None:
        """Close what is open."""
        await self._webhook.close()

    def _way(self, url: str) -> Sending | None:
        scheme = scheme_of(url)
        if url == LOG:
            return self._log
        if scheme == SCHEME:
            return self._mail
        return self._webhook if scheme in _WEBHOOKS else self._chat


class Targets(Reach):
    """Which URLs a message for people may be delivered to."""

    def __init__(self, addresses: Addresses, mail: MailServer | None = None) -> None:
        self._addresses = addresses
        self._mail = mail

    def objection(self, url: str) -> str:
        """What is wrong with a URL, and what was expected; empty: nothing. It blocks, for a second or so."""
        scheme = scheme_of(url)
        if scheme == SCHEME:
            try:
                recipient_of(url)
            except ValueError as error:
                return str(error)
            return NO_MAIL if self._mail is None else ""
        if scheme in _WEBHOOKS:
            return self._addresses.objection(url)
        if "://" not in url:
            return NO_WAY
        return chat.objection(url)


def scheme_of(url: str) -> str:
    """What a URL begins with; also what deliveries are counted by, for it is no secret."""
    return url.partition(":")[0].lower()
