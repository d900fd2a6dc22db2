"""Links of messages: to an issue, to one's cases without a password, and to end what is sent."""

import hmac
import secrets
from hashlib import sha256
from urllib.parse import quote

from consumers.subscriptions.model import Subscription
from consumers.subscriptions.places import Position, span_of
from livelihood.instants import Instant
from livelihood.safekeeping import INSTALLATION, Vault
from web.accounts import Accounts
from web.passes import Passes, link

#: Where a link that ends a subscription leads, and one to its calendar, before the token.
END, CALENDARS = "/subscriptions/end", "/calendars"
_SECRET = "subscriptions"  # where it lies, not what it is
_SIGNATURE_SYMBOLS = 40
#: Before the id that is signed for a calendar: what ends a subscription, as every mail has it, opens none.
_CALENDAR = "calendar/"


class Links:
    """Of one installation."""

    def __init__(self, vault: Vault, accounts: Accounts, public_url: str) -> None:
        """`public_url` begins every link; no slash at its end."""
        self._secret = vault.add(INSTALLATION, _SECRET, secrets.token_bytes(32))
        self._accounts = accounts
        self._passes = Passes(vault, accounts)
        self._public_url = public_url

    def issue(self, issue: str) -> str:
        """An issue's page."""
        return f"{self._public_url}/issues/{quote(issue, safe='~')}"

    def told(self, subscription: Subscription, position: Position) -> str:
        """The page of all that the message told which was decided at a position."""
        return f"{self._public_url}/subscriptions/{subscription.id}/told?of={span_of(position)}"

    def page(self, subscription: Subscription) -> str:
        """A subscription's own page."""
        return f"{self._public_url}/subscriptions/{subscription.id}"

    def cases(self, subscription: Subscription, now: Instant, issue: str = "") -> str:
        """The account's cases, or an issue, without a password; empty where it is not to be carried."""
        if not subscription.carries_pass:
            return ""
        account = self._accounts.find(subscription.account)
        if account is None:
            return ""
        address = link(self._public_url, self._passes.make(account, now))
        return f"{address}?next=/issues/{quote(issue, safe='~')}" if issue else address

    def end(self, subscription: Subscription) -> str:
        """Ends a subscription; empty for the operator's, which must not end by a slip."""
        if subscription.is_operator:
            return ""
        return f"{self._public_url}{END}/{subscription.id}.{self._signature(subscription.id)}"

    def ended_by(self, token: str) -> str | None:
        """The id of the subscription that a token ends; None where it is none of ours."""
        return self._named_by(token, "")

    def calendar(self, subscription: Subscription) -> str:
        """The calendar of the deadlines it would hear of; whoever has the address reads it."""
        identity = subscription.id
        return f"{self._public_url}{CALENDARS}/{identity}.{self._signature(_CALENDAR + identity)}.ics"

    def calendar_of(self, token: str) -> str | None:
        """The id of the subscription whose calendar a token opens; None where it is none of ours."""
        return self._named_by(token, _CALENDAR)

    def _named_by(self, token: str, what: str) -> str | None:
        identity, _, signature = token.partition(".")
        right = self._signature(what + identity)
        return identity if hmac.compare_digest(right.encode(), signature.encode()) else None

    def _signature(self, identity: str) -> str:
        return hmac.new(self._secret, identity.encode(), sha256).hexdigest()[:_SIGNATURE_SYMBOLS]
