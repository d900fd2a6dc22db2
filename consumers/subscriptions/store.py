"""The subscriptions there are, each with its endpoint: where it is told, and its secrets."""

import secrets
from collections.abc import Callable
from operator import le
from typing import NamedTuple

from consumers.subscriptions.model import Chosen, Era, Subscription
from consumers.subscriptions.places import Places, count_of
from livelihood.endpoints import Deliveries, Endpoint, Endpoints
from livelihood.instants import Instant
from livelihood.messages import SUBSCRIPTION_FEED
from livelihood.safekeeping import SUBSCRIPTIONS, Vault

#: So many past choices are kept for the pages of what was told by them.
ERAS_KEPT = 20
#: Why an endpoint is disabled while its subscription is paused.
PAUSED = "paused"


class Kept(NamedTuple):
    """A subscription and its endpoint."""

    subscription: Subscription
    endpoint: Endpoint

    @property
    def is_heard(self) -> bool:
        """Whether its messages are delivered."""
        return not self.endpoint.disabled

    @property
    def is_webhook(self) -> bool:
        """Whether its messages are signed, so that whoever made it is shown a secret, once."""
        return self.endpoint.url.partition(":")[0].lower() in ("https", "http")


class Subscriptions:
    """All there are. Every call may raise Unavailable, and blocks."""

    def __init__(self, vault: Vault, endpoints: Endpoints, deliveries: Deliveries) -> None:
        self._vault = vault
        self._endpoints = endpoints
        self._deliveries = deliveries

    def all(self) -> list[Kept]:
        """Every one, the oldest first."""
        endpoints = {one.feed: one for one in self._endpoints.all()}
        found = []
        for _, document in self._vault.items(SUBSCRIPTIONS):
            subscription = Subscription.model_validate_json(document)
            endpoint = endpoints.get(SUBSCRIPTION_FEED + subscription.id)
            # One without was about to be made, or removed, when a process was killed.
            if endpoint is not None:
                found.append(Kept(subscription, endpoint))
        return sorted(found, key=lambda kept: (kept.subscription.added, kept.subscription.id))

    def get(self, identity: str) -> Subscription | None:
        """One by its id."""
        document = self._vault.get(SUBSCRIPTIONS, identity)
        return None if document is None else Subscription.model_validate_json(document)

    def find(self, identity: str) -> Kept | None:
        """One with its endpoint."""
        subscription = self.get(identity)
        endpoints = self._endpoints.of(SUBSCRIPTION_FEED + identity)
        return None if subscription is None or not endpoints else Kept(subscription, endpoints[0])

    def of(self, account: str) -> list[Kept]:
        """Those of an account."""
        return [kept for kept in self.all() if kept.subscription.account == account]

    def endpoint_for(self, subscription: Subscription, url: str) -> Endpoint:
        """An endpoint for a subscription, with a secret of its own; not kept yet."""
        return self._endpoints.make(SUBSCRIPTION_FEED + subscription.id, url, "", subscription.added)

    def add(self, subscription: Subscription, endpoint: Endpoint) -> Kept:
        """Keep a new one with its endpoint, whose secret is to be shown this once."""
        self._put(subscription)
        self._endpoints.put(endpoint)
        return Kept(subscription, endpoint)

    def change(self, kept: Kept, chosen: Chosen, url: str) -> Kept | None:
        """Give one other choices, and another URL unless it is empty; None where it was removed meanwhile.

        Its id, secrets, position and what is under way stay. Two steps, each whole: whoever is stopped
        between them finds the old URL, and asks again.
        """
        identity, endpoint = kept.subscription.id, kept.endpoint
        subscription = self._change(identity, lambda one: _changed(one, chosen))
        if url and url != endpoint.url:
            self._endpoints.move(endpoint.id, url)
            # Another receiver took the test: that the one before wanted no more is past.
            if endpoint.disabled not in ("", PAUSED):
                self._endpoints.disable(endpoint.id, "")
        return None if subscription is None else self.find(identity)

    def settle(self, identity: str, read: Places, digested: Places) -> Subscription | None:
        """A change holds for what comes after `read`; what was told by older choices is digested by then."""

        def settled(one: Subscription) -> Subscription:
            eras = [
                era if era.until is not None else era.model_copy(update={"until": read}) for era in one.eras
            ]
            past = [era for era in eras if _is_past(era, digested)]
            return one.model_copy(update={"eras": tuple(eras[max(len(past) - ERAS_KEPT, 0) :])})

        return self._change(identity, settled)

    def begin_anew(self, identity: str) -> Subscription | None:
        """Forget the places of older choices, which were of other data; None where it was removed."""
        return self._change(identity, lambda one: one.model_copy(update={"eras": ()}))

    def position(self, kept: Kept) -> str:
        """How far its alerts were dealt with."""
        return self._deliveries.position(kept.endpoint.id) or kept.endpoint.position

    def told(self, kept: Kept) -> int:
        """How many alerts its messages have told so far."""
        return count_of(self.position(kept))

    def remove(self, identity: str) -> None:
        """Forget one, and what waits for it."""
        self._vault.delete(SUBSCRIPTIONS, identity)
        for endpoint in self._endpoints.of(SUBSCRIPTION_FEED + identity):
            self._endpoints.remove(endpoint.id)
            self._deliveries.forget(endpoint.id)

    def pause(self, identity: str, now: Instant) -> None:
        """Send nothing until it is resumed."""
        self._change(identity, lambda one: one.model_copy(update={"paused": one.paused or now}))
        for endpoint in self._endpoints.of(SUBSCRIPTION_FEED + identity):
            if not endpoint.disabled:
                self._endpoints.disable(endpoint.id, PAUSED)

    def resume(self, identity: str, now: Instant) -> None:
        """Send again, what was held in between first and together; also where it was disabled."""

        def rested(one: Subscription) -> Subscription:
            since = one.paused
            return one.model_copy(update={"paused": None, "rested": None if since is None else (since, now)})

        self._change(identity, rested)
        for endpoint in self._endpoints.of(SUBSCRIPTION_FEED + identity):
            if endpoint.disabled:
                self._endpoints.disable(endpoint.id, "")

    def _put(self, subscription: Subscription) -> None:
        self._vault.put(SUBSCRIPTIONS, subscription.id, subscription.model_dump_json().encode())

    def _change(self, identity: str, change: Callable[[Subscription], Subscription]) -> Subscription | None:
        while (old := self._vault.get(SUBSCRIPTIONS, identity)) is not None:
            new = change(Subscription.model_validate_json(old))
            document = new.model_dump_json().encode()
            if old == document or self._vault.replace(SUBSCRIPTIONS, identity, old, document):
                return new
        return None


def _changed(one: Subscription, chosen: Chosen) -> Subscription:
    """A subscription with other choices, and with what it chose before where that has begun to hold."""
    new = one.model_copy(update={name: getattr(chosen, name) for name in Chosen.model_fields})
    if one.is_changing or (new.wanted, new.at_once) == (one.wanted, one.at_once):
        return new
    return new.model_copy(update={"eras": (*one.eras, Era(wanted=one.wanted, at_once=one.at_once))})


def _is_past(era: Era, digested: Places) -> bool:
    """Whether nothing will be judged by it again, but for looking back."""
    return era.until is not None and all(map(le, era.until, digested))


def new_id() -> str:
    """An id that no other has."""
    return f"sub-{secrets.token_hex(6)}"
