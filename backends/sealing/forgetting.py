"""Forgetting: a person's key is deleted, and nothing personal is kept of them any more.

Who was forgotten is written into a list kept with the data before anything is deleted. A vault restored from
a backup has the keys of the forgotten again; the list, which was not restored with it, has them deleted.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import itemgetter

from backends.sealing.people import People, issue_name
from livelihood.envelope import root_of
from livelihood.safekeeping import (
    FORGOTTEN,
    IDENTIFIERS,
    ISSUES,
    PERSONS,
    Drawer,
    ForgottenList,
    Place,
    Vault,
)


@dataclass(frozen=True, kw_only=True)
class Forgot:
    """What forgetting did."""

    #: Keys deleted: so many people's data cannot be read any more.
    keys: int
    #: Issues in which something was sealed for them.
    issues: int
    #: Nothing was left to do: they had been forgotten before.
    repeated: bool


class Forgetting:
    """Forgets people in a vault, and in its backups by way of the list."""

    def __init__(self, people: People, forgotten: ForgottenList) -> None:
        self._people = people
        self._vault = people.vault
        self._list = forgotten

    def forget_person(self, identifier: str) -> Forgot:
        """Forget whom a telephone number, e-mail address, identity number or openid was given for.

        All of them, where it was given for several. One that nobody gave yet is noted all the same.
        ValueError where it is none of these.
        """
        hashes = self._people.hashes_of(identifier)
        if not hashes:
            raise ValueError("that is no telephone number, e-mail address or identity number")
        persons = {person for name in hashes for person in self._people.linked(IDENTIFIERS, name)}
        return self._forget(persons, hashes)

    def forget_issue(self, issue: str) -> Forgot:
        """Forget the people for whom something was sealed in an issue, in all their other issues too."""
        root = root_of(issue)
        return self._forget(set(self._people.linked(ISSUES, root)), [issue_name(root)])

    def knows(self, issue: str) -> bool:
        """Whether something was sealed in an issue, or its people were forgotten."""
        root = root_of(issue)
        noted = self._vault.get(FORGOTTEN, issue_name(root)) is not None
        return noted or next(self._people.linked(ISSUES, root), None) is not None

    def honour(self) -> int:
        """Bring vault and list to the same; how many entries the vault, restored from a backup, had missed.

        A list that lost entries is given them again, from the vault.
        """
        entries = self._list.entries()
        marks = self._vault.get_all([Place(FORGOTTEN, _mark(entry)) for entry in entries])
        missed = [entry for entry, mark in zip(entries, marks, strict=True) if mark is None]
        self._apply(missed)
        listed = {name for entry in entries for name in json.loads(entry)["names"]}
        noted = (name for name, _ in self._vault.items(FORGOTTEN) if not name.startswith(_MARKS))
        if unlisted := sorted(set(noted) - listed):
            self._list.append(_entry([], unlisted))
        return len(missed)

    def _forget(self, persons: AbstractSet[str], names: Sequence[str]) -> Forgot:
        keys = [key for key in self._vault.get_all([Place(PERSONS, one) for one in persons]) if key]
        issues = [root for root, of in _linked(self._vault, ISSUES) if persons & of.keys()]
        # An identifier that others gave too still means them.
        hashes = [name for name, of in _linked(self._vault, IDENTIFIERS) if of.keys() <= persons]
        noted = self._vault.get_all([Place(FORGOTTEN, name) for name in names])
        # An identifier is asked for as each field that it may be of.
        if not keys and any(one is not None for one in noted):
            return Forgot(keys=0, issues=0, repeated=True)
        names = list(dict.fromkeys([*names, *map(issue_name, issues), *hashes]))
        entry = _entry(persons, names)
        self._list.append(entry)
        self._apply([entry])
        return Forgot(keys=len(keys), issues=len(issues), repeated=False)

    def _apply(self, entries: Sequence[bytes]) -> None:
        """Note the names, delete the keys and what led to them, and scrub the vault's files."""
        if not entries:
            return
        parts = [json.loads(entry) for entry in entries]
        persons = {person for part in parts for person in part["persons"]}
        # First of all, so that nothing is sealed for them meanwhile.
        self._vault.add_all([(Place(FORGOTTEN, name), b"") for part in parts for name in part["names"]])
        places = [Place(PERSONS, person) for person in persons]
        for drawer in (ISSUES, IDENTIFIERS):
            for name, of in _linked(self._vault, drawer):
                if of.keys() <= persons:
                    places += [Place(drawer, f"{name}#{number}") for number in of.values()]
        self._vault.delete_all(places)
        self._vault.scrub()
        self._vault.add_all([(Place(FORGOTTEN, _mark(entry)), b"") for entry in entries])


def _linked(vault: Vault, drawer: Drawer) -> Iterator[tuple[str, dict[str, int]]]:
    """Every identifier or issue, with the persons linked to it and the number of each."""
    links = ((*name.rpartition("#")[::2], value.decode()) for name, value in vault.items(drawer))
    for name, group in groupby(links, key=itemgetter(0)):
        yield name, {person: int(number) for _, number, person in group}


def _entry(persons: Iterable[str], names: Iterable[str]) -> bytes:
    return json.dumps({"persons": sorted(persons), "names": list(names)}).encode()


#: What the names of entries that were honoured begin with, among the forgotten.
_MARKS = "entry:"


def _mark(entry: bytes) -> str:
    return _MARKS + sha256(entry).hexdigest()
