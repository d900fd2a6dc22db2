"""Which endpoints there are, in a vault: their secrets must be read back to sign."""

import base64
import secrets
from collections.abc import Callable

from livelihood.endpoints import OVERLAP, Endpoint, Endpoints, Secret
from livelihood.instants import Instant
from livelihood.safekeeping import WEBHOOKS, Vault

#: Before a secret, by Standard Webhooks.
SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32


class Registry(Endpoints):
    """All endpoints there are. Every call may raise Unavailable, and blocks."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> list[Endpoint]:
        """Every one, by id."""
        return [Endpoint.model_validate_json(document) for _, document in self._vault.items(WEBHOOKS)]

    def of(self, feed: str) -> list[Endpoint]:
        """Those of a feed."""
        return [endpoint for endpoint in self.all() if endpoint.feed == feed]

    def get(self, identity: str) -> Endpoint | None:
        """One by its id."""
        document = self._vault.get(WEBHOOKS, identity)
        return None if document is None else Endpoint.model_validate_json(document)

    def make(self, feed: str, url: str, position: str, now: Instant) -> Endpoint:
        """A new one with a secret, which is not kept yet."""
        return Endpoint(
            id=f"wh-{secrets.token_hex(6)}",
            feed=feed,
            url=url,
            secrets=[Secret(value=new_secret())],
            added=now,
            position=position,
        )

    def put(self, endpoint: Endpoint) -> None:
        """Keep one."""
        self._vault.put(WEBHOOKS, endpoint.id, endpoint.model_dump_json().encode())

    def add(self, feed: str, url: str, position: str, now: Instant) -> Endpoint:
        """Make one and keep it; its secret is to be shown this once."""
        endpoint = self.make(feed, url, position, now)
        self.put(endpoint)
        return endpoint

    def remove(self, identity: str) -> bool:
        """Forget one; whether there was one."""
        return self._vault.delete(WEBHOOKS, identity)

    def rotate(self, identity: str, now: Instant) -> Endpoint | None:
        """Give one a new secret; the one before signs for OVERLAP more. None where there is none."""

        def rotated(endpoint: Endpoint) -> Endpoint:
            old = endpoint.secrets[0].model_copy(update={"until": now + OVERLAP})
            return endpoint.model_copy(update={"secrets": [Secret(value=new_secret()), old]})

        return self._change(identity, rotated)

    def move(self, identity: str, url: str) -> Endpoint | None:
        """Deliver to another URL from now on, what is under way too. None where there is no such endpoint."""
        return self._change(identity, lambda endpoint: endpoint.model_copy(update={"url": url}))

    def disable(self, identity: str, why: str) -> Endpoint | None:
        """Deliver nothing there any more; empty: deliver again, from where it stopped."""
        return self._change(identity, lambda endpoint: endpoint.model_copy(update={"disabled": why}))

    def _change(self, identity: str, change: Callable[[Endpoint], Endpoint]) -> Endpoint | None:
        while True:
            old = self._vault.get(WEBHOOKS, identity)
            if old is None:
                return None
            changed = change(Endpoint.model_validate_json(old))
            if self._vault.replace(WEBHOOKS, identity, old, changed.model_dump_json().encode()):
                return changed


def new_secret() -> str:
    """A secret that nobody guesses."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
