"""HTTP: a calendar of coming deadlines, for whoever knows its address."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from starlette.responses import Response

from consumers.deadlines.coming import Owner, coming, entry_of
from consumers.deadlines.ical import MEDIA_TYPE, calendar_of
from consumers.subscriptions.links import CALENDARS
from web.context import Context
from web.languages import Language
from web.open_issues import OpenIssues
from web.problems import DESCRIBED, Problem
from web.titles import own_title


def router(
    context: Context,
    open_issues: OpenIssues,
    languages: Mapping[str, Language],
    owner_of: Callable[[str], Owner | None],
) -> APIRouter:
    """The route; `owner_of` says whose calendar a token opens, None: nobody's. It blocks."""
    routes = APIRouter(tags=["alerts"], responses=DESCRIBED)

    @routes.get(
        CALENDARS + "/{token}", response_class=Response, responses={200: {"content": {"text/calendar": {}}}}
    )
    def calendar(token: str) -> Response:
        """The deadlines to come of one subscription, as an iCalendar; the address is all that is needed."""
        owner = owner_of(token.removesuffix(".ics"))
        if owner is None:
            raise Problem(404, "there is no such calendar")
        now, catalogue, language = context.clock(), context.catalogue(), languages[owner.language]
        deadlines = coming(open_issues.all(), catalogue, owner.hears, now)
        entries = (entry_of(one, catalogue, language, context.public_url) for one in deadlines)
        return Response(
            calendar_of(
                owner.title or own_title(catalogue.latest, language.code) or "livelihood", entries, now
            ),
            headers={"Content-Type": MEDIA_TYPE, "Cache-Control": "private, max-age=300"},
        )

    return routes
