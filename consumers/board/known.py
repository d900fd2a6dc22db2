"""What a table may be narrowed to: a code that is misspelt would be answered with zeros, unnoticed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

from consumers.board.view import NONE, NoView
from livelihood.catalogue import OTHER_AREA
from livelihood.contribution import Dimensions
from livelihood.promises import Catalogue
from livelihood.rollup import ORIGINS, Filters
from web.problems import no_such

#: The filters that issues may come with a code for that no catalogue lists, and where the listed ones are.
_OPEN: Mapping[str, str] = {"department": "departments", "channel": "channels", "service": "services"}


def check_known(
    filters: Filters, catalogue: Catalogue, dimensions: Callable[[], Iterable[Dimensions]]
) -> None:
    """NoView where filters name what no version of the catalogue has and no issue came with.

    `dimensions` are those of all issues; it is asked only for what the catalogue does not know.
    """
    for name in (one.name for one in fields(Filters)):
        asked = getattr(filters, name)
        unknown = [code for code in asked if code not in _listed(name, catalogue)] if asked else []
        if unknown and name in _OPEN:
            met = {getattr(one, name) for one in dimensions()}
            unknown = [code for code in unknown if code not in met]
        if unknown:
            given, there = unknown[0] or NONE, [code or NONE for code in _listed(name, catalogue)]
            raise NoView(name, no_such(name, given, there), given)


def _listed(name: str, catalogue: Catalogue) -> list[str]:
    """What a filter may name; the empty code, for issues that have none, comes last."""
    match name:
        case "origin":
            return list(ORIGINS)
        case "category":
            # Issues are narrowed by the categories that their services have now.
            services = catalogue.latest.services.values()
            return [*dict.fromkeys(one.category for one in services if one.category), ""]
        case "area":
            return [*dict.fromkeys((*catalogue.codes("areas"), OTHER_AREA)), ""]
    return [*catalogue.codes(_OPEN[name]), ""]
