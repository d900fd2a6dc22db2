"""The keys of channels: given out, proved by a token, taken back; in the vault, as hashes."""

import hmac
import secrets
import threading
import time
from hashlib import sha256
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from pydantic import BaseModel, ConfigDict

from livelihood.instants import MINUTE, Instant
from livelihood.safekeeping import CHANNEL_KEY_USES, CHANNEL_KEYS, Vault
from producers.channel_keys import ChannelKey

#: Between a key's name and its secret; a secret has none.
SEPARATOR = "."
SECRET_BYTES = 32
PROVED_AT_ONCE = 2
#: A key that was taken back, or added, is noticed by every server within so long.
LOOK_SECONDS = 2.0
#: The last use of a key is noted as coarsely as this.
USE_STEP: Instant = 10 * MINUTE


class HeldKey(BaseModel):
    """A key as the vault has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: ChannelKey
    hash: str
    added: Instant


class ListedKey(NamedTuple):
    """A key, for lists."""

    key: ChannelKey
    added: Instant
    #: None: never.
    used: Instant | None


class Keyring:
    """All channels' keys. Every call but `recent` may raise Unavailable, and blocks."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        # Of secrets that are random, all of argon2's strength is not needed: a table of guesses is out of
        # reach. What it costs is paid by whoever sends a wrong token, and by us.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._lock = threading.Lock()
        #: Who sends wrong tokens does not get all of the machine.
        self._at_once = threading.Semaphore(PROVED_AT_ONCE)
        self._held: dict[str, HeldKey] = {}
        self._looked = -LOOK_SECONDS
        #: Of tokens that were right: name -> the hash they were right for, and the token's digest.
        self._proved: dict[str, tuple[str, bytes]] = {}
        self._salt = secrets.token_bytes(32)
        #: The last use that was noted.
        self._noted: dict[str, Instant] = {}

    def add(self, key: ChannelKey, now: Instant) -> str:
        """Keep a key; the token that proves it, not to be read again. ValueError: the name is taken."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        held = HeldKey(key=key, hash=self._hasher.hash(secret), added=now)
        document = held.model_dump_json().encode()
        if self._vault.add(CHANNEL_KEYS, key.name, document) != document:
            raise ValueError(f"there is a key {key.name!r} already; choose another name, or revoke it first")
        return f"{key.name}{SEPARATOR}{secret}"

    def revoke(self, name: str) -> bool:
        """Take a key back; whether there was one."""
        self._vault.delete(CHANNEL_KEY_USES, name)
        return self._vault.delete(CHANNEL_KEYS, name)

    def listed(self) -> list[ListedKey]:
        """All keys, by name."""
        uses = {name: int(value) for name, value in self._vault.items(CHANNEL_KEY_USES)}
        return [
            ListedKey(held.key, held.added, uses.get(name)) for name, held in sorted(self._read().items())
        ]

    def recent(self, token: str) -> ChannelKey | None:
        """The key of a token that was proved a moment ago; None says nothing. Never blocks."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            return None
        return self._proved_key(token)

    def known(self, token: str, now: Instant) -> ChannelKey | None:
        """The key of a token that was proved before, if it is still held; None says nothing."""
        with self._lock:
            self._look()
            key = self._proved_key(token)
            if key is not None:
                self._note(key.name, now)
        return key

    def prove(self, token: str, now: Instant) -> ChannelKey | None:
        """The key of a token; None where there is none. Takes some hundredths of a second of work."""
        name, separator, secret = token.rpartition(SEPARATOR)
        with self._lock:
            self._look()
            held = self._held.get(name)
        with self._at_once:
            if not separator or held is None or not self._matches(held, secret):
                return None
        with self._lock:
            self._proved[name] = held.hash, self._digest(token)
            self._note(name, now)
        return held.key

    def _proved_key(self, token: str) -> ChannelKey | None:
        name = token.rpartition(SEPARATOR)[0]
        held, proved = self._held.get(name), self._proved.get(name)
        if held is None or proved is None or proved[0] != held.hash:
            return None
        return held.key if hmac.compare_digest(proved[1], self._digest(token)) else None

    def _matches(self, held: HeldKey, secret: str) -> bool:
        try:
            return self._hasher.verify(held.hash, secret)
        except VerificationError:
            return False

    def _digest(self, token: str) -> bytes:
        return hmac.digest(self._salt, token.encode(), sha256)

    def _look(self) -> None:
        """See which keys there are, if that is not known."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            looked = time.monotonic()
            self._held = self._read()
            self._looked = looked

    def _read(self) -> dict[str, HeldKey]:
        return {
            name: HeldKey.model_validate_json(document) for name, document in self._vault.items(CHANNEL_KEYS)
        }

    def _note(self, name: str, now: Instant) -> None:
        """Note a use, so coarsely that it says little of who works when, and costs nothing."""
        used = now - now % USE_STEP
        if self._noted.get(name) != used:
            self._vault.put(CHANNEL_KEY_USES, name, str(used).encode())
            self._noted[name] = used
