"""What a page is asked for: period, filters, the instant, the order. Any view is an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote, urlencode

from consumers.board.view import NONE, NoView, View
from consumers.pages.figures import ORIGINS, dimension_title
from consumers.pages.periods import offered, period_title
from livelihood.catalogue import OTHER_AREA, CatalogueVersion, Entry
from livelihood.instants import MINUTE, Instant, from_datetime
from livelihood.periods import parse_period
from web.formats import Formats
from web.languages import Message, _
from web.vocabulary import reason_text

#: The page all others lead from.
OVERVIEW = "/commitments"
#: What "only what was known then" is called in an address, and its value.
KNOWN, THEN = "known", "then"
#: The slider asks for figures without what was restated while it moves.
GLANCE = "glance"
#: A name, its label, pairs of value and text, and the value chosen.
Pick = tuple[str, Message, list[tuple[str, Message | str]], str]
#: Figures that lead to their issues.
LISTED = frozenset({"received", "open", "due_soon", "overdue", "resolved"})
#: Breakdowns that the pages of issues may be narrowed to.
NARROWING = frozenset({"department", "area", "channel", "service", "origin"})
#: What the filters are called.
LABELS: Mapping[str, Message] = {
    "department": _("Department"), "area": _("Area"), "channel": _("Channel"), "service": _("Service"),
    "origin": _("People or staff"), "category": _("Life stage or subject"), "commitment": _("Commitment"),
}  # fmt: skip


def read_view(
    parameters: Mapping[str, str], version: CatalogueVersion, commitment: str | None = None
) -> tuple[View, NoView | None]:
    """The view of an address; where it names none, the plain one, and what is wrong with it."""
    try:
        view = View.parse(parameters, version, commitment)
    except NoView as wrong:
        return View(commitment=commitment), wrong
    if view.as_of is not None and parameters.get(KNOWN) == THEN:
        view = replace(view, known_at=view.as_of)
    return view, None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A version of the catalogue that changed figures shown before."""

    #: When it was published.
    at: Instant
    why: str

    @property
    def before(self) -> Instant:
        """The last minute in which it was not known."""
        return self.at - MINUTE


