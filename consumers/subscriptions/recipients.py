"""A subscription for everybody whom the catalogue names, and one for the operator, who hears the rest."""

import logging
from collections.abc import Callable, Iterator
from hashlib import blake2b

import anyio
from anyio import to_thread

from consumers.alerts import KINDS
from consumers.subscriptions.matching import all_named
from consumers.subscriptions.model import AT_ONCE_BY_DEFAULT, Subscription
from consumers.subscriptions.places import beginning, text_of
from consumers.subscriptions.store import Kept, Subscriptions
from livelihood.catalogue import CatalogueVersion
from livelihood.endpoints import LOG, Reach
from livelihood.fields import LanguageCode
from livelihood.instants import MINUTE, Instant
from livelihood.ports import Unavailable
from livelihood.promises import Catalogue
from livelihood.turns import RENEW_SECONDS, Turn
from web.accounts import Accounts

#: The operator's subscription.
OPERATOR = "operator"
#: An address that cannot be told anything now is tried again so much later; the operator's is looked at anew.
RETRY: Instant = 5 * MINUTE

_LOGGER = logging.getLogger("livelihood.web")


class Recipients:
    """Keeps them as the catalogue has them, in one server at a time."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        catalogue: Callable[[], Catalogue],
        accounts: Accounts,
        reach: Reach,
        ends: Callable[[], tuple[int, ...]],
        clock: Callable[[], Instant],
        operator: str,
        turn: Turn | None,
    ) -> None:
        """`operator` is a URL, and may be empty; `turn`: other servers may do the same."""
        self._subscriptions = subscriptions
        self._catalogue = catalogue
        self._accounts = accounts
        self._reach = reach
        self._ends = ends
        self._clock = clock
        self._operator = operator or LOG
        self._turn = turn
        #: Until when each is left alone, and what was said of why.
        self._refused: dict[str, Instant] = {}
        self._said: set[str] = set()
        #: When it is looked next whether the operator can be told: of a chat's URL that takes a process.
        self._operator_next: Instant = 0

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                if self._turn is None or await to_thread.run_sync(self._turn.take):
                    await to_thread.run_sync(self.look)
            except Unavailable:
                pass
            await anyio.sleep(RENEW_SECONDS)

    def look(self) -> None:
        """Add who is missing, and remove who is named no more. Blocks; Unavailable."""
        version = self._catalogue().latest
        kept = self._subscriptions.all()
        there = {one.subscription.recipient: one for one in kept if one.subscription.recipient}
        wanted = dict(self._wanted(version))
        for address in there.keys() - wanted.keys():
            self._subscriptions.remove(there[address].subscription.id)
        for address in wanted.keys() - there.keys():
            if self._may_be_told(address, wanted[address]):
                self._add(_recipient(version, self._clock(), address), wanted[address])
        self._look_at_operator(version, kept)

    def _wanted(self, version: CatalogueVersion) -> Iterator[tuple[str, str]]:
        for address in all_named(version):
            if url := url_of(address):
                yield address, url
            elif self._accounts.find(address) is None:
                self._refuse(address, "is neither an address nor an account")

    def _may_be_told(self, address: str, url: str) -> bool:
        if self._clock() < self._refused.get(address, 0):
            return False
        wrong = self._reach.objection(url)
        if wrong:
            self._refuse(address, wrong)
        return not wrong

    def _refuse(self, address: str, why: str) -> None:
        """Say so, once for each reason. No address is said, though the catalogue may be public."""
        self._refused[address] = self._clock() + RETRY
        if why not in self._said:
            self._said.add(why)
            _LOGGER.warning("somebody who is to hear of alerts cannot be told: %s", why)

    def _look_at_operator(self, version: CatalogueVersion, kept: list[Kept]) -> None:
        now = self._clock()
        if self._operator != LOG and now >= self._operator_next:
            self._operator_next = now + RETRY
            if wrong := self._reach.objection(self._operator):
                self._refuse(OPERATOR, f"the setting `operator`: {wrong}")
        found = next((one for one in kept if one.subscription.is_operator), None)
        if found is not None and found.endpoint.url == self._operator:
            return
        self._add(_operator(version, now, self._operator), self._operator, found)

    def _add(self, subscription: Subscription, url: str, instead: Kept | None = None) -> None:
        """Keep one, from where that in whose place it comes stands, or from now on."""
        endpoint = self._subscriptions.endpoint_for(subscription, url)
        if instead is None:
            position = text_of(beginning(self._ends(), subscription.added))
        else:
            position = self._subscriptions.position(instead)
            self._subscriptions.remove(instead.subscription.id)
        self._subscriptions.add(subscription, endpoint.model_copy(update={"position": position}))


def _recipient(version: CatalogueVersion, now: Instant, address: str) -> Subscription:
    return Subscription(
        id=f"rcp-{blake2b(address.encode(), digest_size=6).hexdigest()}",
        recipient=address,
        at_once=AT_ONCE_BY_DEFAULT,
        language=language_of(version),
        time_zone=version.time_zone,
        added=now,
    )


def _operator(version: CatalogueVersion, now: Instant, url: str) -> Subscription:
    """At once where somebody is told; the log gets a line an hour."""
    return Subscription(
        id=OPERATOR,
        is_operator=True,
        at_once=frozenset() if url == LOG else frozenset(KINDS),
        digest="hourly",
        language=language_of(version),
        time_zone=version.time_zone,
        added=now,
    )


def language_of(version: CatalogueVersion) -> LanguageCode:
    """The language that the catalogue itself is written in first."""
    return next(iter(version.title), "en")


def url_of(address: str) -> str:
    """Where a recipient is told, as the catalogue writes it; empty for an account, whose own say that."""
    if "://" in address or address.startswith("mailto:"):
        return address
    return f"mailto:{address}" if "@" in address else ""
