"""HTTP: subscriptions made, changed, listed, tried, paused and removed, by the account of a pass."""

from typing import Annotated, Any, NoReturn

from anyio import to_thread
from fastapi import APIRouter, Depends
from starlette.responses import Response

from consumers.subscriptions.causes import says
from consumers.subscriptions.creating import Changed, Draft, Wrong
from consumers.subscriptions.desk import Desk
from consumers.subscriptions.store import Kept
from livelihood.instants import iso
from web.accounts import Right
from web.asking import Asking
from web.languages import in_english
from web.problems import DESCRIBED, Problem
from web.users import User

PATH = "/v1/subscriptions"
#: What is nobody's business but ours, or is said in other words.
_INNER = {"added", "paused", "rested", "eras", "is_operator", "carries_pass"}


def interface(desk: Desk, asking: Asking) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["subscriptions"], responses=DESCRIBED, prefix=PATH)
    Person = Annotated[User, Depends(asking)]  # noqa: N806  # a type

    def own(user: User, subscription: str) -> Kept:
        may_see(user)
        kept = desk.find(user, subscription)
        if kept is None:
            raise Problem(404, f"there is no subscription {subscription[:40]!r} of yours")
        return kept

    def changeable(user: User, subscription: str) -> Kept:
        kept = own(user, subscription)
        if not desk.may_remove(kept):
            raise Problem(409, "the catalogue names whoever hears this; publish another catalogue")
        if not desk.may_change(kept, user):
            raise Problem(
                403, f"it is for {kept.subscription.account!r} to change; you may pause or remove it"
            )
        return kept

    @routes.get("", response_model=None)
    def listed(user: Person) -> dict[str, Any]:
        """Your subscriptions, everybody's for an operator, and what waits for each. No secrets."""
        may_see(user)
        kept = desk.of(user)
        counts = desk.undelivered.counts(kept)
        return {"subscriptions": [{**shown(one), **waiting(counts[one.subscription.id])} for one in kept]}

    @routes.post("", status_code=201, response_model=None)
    async def add(user: Person, draft: Draft) -> dict[str, Any]:
        """Subscribe. A test message is sent first; the secret in the answer is shown this once."""
        may_see(user)
        try:
            kept = await desk.creating.create(draft, user.name)
        except Wrong as wrong:
            refuse(wrong)
        return {**shown(kept), "secret": kept.endpoint.secrets[0].value}

    @routes.get("/{subscription}", response_model=None)
    def one(user: Person, subscription: str) -> dict[str, Any]:
        """One, with what could not be delivered, and its calendar, which opens to whoever has the address."""
        kept = own(user, subscription)
        given_up = [message._asdict() for message in desk.undelivered.of(kept)]
        waits, _ = desk.undelivered.counts([kept])[kept.subscription.id]
        calendar = desk.links.calendar(kept.subscription)
        limits = desk.limits(kept)
        return {
            **shown(kept),
            "limited_to": None if limits is None else sorted(limits),
            "calendar": calendar,
            "waiting": waits,
            "given_up": given_up,
        }

    @routes.put("/{subscription}", response_model=None)
    async def change(user: Person, subscription: str, changed: Changed) -> dict[str, Any]:
        """Let it be this from now on; without `url` it is told where it was. Its secret stays.

        Another `url` is sent a test message first, and gets what is under way.
        """
        kept = await to_thread.run_sync(changeable, user, subscription)
        try:
            return shown(await desk.creating.change(kept, changed))
        except Wrong as wrong:
            refuse(wrong)

    @routes.delete("/{subscription}", status_code=204, response_model=None)
    def remove(user: Person, subscription: str) -> Response:
        """Tell nothing any more, and forget what waits."""
        kept = own(user, subscription)
        if not desk.may_remove(kept):
            raise Problem(
                409, "the catalogue names whoever hears this; pause it, or publish another catalogue"
            )
        desk.subscriptions.remove(kept.subscription.id)
        return Response(status_code=204)

    @routes.post("/{subscription}/test", response_model=None)
    async def test(user: Person, subscription: str) -> dict[str, Any]:
        """Send a test message now; `problem` says what was wrong, null: it was taken."""
        kept = await to_thread.run_sync(own, user, subscription)
        return {"problem": in_english(says(await desk.creating.test(kept))) or None}

    @routes.post("/{subscription}/pause", response_model=None)
    def pause(user: Person, subscription: str) -> dict[str, Any]:
        """Send nothing until it is resumed."""
        desk.subscriptions.pause(own(user, subscription).subscription.id, desk.clock())
        return shown(own(user, subscription))

    @routes.post("/{subscription}/resume", response_model=None)
    def resume(user: Person, subscription: str) -> dict[str, Any]:
        """Send again, what was held in between first; also where a 410 disabled it."""
        desk.subscriptions.resume(own(user, subscription).subscription.id, desk.clock())
        return shown(own(user, subscription))

    @routes.post("/{subscription}/resend", response_model=None)
    def resend(user: Person, subscription: str, message: str = "") -> dict[str, int]:
        """Try what was given up again: one message, or all. What was settled and told since is left out."""
        return desk.undelivered.resend(own(user, subscription), message)._asdict()

    @routes.post("/{subscription}/rotate", response_model=None)
    def rotate(user: Person, subscription: str) -> dict[str, Any]:
        """A new secret, shown this once; the one before signs for a day more."""
        endpoint = desk.endpoints.rotate(changeable(user, subscription).endpoint.id, desk.clock())
        assert endpoint is not None
        return {**shown(own(user, subscription)), "secret": endpoint.secrets[0].value}

    return routes


def may_see(user: User) -> None:
    """A problem, 403, for who may not see alerts."""
    if not user.may(Right.SEE):
        raise Problem(403, f"the account {user.name!r} may not see alerts")


def refuse(wrong: Wrong) -> NoReturn:
    """A problem with everything that is wrong."""
    said = {field: in_english(message) for field, message in wrong.problems.items()}
    detail = "; ".join(
        said.values() if len(said) == 1 else (f"{field}: {text}" for field, text in said.items())
    )
    raise Problem(422, detail, field=next(iter(said))) from None


def shown(kept: Kept) -> dict[str, Any]:
    """A subscription without what is secret."""
    one, endpoint = kept
    return {
        **one.model_dump(mode="json", exclude=_INNER),
        "target": target_text(endpoint.url),
        "added": iso(one.added),
        "paused": None if one.paused is None else iso(one.paused),
        "disabled": endpoint.disabled or None,
    }


def waiting(counts: tuple[int, int]) -> dict[str, int]:
    """How many messages are under way, and how many were given up."""
    return {"waiting": counts[0], "given_up": counts[1]}


def target_text(url: str) -> str:
    """Where something is told, without what may be secret in it: a webhook's path, a chat's key."""
    scheme, _, rest = url.partition(":")
    if scheme == "mailto":
        return url
    if scheme in ("https", "http"):
        host, slash, path = rest.removeprefix("//").partition("/")
        return f"{scheme}://{host}{slash}{'…' if path else ''}"
    return f"{scheme}:" if url.endswith(":") else f"{scheme}://…"
