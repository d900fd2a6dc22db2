"""Ports for what is kept apart from the data: keys, accounts, and what opens personal data.

The log, the states and the tables hold personal data sealed only. What opens it lies in a vault, which is
another store with other backups: deleting a key there makes everything sealed with it unreadable, in the
log's own backups too.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

#: What a vault keeps, each under names of its own.
Drawer = str
#: A person's key, wrapped by the master key.
PERSONS: Drawer = "person"
#: Whose key opens what was sealed for an issue, and whom an identifier means, by its keyed hash.
ISSUES: Drawer = "issue"
IDENTIFIERS: Drawer = "identifier"
#: Issues, and keyed hashes of identifiers, for which nothing personal is kept any more.
FORGOTTEN: Drawer = "forgotten"
#: Who looked at whose personal data, and when.
LOOKS: Drawer = "look"
#: What channels may publish, with the hashes of their keys.
CHANNEL_KEYS: Drawer = "channel-key"
#: When each was last used, coarsely.
CHANNEL_KEY_USES: Drawer = "channel-key-use"
#: Who may see and do what on pages, and who is signed in now.
ACCOUNTS: Drawer = "account"
SESSIONS: Drawer = "session"
#: Who is away, and who acts in their place.
LEAVES: Drawer = "leave"
#: Which dead letters somebody has dealt with.
LETTERS: Drawer = "dead-letter"
#: Where channels want to be told of changes.
WEBHOOKS: Drawer = "webhook"
#: Who wants to hear which alerts.
SUBSCRIPTIONS: Drawer = "subscription"
#: Secrets of the installation itself, made when first needed, such as what receipt numbers are signed with.
INSTALLATION: Drawer = "installation"


#: What may be said of a person in the `personal` member of an event, each with its longest text in
#: characters: all at their longest, sealed, fit an event.
PERSONAL_FIELDS: dict[str, int] = {
    "name": 200,
    "phone": 40,
    "email": 254,
    "identity_number": 40,
    "openid": 128,
    "address": 500,
    "address_id": 200,
    "account": 254,
    "device": 254,
    "text": 10_000,
    "answers": 10_000,
}


class Place(NamedTuple):
    """Where something lies in a vault."""

    drawer: Drawer
    name: str


class Vault(Protocol):
    """A small durable store, apart from the data. Every call may raise Unavailable."""

    def get(self, drawer: Drawer, name: str) -> bytes | None:
        """What lies under a name."""

    def get_all(self, places: Sequence[Place]) -> list[bytes | None]:
        """What lies at each place, at one moment."""

    def put(self, drawer: Drawer, name: str, value: bytes) -> None:
        """Keep a value, in place of what lay there; durable once this returns."""

    def add(self, drawer: Drawer, name: str, value: bytes) -> bytes:
        """Keep a value unless something lies there; what lies there then, the same for all who ask."""

    def add_all(self, values: Sequence[tuple[Place, bytes]]) -> list[bytes]:
        """As `add` for each of them; durable all at once."""

    def replace(self, drawer: Drawer, name: str, old: bytes, new: bytes) -> bool:
        """Keep a value in place of that one; nothing is done where another lies there by now, or none."""

    def delete(self, drawer: Drawer, name: str) -> bool:
        """Remove; whether there was anything."""

    def delete_all(self, places: Sequence[Place]) -> int:
        """Remove all of them, durably all at once; how many there were."""

    def scrub(self) -> None:
        """Return when nothing of what was removed or replaced is in the store's own files any more."""

    def items(self, drawer: Drawer) -> Iterator[tuple[str, bytes]]:
        """All of a drawer, by name."""

    def drawers(self) -> list[Drawer]:
        """The drawers with something in them."""


class Sealer(Protocol):
    """Seals personal data for one person each, and opens it until that person is forgotten."""

    def seal(self, personal: dict[str, str], issue: str) -> str | None:
        """The `personal` member of an event, from its clear fields (see docs/personal-data.md).

        None for a person who is forgotten: then nothing personal is kept. ValueError names a field that is
        none of the known ones, or is no text of its length; it never quotes what was in it.
        """

    def open(self, sealed: str, issue: str) -> dict[str, str] | None:
        """The clear fields of an event about that issue.

        None where the person is forgotten, the key is another installation's, or it was not sealed for this
        issue.
        """


class ForgottenList(Protocol):
    """Who was forgotten, kept with the data and not in the vault: a vault restored from a backup is told."""

    def append(self, entry: bytes) -> None:
        """Add an entry, durably once this returns."""

    def entries(self) -> list[bytes]:
        """All entries, in order."""
