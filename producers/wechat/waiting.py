"""What the log could not take in time: kept in the vault, sealed, and registered as soon as it can be.

WeChat gives five seconds and asks three times. A person's words must not depend on that.
"""

import json
import logging
from typing import Any

from livelihood.safekeeping import Drawer, Sealer, Vault
from producers.channel_keys import ChannelKey
from producers.intake import Intake, Receipt

#: Events by their ids, personal data sealed as in the log.
DRAWER: Drawer = "wechat-waiting"

_LOGGER = logging.getLogger("livelihood.wechat")


class WaitingRoom:
    """Keeps events until the log has them."""

    def __init__(self, vault: Vault, sealer: Sealer, intake: Intake, key: ChannelKey) -> None:
        self._vault, self._sealer = vault, sealer
        self._intake, self._key = intake, key

    def keep(self, document: dict[str, Any]) -> None:
        """Keep an event, durably once this returns. Unavailable where the vault cannot."""
        data = dict(document["data"])
        if personal := data.pop("personal", None):
            data["personal"] = self._sealer.seal(personal, document["subject"])
        kept = json.dumps({**document, "data": data}, ensure_ascii=False).encode()
        self._vault.put(DRAWER, document["id"], kept)

    def register(self) -> list[dict[str, Any]]:
        """Give the log what is kept; what it took. Unavailable where it still cannot."""
        registered: list[dict[str, Any]] = []
        for name, kept in list(self._vault.items(DRAWER)):
            document = json.loads(kept)
            if sealed := document["data"].pop("personal", None):
                opened = self._sealer.open(sealed, document["subject"])
                if opened is not None:
                    document["data"]["personal"] = opened
            (answer,) = self._intake.take([document], self._key)
            if not isinstance(answer, Receipt) and answer.status != 409:
                _LOGGER.error("an event that was kept is refused: %s, %s", name, answer.field)
            else:
                registered.append(document)
            self._vault.delete(DRAWER, name)
        return registered
