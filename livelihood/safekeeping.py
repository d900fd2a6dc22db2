"""Ports for what is kept apart from the data: keys, accounts, and what opens personal data.

The log, the states and the tables hold personal data sealed only. What opens it lies in a vault, which is
another store with other backups: deleting a key there makes everything sealed with it unreadable, in the
log's own backups too.
"""

from collections.abc import Iterator
from typing import Protocol

#: What a vault keeps, each under names of its own.
Drawer = str
#: A person's key, wrapped by the master key; and the names of keys that were forgotten.
PERSONS: Drawer = "person"
FORGOTTEN: Drawer = "forgotten"
#: What channels may publish, with the hashes of their keys.
CHANNEL_KEYS: Drawer = "channel-key"
#: Who may see and do what on pages, and who is signed in now.
ACCOUNTS: Drawer = "account"
SESSIONS: Drawer = "session"
#: Where channels want to be told of changes.
WEBHOOKS: Drawer = "webhook"
#: Secrets of the installation itself, made when first needed, such as what receipt numbers are signed with.
INSTALLATION: Drawer = "installation"


class Vault(Protocol):
    """A small durable store, apart from the data. Every call may raise Unavailable."""

    def get(self, drawer: Drawer, name: str) -> bytes | None:
        """What lies under a name."""

    def put(self, drawer: Drawer, name: str, value: bytes) -> None:
        """Keep a value, in place of what lay there; durable once this returns."""

    def add(self, drawer: Drawer, name: str, value: bytes) -> bytes:
        """Keep a value unless something lies there; what lies there then, the same for all who ask."""

    def delete(self, drawer: Drawer, name: str) -> bool:
        """Remove for good, from the store's own files too; whether there was anything."""

    def items(self, drawer: Drawer) -> Iterator[tuple[str, bytes]]:
        """All of a drawer, by name."""


class Sealer(Protocol):
    """Seals personal data for one person each, and opens it until that person is forgotten."""

    def seal(self, personal: dict[str, str], issue: str) -> str | None:
        """The `personal` member of an event, from its clear fields (see docs/personal-data.md).

        None for a person who is forgotten: then nothing personal is kept. ValueError names a field that is
        none of the known ones.
        """

    def open(self, sealed: str) -> dict[str, str] | None:
        """The clear fields; None where the person is forgotten or the key is another installation's."""
