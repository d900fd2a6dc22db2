"""Pages: one's subscriptions, a new or changed one with its test message, what could not be delivered."""

from collections.abc import Mapping
from typing import Annotated, Any

from anyio import from_thread
from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from consumers.subscriptions.causes import says
from consumers.subscriptions.creating import Wrong
from consumers.subscriptions.desk import Desk
from consumers.subscriptions.forms import by_form, changed_of, draft_of, fields_of, form_of, shown_in_form
from consumers.subscriptions.interface import target_text
from consumers.subscriptions.limits import limits_of_name
from consumers.subscriptions.looking_back import told_by
from consumers.subscriptions.places import NoPosition
from consumers.subscriptions.store import PAUSED, Kept
from consumers.subscriptions.wording import Words
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import from_datetime
from web.accounts import Right
from web.languages import Message, _
from web.page_problems import NotAllowed, NotHere
from web.shell import Shell
from web.visits import ByField, Posted, Visit
from web.vocabulary import ALERTS

#: So many alerts of a message are on a page.
PAGE = 200


def subscription_pages(shell: Shell, desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False, prefix="/subscriptions")
    access, pages = shell.access, shell.pages
    Seeing = Annotated[Visit, Depends(access.needs(Right.SEE))]  # noqa: N806  # types
    Doing = Annotated[Posted, Depends(access.posted(Right.SEE))]  # noqa: N806

    def own(visit: Visit, identity: str) -> Kept:
        kept = desk.find(visit.user, identity)
        if kept is None:
            raise NotHere(_("There is no such subscription, or it is not yours."))
        return kept

    def version() -> CatalogueVersion:
        return shell.context.catalogue().latest

    def changeable(visit: Visit, identity: str) -> Kept:
        kept = own(visit, identity)
        if not desk.may_change(kept, visit.user):
            raise NotAllowed
        return kept

    def form(
        visit: Visit,
        fields: dict[str, str],
        errors: Mapping[str, Message | str],
        status: int = 200,
        kept: Kept | None = None,
    ) -> Response:
        limits = limits_of_name(desk.accounts, visit.user.name)
        language = visit.language
        return pages.page(
            visit,
            "subscriptions/form.html",
            status,
            kept=kept,
            target="" if kept is None else target_text(kept.endpoint.url),
            form=form_of(version(), language.code, limits, language.said, fields),
            fields=ByField(fields),
            errors=ByField(dict(errors)),
            kinds=ALERTS,
        )

    def one(visit: Visit, kept: Kept, **more: Any) -> Response:
        waiting, _given_up = desk.undelivered.counts([kept])[kept.subscription.id]
        shown: dict[str, Any] = {"secret": "", "said": None, "is_good": True, **more}
        return pages.page(
            visit,
            "subscriptions/one.html",
            kept=kept,
            target=target_text(kept.endpoint.url),
            waiting=waiting,
            given_up=[(message, says(message.problem)) for message in desk.undelivered.of(kept)],
            stopped=says(kept.endpoint.disabled),
            may_remove=desk.may_remove(kept),
            may_change=desk.may_change(kept, visit.user),
            limits=desk.limits(kept),
            calendar=desk.links.calendar(kept.subscription),
            kinds=ALERTS,
            paused=PAUSED,
            **shown,
        )

    @router.get("")
    def listed(visit: Seeing) -> Response:
        """One's own; an operator's are all."""
        kept = desk.of(visit.user)
        operator = next((one for one in kept if one.subscription.is_operator), None)
        return pages.page(
            visit,
            "subscriptions/list.html",
            kept=kept,
            targets={one.subscription.id: target_text(one.endpoint.url) for one in kept},
            counts=desk.undelivered.counts(kept),
            unheard=None if operator is None else desk.subscriptions.told(operator),
            kinds=ALERTS,
            paused=PAUSED,
        )

    @router.get("/new")
    def new(visit: Seeing) -> Response:
        """A form for another one."""
        return form(visit, shown_in_form(version(), visit.language.code), {})

    @router.post("/new")
    def add(posted: Doing) -> Response:
        """Try it and keep it; or show what is wrong."""
        try:
            kept = from_thread.run(desk.creating.create, draft_of(posted.fields), posted.user.name)
        except Wrong as wrong:
            return form(posted.visit, dict(posted.fields), by_form(wrong.problems), 422)
        secret = kept.endpoint.secrets[0].value if kept.is_webhook else ""
        said = _("Subscribed. The test message was taken.")
        return one(posted.visit, kept, secret=secret, said=said)

    @router.get("/{subscription}/change")
    def change(visit: Seeing, subscription: str) -> Response:
        """The form of one that is there."""
        kept = changeable(visit, subscription)
        return form(visit, fields_of(kept.subscription), {}, kept=kept)

    @router.post("/{subscription}/change")
    def changed(posted: Doing, subscription: str) -> Response:
        """Try another address, and keep what is chosen now; or show what is wrong."""
        kept = changeable(posted.visit, subscription)
        try:
            kept = from_thread.run(desk.creating.change, kept, changed_of(posted.fields))
        except Wrong as wrong:
            return form(posted.visit, dict(posted.fields), by_form(wrong.problems), 422, kept)
        return one(posted.visit, kept, said=_("Changed. It holds for what is raised from now on."))

    @router.get("/{subscription}")
    def show(visit: Seeing, subscription: str) -> Response:
        """One, with what could not be delivered."""
        return one(visit, own(visit, subscription))

    @router.get("/{subscription}/told")
    def told(visit: Seeing, subscription: str) -> Response:
        """All alerts of one message."""
        kept = own(visit, subscription)
        span = visit.request.query_params.get("of", "")
        catalogue = shell.context.catalogue()
        try:
            with desk.hold() as topics:
                found = told_by(topics, desk.matcher(), kept.subscription, catalogue, span)
        except NoPosition:
            raise NotHere(_("There is no such message; the data may have been moved since.")) from None
        first = _number(visit.request.query_params.get("first", ""))
        words = Words(kept.subscription, catalogue.latest, visit.language)
        return pages.page(
            visit,
            "subscriptions/told.html",
            kept=kept,
            count=len(found),
            span=span,
            first=first,
            size=PAGE,
            lines=[
                (one.alert, words.kind(one.alert), words.line(one.alert), from_datetime(one.alert.raised))
                for one in found[first : first + PAGE]
            ],
        )

    @router.post("/{subscription}/test")
    def test(posted: Doing, subscription: str) -> Response:
        """Send a test message."""
        kept = own(posted.visit, subscription)
        problem = from_thread.run(desk.creating.test, kept)
        said = (
            _("The test message was not taken: %(problem)s.", problem=says(problem))
            if problem
            else _("The test message was taken.")
        )
        return one(posted.visit, kept, said=said, is_good=not problem)

    @router.post("/{subscription}/pause")
    def pause(posted: Doing, subscription: str) -> Response:
        """Send nothing for now."""
        desk.subscriptions.pause(own(posted.visit, subscription).subscription.id, desk.clock())
        return RedirectResponse(f"/subscriptions/{subscription}", 303)

    @router.post("/{subscription}/resume")
    def resume(posted: Doing, subscription: str) -> Response:
        """Send again."""
        desk.subscriptions.resume(own(posted.visit, subscription).subscription.id, desk.clock())
        return RedirectResponse(f"/subscriptions/{subscription}", 303)

    @router.post("/{subscription}/remove")
    def remove(posted: Doing, subscription: str) -> Response:
        """Tell nothing any more."""
        kept = own(posted.visit, subscription)
        if desk.may_remove(kept):
            desk.subscriptions.remove(kept.subscription.id)
        return RedirectResponse("/subscriptions", 303)

    @router.post("/{subscription}/resend")
    def resend(posted: Doing, subscription: str) -> Response:
        """Try what was given up again, one message or all."""
        kept = own(posted.visit, subscription)
        resent = desk.undelivered.resend(kept, posted.text("message"))
        said = _("%(resent)s are tried again.", resent=resent.resent)
        if resent.left_out:
            said = _(
                "%(resent)s are tried again; %(left_out)s were settled meanwhile, and that was told.",
                resent=resent.resent,
                left_out=resent.left_out,
            )
        return one(posted.visit, kept, said=said)

    return router


def ending(shell: Shell, desk: Desk) -> APIRouter:
    """The link in a message that ends it: the token is what cannot be guessed, so no account is needed."""
    router = APIRouter(include_in_schema=False, prefix="/subscriptions/end")
    access, pages = shell.access, shell.pages

    def ended_by(token: str) -> Kept:
        identity = desk.links.ended_by(token)
        kept = None if identity is None else desk.subscriptions.find(identity)
        if kept is None:
            raise NotHere(_("This link ends nothing any more."))
        return kept

    @router.get("/{token}")
    def ask(visit: Annotated[Visit, Depends(access.visit)], token: str) -> Response:
        """Ask first: whatever reads mail follows links."""
        return pages.page(visit, "subscriptions/end.html", kept=ended_by(token), token=token)

    @router.post("/{token}")
    def end(visit: Annotated[Visit, Depends(access.visit)], token: str) -> Response:
        """Send nothing more until it is resumed: by the page's button, or one click of a mail program."""
        kept = ended_by(token)
        desk.subscriptions.pause(kept.subscription.id, desk.clock())
        return pages.page(visit, "subscriptions/end.html", kept=kept, token="")

    return router


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
