"""Messages made into request events. Ids come from who wrote and WeChat's own number of the message.

WeChat sends a message again when it heard nothing for five seconds; it is the same event then.
"""

import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from livelihood.events import Kind
from livelihood.instants import Instant, iso
from livelihood.promises import Catalogue
from livelihood.safekeeping import INSTALLATION, PERSONAL_FIELDS, Vault
from producers.channel_keys import ChannelKey
from producers.wechat.account import Account

#: What people say and do by themselves; a unit's doings come by other channels.
MAY = frozenset(kind.word for kind in (Kind.SUBMITTED, Kind.CORRECTED, Kind.RATED, Kind.FOLLOWED_UP))
#: As for tables that are imported: about 100 m.
DECIMALS = 3
_SECRET = "wechat"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Asking:
    """Makes the events of one account."""

    def __init__(self, account: Account, vault: Vault) -> None:
        self._account = account
        self._secret = vault.add(INSTALLATION, _SECRET, secrets.token_bytes(32))
        self.key = ChannelKey(name="wechat", channel=account.channel, may=MAY)

    def person(self, openid: str) -> str:
        """What stands for a person where it may be seen, and finds their requests again."""
        return f"P{self._symbols('person', openid, 16)}"

    def issue(self, openid: str, message_id: str) -> str:
        """The id of the request that a message makes."""
        return f"W{self._symbols('issue', f'{openid} {message_id}', 10)}"

    def message_id(self, message: Any) -> str:
        """WeChat's number of a message; for what has none, what stands for who did it when."""
        if message.id:
            return str(message.id)
        return f"E{self._symbols('message', f'{message.source} {message.time}', 16)}"

    def service(self, text: str, catalogue: Catalogue) -> str:
        """Which service a text asks for: by the words configured, by services' titles, or the usual one."""
        lowered = text.lower()
        for word, code in self._account.keywords.items():
            if word.lower() in lowered:
                return code
        services = catalogue.latest.services
        titles = [(title, code) for code, one in services.items() for title in one.title.values()]
        found = [(title, code) for title, code in titles if title.lower() in lowered]
        return max(found, key=lambda one: len(one[0]))[1] if found else self._account.service

    def submission(
        self, openid: str, message_id: str, time: Instant, text: str, service: str
    ) -> dict[str, Any]:
        """A person asks for something."""
        personal = {"openid": openid, "text": text[: PERSONAL_FIELDS["text"]]}
        data = {"service": service, "number": self.person(openid), "personal": personal}
        return self._event(Kind.SUBMITTED, message_id, self.issue(openid, message_id), time, data)

    def rating(self, issue: str, message_id: str, time: Instant, *, satisfied: bool) -> dict[str, Any]:
        """A person says whether they are satisfied."""
        return self._event(Kind.RATED, message_id, issue, time, {"satisfied": satisfied})

    def addition(
        self,
        issue: str,
        submission: str,
        message_id: str,
        time: Instant,
        changes: Mapping[str, tuple[Any, Any]],
        personal: Mapping[str, str],
    ) -> dict[str, Any]:
        """What a person adds to what they asked for: `changes` are (old, new) of the submission's fields."""
        told = {name: {"old": old, "new": new} for name, (old, new) in changes.items()}
        data = {"corrects": submission, "changes": told, **({"personal": dict(personal)} if personal else {})}
        return self._event(Kind.CORRECTED, message_id, issue, time, data)

    def _event(
        self, kind: Kind, message_id: str, issue: str, time: Instant, data: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "type": f"livelihood.request.{kind.word}",
            "source": self.key.source,
            "id": message_id,
            "subject": issue,
            "time": iso(time),
            "channel": self.key.channel,
            "data": data,
        }

    def _symbols(self, about: str, text: str, count: int) -> str:
        digest = hmac.digest(self._secret, f"{about}:{text}".encode(), sha256)
        number = int.from_bytes(digest, "big")
        return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(count))
