"""Sending a message once, to see whether it arrives."""

from collections.abc import Callable

from backends.webhooks.senders import Senders
from cli.settings import Settings
from cli.webhooks import addresses_of, mail_of
from livelihood.endpoints import Endpoint, Trial, Tried
from livelihood.instants import Instant


def trial_of(settings: Settings, clock: Callable[[], Instant]) -> Trial:
    """Sends as deliveries are sent, by these settings."""
    addresses, mail = addresses_of(settings), mail_of(settings)

    async def send(endpoint: Endpoint, identity: str, body: str) -> Tried:
        sender = Senders(addresses, clock, mail)
        try:
            outcome = await sender.send(endpoint, identity, body)
        finally:
            await sender.close()
        return Tried(outcome.problem, outcome.status)

    return send
