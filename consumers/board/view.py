"""What is looked at, as an address: commitment, breakdown, period, filters, instants, order and page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from consumers.tables import Query
from livelihood.catalogue import ALL, CatalogueVersion
from livelihood.instants import Instant, iso
from livelihood.moments import read_moment
from livelihood.periods import Period, parse_period
from livelihood.rollup import ALL_ISSUES, BREAKDOWNS, Filters
from web.problems import no_such

#: Stands for an empty code in a filter, as issues without an area have it; no code begins so.
NONE = "-"
#: In addresses: all commitments, which has no code.
EVERY = "all"
#: The most lines, or issues, on a page.
MOST = 1_000
_FILTERS = tuple(one.name for one in fields(Filters))
#: In an address a plus sign that was not escaped is a space.
_OFFSET = re.compile(r"(T.*) (\d\d:?\d\d)$")


class NoView(ValueError):
    """An address that names no view: which parameter is wrong, and what to write."""

    def __init__(self, field: str, message: str, unknown: str = "") -> None:
        """`unknown`: the value that is none of those there are, where that is what is wrong."""
        super().__init__(message)
        self.field = field
        self.unknown = unknown


@dataclass(frozen=True, kw_only=True)
class View:
    """What is looked at. Equal views are of equal addresses."""

    #: None: all of them.
    commitment: str | None = None
    by: tuple[str, ...] = ()
    #: As people write it: 2011, 2011-Q3, 2011-08, 2011-W31, 2011-08-14 or all.
    period: str = "all"
    filters: Filters = ALL_ISSUES
    #: None: as it stands now.
    as_of: Instant | None = None
    #: None: as known now.
    known_at: Instant | None = None
    #: Lines whose names, in any language, or codes contain it.
    search: str = ""
    #: A measure by its name, as CSV has it; a minus before it puts the largest first.
    sort: str = ""
    #: Counted from 1.
    page: int = 1
    #: Lines on a page.
    size: int = MOST

    @classmethod
    def parse(
        cls, parameters: Mapping[str, str], version: CatalogueVersion, commitment: str | None = None
    ) -> Self:
        """The view of an address's parameters, others left alone; NoView says which is wrong.

        `commitment` is the one in the address's path, where there is one.
        """
        zone = ZoneInfo(version.time_zone)
        commitment = commitment or parameters.get("commitment") or None
        by = _names(parameters, "by")
        for name in by:
            if name not in BREAKDOWNS:
                raise NoView("by", f"no table is kept by {name[:80]!r}; choose from {', '.join(BREAKDOWNS)}")
        view = cls(
            commitment=None if commitment == EVERY and EVERY not in version.commitments else commitment,
            by=by,
            period=parameters.get("period") or "all",
            filters=Filters(
                **{name: tuple("" if v == NONE else v for v in _names(parameters, name)) for name in _FILTERS}
            ),
            as_of=_moment(parameters, "as_of", zone),
            known_at=_moment(parameters, "known_at", zone),
            search=(parameters.get("search") or "").strip()[:100],
            sort=parameters.get("sort") or "",
            page=_number(parameters, "page", 1, 1_000_000),
            size=_number(parameters, "size", MOST, MOST),
        )
        known = (ALL, *version.commitments, *version.projects)
        if view.commitment is not None and view.commitment not in known:
            raise NoView(
                "commitment", no_such("commitment", view.commitment, (EVERY, *known)), view.commitment
            )
        view.span(version)
        if view.as_of is not None and view.known_at is not None and view.as_of > view.known_at:
            raise NoView("as_of", "lies after known_at: what happens later cannot be known then")
        return view

    def query(self, **changes: object) -> str:
        """The view, with these changes, as an address's query: what is not said is left out.

        The commitment is in it too; a page whose path names that leaves it out by `commitment=None`.
        """
        view = replace(self, **changes)  # type: ignore[arg-type]
        said: dict[str, object] = {"commitment": view.commitment, "by": ",".join(view.by)}
        said["period"] = "" if view.period == "all" else view.period
        for name in _FILTERS:
            said[name] = ",".join(value or NONE for value in getattr(view.filters, name))
        for name in ("as_of", "known_at"):
            at = getattr(view, name)
            said[name] = "" if at is None else iso(at)
        said |= {"search": view.search, "sort": view.sort}
        said["page"] = "" if view.page == 1 else view.page
        said["size"] = "" if view.size == MOST else view.size
        return urlencode({name: value for name, value in said.items() if value}, safe=",:*")

    def span(self, version: CatalogueVersion) -> Period:
        """The period; NoView where it is none."""
        try:
            return parse_period(self.period, version.time_zone)
        except ValueError as error:
            raise NoView("period", str(error)) from None

    def table_query(self, version: CatalogueVersion) -> Query:
        """The table it is of, whole and unsorted."""
        return Query(
            period=self.span(version),
            commitment=self.commitment,
            by=self.by,
            filters=self.filters,
            as_of=self.as_of,
            known_at=self.known_at,
        )

    @property
    def is_of_now(self) -> bool:
        """Whether it changes as time passes."""
        return self.as_of is None and self.known_at is None

    @property
    def whole(self) -> Self:
        """The same with all lines, in the catalogue's order."""
        return replace(self, search="", sort="", page=1, size=MOST)


def _names(parameters: Mapping[str, str], name: str) -> tuple[str, ...]:
    said = (part.strip() for part in (parameters.get(name) or "").split(","))
    return tuple(dict.fromkeys(part for part in said if part))


def _moment(parameters: Mapping[str, str], name: str, zone: ZoneInfo) -> Instant | None:
    text = (parameters.get(name) or "").strip()
    if not text:
        return None
    try:
        return read_moment(_OFFSET.sub(r"\1+\2", text), zone)
    except ValueError as error:
        raise NoView(name, str(error)) from None


def _number(parameters: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = (parameters.get(name) or "").strip()
    if not text:
        return default
    # Of thousands of digits Python makes no number.
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not (is_number and 1 <= int(text) <= most):
        raise NoView(name, f"expected a number from 1 to {most:,}")
    return int(text)


_MOST_DIGITS = 18