@dataclass(frozen=True, kw_only=True)
class Here:
    """Where somebody is: the view and everything that a page says of it."""

    #: The page's own path.
    path: str
    view: View
    version: CatalogueVersion
    formats: Formats
    #: What the figures stand for.
    as_of: Instant
    #: Where the slider begins and ends.
    first: Instant
    last: Instant
    #: Whether figures are beside those that were known at the instant.
    restated: bool = False
    problem: Message | None = None
    #: Filters that the page offers, in order.
    filters: Sequence[str] = ("department", "area", "channel", "origin", "category")
    listed: frozenset[str] = LISTED
    narrowing: frozenset[str] = NARROWING
    #: What the page's address has beside the view.
    also: Sequence[tuple[str, str]] = ()

    @property
    def is_live(self) -> bool:
        """Whether the figures change as events arrive."""
        return self.view.is_of_now

    @property
    def is_known_then(self) -> bool:
        """Whether only what was known at the instant counts."""
        return self.view.known_at is not None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was chosen."""
        return replace(self.view, commitment=None, by=(), sort="") != View()

    @property
    def search(self) -> str:
        """What names are searched for."""
        return self.view.search

    @property
    def sort(self) -> str:
        """By what the lines stand in their order."""
        return self.view.sort

    @property
    def period_title(self) -> Message | str:
        """What the period is called."""
        return period_title(self.view.span(self.version), self.formats)

    @cached_property
    def correction(self) -> Correction | None:
        """What the version in force corrected."""
        version = self.version
        if version.correction is None or version.recorded is None:
            return None
        return Correction(at=from_datetime(version.recorded), why=version.correction)

    @cached_property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of the view carries on: what it has no field for."""
        kept = [*self.also, ("by", ",".join(self.view.by)), ("sort", self.sort)]
        return [(name, value) for name, value in kept if value]

    @cached_property
    def picks(self) -> list[Pick]:
        """What may be chosen: the period, then the filters there is a choice for."""
        formats, version = self.formats, self.version
        chosen = self.view.period
        periods = offered(self.as_of, formats)
        if chosen not in periods:
            periods.insert(1, chosen)
        zone = version.time_zone
        found: list[Pick] = [
            (
                "period",
                _("Period"),
                [(text, period_title(parse_period(text, zone), formats)) for text in periods],
                chosen,
            )
        ]
        for name in self.filters:
            values = _values(version, name)
            asked = ",".join(value or NONE for value in getattr(self.view.filters, name))
            choices: list[tuple[str, Message | str]] = [("", _("all"))]
            choices += [(value, self._title(name, value)) for value in values]
            if asked and asked not in values:
                titles = [self._title(name, one) for one in asked.split(",")]
                choices.append((asked, _join(titles, self)))
            if len(values) > 1 or asked:
                found.append((name, LABELS[name], choices, asked))
        return found

    def _title(self, name: str, value: str) -> Message | str:
        language = self.formats.language.code
        if name == "category":
            return reason_text(self.version, value, language)
        return dimension_title(self.version, name, "" if value == NONE else value, language)

    def address(self, **changes: str) -> str:
        """This page with some of its view changed, each as addresses say it; an empty one leaves it out."""
        as_said: dict[str, object] = {}
        for name, value in changes.items():
            if name == "by":
                as_said["by"] = tuple(value.split(",")) if value else ()
            elif name == "as_of":
                as_said |= {"as_of": self._instant(value), "known_at": None}
            elif name == "page":
                as_said["page"] = int(value)
            elif name != KNOWN:
                as_said[name] = value
        query = self.view.query(**{"commitment": None, "page": 1, **as_said})
        query = "&".join(part for part in (urlencode(self.also), query) if part)
        return f"{self.path}?{query}" if query else self.path

    def _instant(self, text: str) -> Instant | None:
        return View.parse({"as_of": text}, self.version).as_of

    def commitment(self, code: str) -> str:
        """The page of a commitment, with this view's period, filters and instant."""
        return self._on(f"{OVERVIEW}/{quote(code, safe='')}")

    @property
    def overview(self) -> str:
        """The overview in this view."""
        return self._on(OVERVIEW)

    @property
    def wall(self) -> str:
        """The wall in this view."""
        return self._on("/wall")

    def issues(self, code: str, measure: str, by: str = "", value: str = "") -> str:
        """The page of the issues behind a figure of a commitment, or of a line of its breakdown."""
        filters = self.view.filters
        if by in NARROWING:
            filters = replace(filters, **{by: (value,)})
        query = self.view.query(commitment=None, by=(), sort="", search="", page=1, filters=filters)
        return f"{OVERVIEW}/{quote(code, safe='')}/issues?of={measure}{'&' if query else ''}{query}"

    def _on(self, path: str) -> str:
        query = self.view.query(commitment=None, by=(), sort="", search="", page=1)
        return f"{path}?{query}" if query else path

    def stream(self, *, by: tuple[str, ...] = ()) -> str:
        """Where the changes of the table come from; empty where nothing changes."""
        if not self.is_live:
            return ""
        query = self.view.whole.query(commitment=None, by=by)
        return f"{self._table}/stream{'?' if query else ''}{query}"

    def download(self, format_: str, *, by: tuple[str, ...] = ()) -> str:
        """The table as a file, in this view."""
        query = self.view.query(commitment=None, by=by, page=1)
        return f"{self._table}?{query}{'&' if query else ''}format={format_}"

    @property
    def _table(self) -> str:
        code = "all" if self.view.commitment is None else self.view.commitment
        return f"/v1/tables/{quote(code, safe='*')}"


def _values(version: CatalogueVersion, name: str) -> list[str]:
    """What a filter may be set to, in the catalogue's order."""
    if name == "origin":
        return list(ORIGINS)
    if name == "category":
        return list(dict.fromkeys(one.category for one in version.services.values() if one.category))
    entries: Mapping[str, Mapping[str, Entry]] = {
        "department": version.departments, "area": version.areas, "channel": version.channels,
    }  # fmt: skip
    found = list(entries[name])
    return [*found, OTHER_AREA] if name == "area" and found and OTHER_AREA not in found else found


def _join(parts: Sequence[Message | str], here: Here) -> str:
    said = here.formats.language.said
    return said(_(", ")).join(said(part) for part in parts)
