"""Whose key it is: people are told by keyed hashes of what identifies them, across issues and channels.

The vault's drawers, with what lies in them:

    PERSONS      a person's random id -> their key, wrapped by the master key
    IDENTIFIERS  "<keyed hash>#0", "#1", ... -> ids of the persons whom an identifier was given for
    ISSUES       "<root issue>#0", "#1", ... -> ids of the persons for whom something was sealed in it
    FORGOTTEN    keyed hashes and root issues for which nothing personal is kept any more
    INSTALLATION the key of the hashes, wrapped: random, so that another master key leaves the hashes alone

An identifier or an issue has several persons where what was said of them came apart, as when a family shares
a telephone: forgetting it forgets all of them.
"""

import base64
import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import count

from backends.sealing.fields import fields_of, identifiers
from backends.sealing.master_keys import KEY_BYTES, RECOGNITION, MasterKeys
from livelihood.envelope import root_of
from livelihood.safekeeping import FORGOTTEN, IDENTIFIERS, INSTALLATION, ISSUES, PERSONS, Drawer, Place, Vault

_PERSON_BYTES = 16
#: How many persons of one identifier or issue are asked for at a time.
_ASKED = 4


class People:
    """Finds people in a vault, and makes them known."""

    def __init__(self, vault: Vault, master: MasterKeys) -> None:
        self.vault = vault
        self.master = master
        self._recognition: bytes | None = None

    def hashes(self, personal: Mapping[str, str]) -> list[str]:
        """The keyed hashes of what tells the person, the surest first."""
        return [self._hash(field, normal) for field, normal in identifiers(personal)]

    def hashes_of(self, identifier: str) -> list[str]:
        """The keyed hashes of an identifier as a person names it, whichever field it is of."""
        return self.hashes(fields_of(identifier))

    def key_of(self, person: str) -> bytes | None:
        """A person's key; None: they are forgotten, or of another installation."""
        wrapped = self.vault.get(PERSONS, person)
        return None if wrapped is None else self.master.unwrap(wrapped, person)

    def person_for(self, hashes: Sequence[str], issue: str) -> tuple[str, bytes] | None:
        """Whose key is to be used for an issue, and the key; made where the person is new.

        By an identifier if there is one; else the issue's first person. None: they are forgotten.
        """
        forgotten = [Place(FORGOTTEN, name) for name in (*hashes, issue_name(root_of(issue)))]
        names = [*((IDENTIFIERS, name) for name in hashes), (ISSUES, root_of(issue))]
        # Everything in one question: a vault may be another machine.
        asked = [Place(drawer, f"{name}#{at}") for drawer, name in names for at in range(_ASKED)]
        found = self.vault.get_all([*forgotten, *asked])
        noted, held = found[: len(forgotten)], found[len(forgotten) :]
        if any(one is not None for one in noted):
            return None
        linked = [self._all(*names[at], held[at * _ASKED : (at + 1) * _ASKED]) for at in range(len(names))]
        candidates = linked[:-1] if hashes else linked
        known = self._first([person for of_name in candidates for person in of_name])
        if known is not None and all(known[0] in of_name for of_name in linked):
            return known
        return self._make_known(known, names, linked, forgotten)

    def _make_known(
        self,
        known: tuple[str, bytes] | None,
        names: Sequence[tuple[Drawer, str]],
        linked: Sequence[Sequence[str]],
        forgotten: Sequence[Place],
    ) -> tuple[str, bytes] | None:
        """Link a person, new if need be, with the names they lack; None: forgotten a moment ago."""
        new: list[tuple[Place, bytes]] = []
        is_new = known is None
        if known is None:
            known = _text(secrets.token_bytes(_PERSON_BYTES)), secrets.token_bytes(KEY_BYTES)
            new.append((Place(PERSONS, known[0]), self.master.wrap(known[1], known[0])))
        person = known[0].encode()
        for (drawer, name), others in zip(names, linked, strict=True):
            if known[0] not in others:
                new.append((Place(drawer, f"{name}#{len(others)}"), person))
        for (place, value), held in zip(new, self.vault.add_all(new), strict=True):
            if held != value:
                # Another process linked it with somebody a moment ago: both are remembered.
                self._link(place.drawer, place.name.rpartition("#")[0], known[0])
        if any(one is not None for one in self.vault.get_all(forgotten)):
            # The links may stay: whoever follows them hears of that first.
            if is_new:
                self.vault.delete(PERSONS, known[0])
            return None
        return known

    def linked(self, drawer: Drawer, name: str) -> Iterator[str]:
        """The persons an identifier or an issue was linked with."""
        for first in count(0, _ASKED):
            places = [Place(drawer, f"{name}#{number}") for number in range(first, first + _ASKED)]
            for found in self.vault.get_all(places):
                if found is None:
                    return
                yield found.decode()

    def _all(self, drawer: Drawer, name: str, first: Sequence[bytes | None]) -> list[str]:
        """All the persons of a name, of whom the first were asked for already."""
        if None not in first:
            return list(self.linked(drawer, name))
        return [one.decode() for one in first[: first.index(None)] if one is not None]

    def _first(self, persons: Sequence[str]) -> tuple[str, bytes] | None:
        """The first of them who was not forgotten, and the key."""
        for person in persons:
            key = self.key_of(person)
            if key is not None:
                return person, key
        return None

    def _link(self, drawer: Drawer, name: str, person: str) -> None:
        number = 0
        while self.vault.add(drawer, f"{name}#{number}", person.encode()) != person.encode():
            number += 1

    def _hash(self, field: str, normal: str) -> str:
        if self._recognition is None:
            wrapped = self.vault.get(INSTALLATION, RECOGNITION)
            if wrapped is None:
                made = self.master.wrap(secrets.token_bytes(KEY_BYTES), RECOGNITION)
                wrapped = self.vault.add(INSTALLATION, RECOGNITION, made)
            self._recognition = self.master.unwrap(wrapped, RECOGNITION)
        return _text(hmac.digest(self._recognition, f"{field}\0{normal}".encode(), sha256))


def issue_name(root: str) -> str:
    """How an issue is called among the forgotten."""
    return f"issue:{root}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
