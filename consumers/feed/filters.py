"""Which alerts are asked for: by what they are and whom they concern."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from consumers.alerts import KINDS, OBLIGATIONS
from livelihood.alerts import Alert
from livelihood.instants import Instant, from_datetime, parse
from livelihood.promises import Catalogue
from web.problems import Problem, no_such

#: What an alert's members of that name may be narrowed to; those of the catalogue by its part of codes.
_CODES = {"commitment": "commitments", "service": "services", "department": "departments"}
_MOST_CODES = 200

Codes = Annotated[str | None, Query(max_length=4_000, description="Only these, with commas between.")]


@dataclass(frozen=True, kw_only=True)
class AlertFilter:
    """Narrowed to what is named; None: to nothing."""

    kind: frozenset[str] | None = None
    obligation: frozenset[str] | None = None
    commitment: frozenset[str] | None = None
    service: frozenset[str] | None = None
    department: frozenset[str] | None = None
    area: frozenset[str] | None = None
    channel: frozenset[str] | None = None
    issue: frozenset[str] | None = None
    #: Of what was escalated, from that rung of the ladder on; the other kinds have none and stay.
    level: int = 0
    #: Raised then or later.
    since: Instant | None = None
    #: Whether old news is told too.
    stale: bool = True

    def takes(self, alert: Alert) -> bool:
        """Whether an alert is among them."""
        return (
            (self.kind is None or alert.kind in self.kind)
            and (self.department is None or alert.department in self.department)
            and (self.service is None or alert.service in self.service)
            and (self.commitment is None or alert.commitment in self.commitment)
            and (self.area is None or alert.area in self.area)
            and (self.channel is None or alert.channel in self.channel)
            and (self.obligation is None or alert.obligation in self.obligation)
            and (self.issue is None or alert.issue in self.issue)
            and (alert.kind != "escalated" or alert.level >= self.level)
            and (self.stale or not alert.stale)
            and (self.since is None or from_datetime(alert.raised) >= self.since)
        )

    def check(self, catalogue: Catalogue) -> None:
        """A problem where it names what the catalogue never had: nothing would come, unnoticed."""
        for name, part in _CODES.items():
            if codes := getattr(self, name):
                _check(name, codes, catalogue.codes(part))


class Asked:
    """The filter of a request, as a dependency."""

    def __call__(
        self,
        kind: Codes = None,
        obligation: Codes = None,
        commitment: Codes = None,
        service: Codes = None,
        department: Codes = None,
        area: Codes = None,
        channel: Codes = None,
        issue: Codes = None,
        level: Annotated[
            int, Query(ge=0, le=99, description="Of what was escalated, from that rung of the ladder on.")
        ] = 0,
        since: Annotated[
            str | None,
            Query(max_length=40, description="Raised then or later, as 2026-03-01T00:00:00+08:00."),
        ] = None,
        stale: Annotated[bool, Query(description="Whether old news is told too, as of an import.")] = True,
    ) -> AlertFilter:
        """The filter; a problem, 422, names what is wrong."""
        _check("kind", _codes("kind", kind) or (), KINDS)
        _check("obligation", _codes("obligation", obligation) or (), OBLIGATIONS)
        try:
            moment = None if since is None else parse(since.replace(" ", "+"))
        except ValueError as error:
            raise Problem(
                422, f"expected a time, as 2026-03-01T00:00:00+08:00: {error}", field="since"
            ) from None
        return AlertFilter(
            kind=_codes("kind", kind),
            obligation=_codes("obligation", obligation),
            commitment=_codes("commitment", commitment),
            service=_codes("service", service),
            department=_codes("department", department),
            area=_codes("area", area),
            channel=_codes("channel", channel),
            issue=_codes("issue", issue),
            level=level,
            since=moment,
            stale=stale,
        )


def _codes(name: str, text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    codes = frozenset(code.strip() for code in text.split(",") if code.strip())
    if not 0 < len(codes) <= _MOST_CODES:
        raise Problem(422, f"expected 1 to {_MOST_CODES} codes with commas between", field=name)
    return codes


def _check(name: str, codes: Iterable[str], known: Iterable[str]) -> None:
    known = tuple(known)
    for code in sorted(codes):
        if code not in known:
            raise Problem(422, no_such(name, code, known), field=name)
