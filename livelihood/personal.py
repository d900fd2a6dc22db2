"""What people said of themselves in an issue, for those who may read it; each look is recorded first."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from livelihood.envelope import root_of
from livelihood.events import Kind
from livelihood.facts import Fact, decode
from livelihood.instants import Instant, iso
from livelihood.partitions import partition_of
from livelihood.ports import EventLog, Reader
from livelihood.safekeeping import LOOKS, Sealer, Vault
from livelihood.state import unpack


@dataclass(frozen=True, kw_only=True)
class Look:
    """Somebody read what is personal in an issue, or was about to."""

    when: Instant
    #: An account or key, or who is at the command line.
    who: str
    issue: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """The personal part of one event."""

    fact: Fact
    #: The clear fields; None where it cannot be read any more.
    fields: dict[str, str] | None

    @property
    def kind(self) -> Kind:
        """What the event says."""
        return Kind(self.fact.kind)


class PersonalData:
    """Reads what was sealed in the events of issues."""

    def __init__(self, log: EventLog, reader: Reader, vault: Vault, sealer: Sealer) -> None:
        self._log, self._reader = log, reader
        self._vault, self._sealer = vault, sealer

    def read(self, issue: str, *, who: str, now: Instant) -> list[Said]:
        """The personal parts of an issue's events, in the order they came; the look is recorded first.

        It knows what a worker has worked on. Unavailable where log, vault or reader cannot answer.
        """
        record_look(self._vault, Look(when=now, who=who, issue=issue))
        packed = self._reader.states([issue]).get(issue)
        if packed is None:
            return []
        return list(self._said(issue, unpack(packed).sealed))

    def _said(self, issue: str, offsets: tuple[int, ...]) -> Iterator[Said]:
        partition = partition_of(root_of(issue), self._log.partitions)
        for offset in offsets:
            for record in self._log.read(partition, offset, 1):
                document = _ENVELOPE.decode(record.value)
                sealed = document.data.personal
                # Only of another log would another record be there.
                if record.offset == offset and document.subject == issue and sealed:
                    _, fact = decode(record.value, record.received)
                    yield Said(fact=fact, fields=self._sealer.open(sealed, issue))


class _Data(msgspec.Struct):
    personal: str | None = None


class _Envelope(msgspec.Struct):
    subject: str
    data: _Data


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def record_look(vault: Vault, look: Look) -> None:
    """Record a look durably, before anything is shown. Unavailable where that cannot be."""
    document = {"when": iso(look.when), "who": look.who, "issue": look.issue}
    vault.add(LOOKS, f"{look.when:020d} {look.who} {look.issue}", msgspec.json.encode(document))


def looks(vault: Vault, issue: str = "") -> Iterator[Look]:
    """Who looked, the earliest first; at one issue, or at any."""
    for name, value in vault.items(LOOKS):
        document = msgspec.json.decode(value)
        if issue in ("", document["issue"]):
            yield Look(when=int(name.partition(" ")[0]), who=document["who"], issue=document["issue"])
