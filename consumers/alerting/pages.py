"""The page of alerts, and the list by itself, which the page's script asks for again and again."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from consumers.alerting.lines import alert_lines
from consumers.alerts import KINDS
from consumers.feed.filters import AlertFilter
from consumers.feed.newest import newest
from consumers.tail import ends_of
from livelihood.promises import Catalogue
from web.accounts import Right
from web.languages import _
from web.pages import MenuEntry
from web.shell import Shell
from web.visits import Visit
from web.vocabulary import ALERTS

#: A list is read from the top; more than this nobody reads.
MOST_LINES = 100
#: What still stands is looked for among so many of the newest.
LOOKED_AT = 1_000


def router(shell: Shell) -> APIRouter:
    """The routes."""
    shell.add_part(
        "alerting",
        Path(__file__).parent,
        MenuEntry(path="/alerts", label=_("Alerts"), right=Right.SEE, place=60),
    )
    routes = APIRouter(include_in_schema=False)
    context, pages = shell.context, shell.pages
    Seeing = Annotated[Visit, Depends(shell.access.needs(Right.SEE))]  # noqa: N806  # a type

    def mark(visit: Visit) -> str:
        """Changes whenever the list may be another one."""
        worked = [context.reader.position(number).sequence for number in range(context.reader.partitions)]
        ends = ends_of(context.topics)
        about = f"{ends}{worked}{visit.user.name}{visit.language.code}{context.catalogue().latest.recorded}"
        return f'"{blake2b(about.encode(), digest_size=12).hexdigest()}"'

    def listed(visit: Visit) -> dict[str, Any]:
        """What the templates are given."""
        catalogue = context.catalogue()
        version = catalogue.latest
        chosen, unknown = _chosen(visit, catalogue)
        most = LOOKED_AT if chosen["stands"] else MOST_LINES
        topics, wanted = context.topics, _filter(visit, chosen)
        told = [alert for alert, _ in newest(topics, wanted, most, ends_of(topics))]
        told.sort(key=lambda alert: (alert.at, alert.issue, alert.sequence), reverse=True)
        lines = alert_lines(told, context.reader, version, visit.user, visit.language.code)
        if chosen["stands"]:
            lines = [line for line in lines if line.stands]
        return {
            "lines": lines[:MOST_LINES],
            "most": MOST_LINES,
            "chosen": chosen,
            "is_narrowed": any(chosen.values()),
            "unknown": unknown,
        }

    @routes.get("/alerts")
    def alerts(visit: Seeing) -> Response:
        """The newest alerts."""
        version = context.catalogue().latest
        found = listed(visit)
        return pages.page(
            visit,
            "alerting/alerts.html",
            400 if found["unknown"] else 200,
            kinds={kind: ALERTS[kind] for kind in KINDS},
            departments=list(version.departments),
            commitments=list(version.commitments),
            **found,
        )

    @routes.get("/alerts/list")
    def only_list(visit: Seeing) -> Response:
        """The list by itself; 304 where nothing has happened since."""
        tag = mark(visit)
        if visit.request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        page = pages.page(visit, "alerting/list.html", **listed(visit))
        page.headers["ETag"] = tag
        page.headers["Cache-Control"] = "no-cache, private"
        return page

    return routes


def _chosen(visit: Visit, catalogue: Catalogue) -> tuple[dict[str, str], str]:
    """What the address narrows the list to; empty: to nothing. And what it says that there is none of."""
    asked = visit.request.query_params
    chosen = {name: asked.get(name, "") for name in ("kind", "department", "commitment", "mine", "stands")}
    known: dict[str, Sequence[str]] = {
        "kind": KINDS,
        "department": catalogue.codes("departments"),
        "commitment": catalogue.codes("commitments"),
    }
    unknown = [name for name, codes in known.items() if chosen[name] and chosen[name] not in codes]
    given = chosen[unknown[0]] if unknown else ""
    return chosen | dict.fromkeys(unknown, ""), given[:80]


def _filter(visit: Visit, chosen: dict[str, str]) -> AlertFilter:
    departments: Iterable[str] | None = [chosen["department"]] if chosen["department"] else None
    if departments is None and chosen["mine"]:
        departments = visit.user.departments
    return AlertFilter(
        kind=frozenset([chosen["kind"]]) if chosen["kind"] else None,
        commitment=frozenset([chosen["commitment"]]) if chosen["commitment"] else None,
        department=None if departments is None else frozenset(departments),
    )
