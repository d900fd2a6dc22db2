"""The operator told in the server's own log, where no other way is named: by the issue's number, no more."""

import logging

from backends.webhooks.sending import Outcome
from livelihood.endpoints import Endpoint
from livelihood.messages import message_of

_LOGGER = logging.getLogger("livelihood.web")


class LogSender:
    """Writes one line for a message."""

    async def send(self, endpoint: Endpoint, identity: str, body: str) -> Outcome:
        """Nothing can be wrong with it."""
        del endpoint, identity
        data = message_of(body).data
        first = data.alerts[0].alert.issue if data.alerts else "a test"
        more = f" and {data.count - 1:,} more" if data.count > 1 else ""
        _LOGGER.warning(
            "nobody hears of an alert of %s%s: name recipients in the catalogue, or subscribe", first, more
        )
        return Outcome()
