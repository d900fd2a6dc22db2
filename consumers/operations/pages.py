"""The routes of operations, and their place in the menu."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from consumers.operations.letters import KEPT, Letter, Letters, is_number
from consumers.operations.standing import LISTED, coverage_of, given_up, orphans_of, software, versions_of
from consumers.operations.watch import Watch
from consumers.operations.withholding import restored, shown
from livelihood.endpoints import Deliveries, Endpoints
from livelihood.envelope import InvalidEvent
from livelihood.instants import to_datetime
from livelihood.ports import Reader
from livelihood.state import all_facts, unpack
from web.accounts import Right
from web.languages import Message, _
from web.page_problems import NotHere
from web.pages import MenuEntry
from web.patience import comes
from web.shell import Shell
from web.visits import Posted, Visit

#: Letters on one page.
PAGE_LETTERS = 50
#: How long who sends a letter again waits to see what comes of it.
PATIENCE_SECONDS, _LOOK_SECONDS = 3.0, 0.05


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What an operator's hand reaches, by ports that cli/ hands over."""

    #: Takes an event in as any other; InvalidEvent says why it is refused. Unavailable: it was not taken.
    replay: Callable[[bytes], None]
    deliveries: Deliveries
    endpoints: Endpoints
    #: Tries what was given up again, by endpoint and message, none: all; how many there were.
    resend: Callable[[str, str], int]


def operations_routes(shell: Shell, hands: Hands) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False, prefix="/operations")
    access, pages, context = shell.access, shell.pages, shell.context
    shell.add_part(
        "operations",
        Path(__file__).parent,
        MenuEntry(path="/operations", label=_("Operations"), right=Right.OPERATE, place=90),
    )
    watch, letters = Watch(context), Letters(context)
    Seen = Annotated[Visit, Depends(access.needs(Right.OPERATE))]  # noqa: N806  # a type
    Sent = Annotated[Posted, Depends(access.posted(Right.OPERATE))]  # noqa: N806  # a type

    def found(letter: str) -> Letter:
        one = letters.find(letter)
        if one is None:
            raise NotHere(_("There is no dead letter %(letter)s.", letter=letter[:40]))
        return one

    def letter_page(
        visit: Visit, letter: Letter, text: str | None = None, error: Message | None = None
    ) -> Response:
        record = letters.record(letter)
        withheld = "" if record is None else shown(record.value)
        return pages.page(
            visit,
            "operations/letter.html",
            422 if error else 200,
            letter=letter,
            has_record=record is not None,
            is_shown=bool(withheld),
            text=withheld if text is None else text,
            error=error,
        )

    @router.get("")
    def operations(visit: Seen) -> Response:
        """Everything at a glance."""
        catalogue, zone = context.catalogue(), pages.formats(visit).zone
        orphans = orphans_of(context.reader, catalogue)
        return pages.page(
            visit,
            "operations/operations.html",
            work=watch.now(),
            letters=letters.count(),
            orphans=orphans[:LISTED],
            all_orphans=len(orphans),
            calendars=coverage_of(catalogue.latest, to_datetime(context.clock(), zone).date()),
            versions=versions_of(catalogue),
            software=list(software()),
            given_up=given_up(hands.deliveries, hands.endpoints),
            done=visit.request.query_params.get("done", ""),
        )

    @router.get("/now")
    def now(visit: Seen) -> Response:
        """The part of the page that changes by itself, for its script."""
        return pages.page(visit, "operations/now.html", work=watch.now(), letters=letters.count())

    @router.get("/letters")
    def letters_page(visit: Seen) -> Response:
        """Dead letters that wait, or those somebody has dealt with."""
        query = visit.request.query_params
        is_done = query.get("list") == "done"
        listed = [one for one in letters.all() if (one.mark is not None) is is_done]
        page = int(query["page"]) if is_number(query.get("page", "")) else 1
        first = (min(max(page, 1), max((len(listed) - 1) // PAGE_LETTERS + 1, 1)) - 1) * PAGE_LETTERS
        return pages.page(
            visit,
            "operations/letters.html",
            letters=listed[first : first + PAGE_LETTERS],
            all_letters=len(listed),
            first=first,
            per_page=PAGE_LETTERS,
            kept=KEPT,
            is_done=is_done,
            done=query.get("done", ""),
        )

    @router.get("/letters/{letter}")
    def one_letter(visit: Seen, letter: str) -> Response:
        """One dead letter, with its record to be corrected."""
        return letter_page(visit, found(letter))

    @router.post("/letters/{letter}")
    def correct(posted: Sent, letter: str) -> Response:
        """Send it again, corrected; or set it aside."""
        one = found(letter)
        if posted.text("verb") == "set-aside":
            letters.mark(one, posted.user.name, replayed=False)
            return RedirectResponse("/operations/letters?done=set-aside", 303)
        record, text = letters.record(one), posted.text("event")
        try:
            event = restored(text, b"" if record is None else record.value, context.sealer.open)
            before = letters.total()
            hands.replay(event)
        except InvalidEvent as error:
            said = _("It was not taken: %(why)s", why=str(error))
            return letter_page(posted.visit, one, text, said)
        letters.mark(one, posted.user.name, replayed=True)
        comes(
            lambda: letters.total() > before or is_worked_on(context.reader, event),
            PATIENCE_SECONDS,
            _LOOK_SECONDS,
        )
        return RedirectResponse(f"/operations/letters?done={quote(one.key)}", 303)

    @router.post("/deliveries")
    def resend(posted: Sent) -> Response:
        """Try what was given up again: one delivery, or all of an endpoint."""
        count = hands.resend(posted.text("endpoint"), posted.text("message"))
        return RedirectResponse(f"/operations?done=resent-{count}#deliveries", 303)

    return router


def is_worked_on(reader: Reader, event: bytes) -> bool:
    """Whether an issue knows of an event."""
    document = json.loads(event)
    packed = reader.states([document["subject"]]).get(document["subject"])
    return packed is not None and any(fact.id == document["id"] for fact in all_facts(unpack(packed)))
