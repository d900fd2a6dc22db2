"""HTTP: what an account may do to an issue, and doing it, for programs and whatever sends a pass along."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from livelihood.fields import EventId
from livelihood.instants import iso
from producers.acting.doing import Done, all_offered, do
from producers.window.counter import Counter
from web.access import Access
from web.accounts import Right
from web.context import Context
from web.languages import Message
from web.problems import DESCRIBED, Problem
from web.users import ANYBODY, User

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="pass", description="An account's pass: livelihood accounts link"
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Wanted(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    action: Annotated[str, Field(max_length=40, examples=["acknowledge"])]
    """One of those that a GET lists."""
    data: Annotated[dict[str, Any], Field(examples=[{"expected": "2026-03-06T17:00:00+08:00"}])] = {}
    """As the data of the event it becomes; what is personal in clear, as {"personal": {"text": ...}}."""
    id: EventId | None = None
    """The event's. The same again does nothing more; without one, every request is an action of its own."""


class Asking:
    """Who asks, as a dependency: the account of a pass; anybody while the server is open."""

    def __init__(self, access: Access, context: Context) -> None:
        self._access = access
        self._context = context

    def __call__(self, bearer: Bearer) -> User:
        """The person; a problem, 401, where there is none."""
        if bearer is None and self._context.is_open():
            return ANYBODY
        token = bearer.credentials if bearer is not None else ""
        found = self._access.passes.read(token, self._context.clock())
        if found is None:
            raise Problem(
                401,
                "send an account's pass, as  Authorization: Bearer PASS  (livelihood accounts link makes one)"
                if not token
                else "this pass has ended, or is none of ours",
                headers={"WWW-Authenticate": 'Bearer realm="livelihood"'},
            )
        return self._access.user(found.account, by_link=True)


def interface(counter: Counter) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["acting"], responses=DESCRIBED)
    asking = Asking(counter.shell.access, counter.context)
    Person = Annotated[User, Depends(asking)]  # noqa: N806  # a type

    @routes.get("/v1/issues/{issue}/actions", response_model=None)
    def listed(user: Person, issue: str) -> dict[str, Any]:
        """What this account may do to the issue now."""
        if not user.may(Right.SEE):
            raise Problem(403, f"the account {user.name!r} may not see issues")
        history = counter.find(issue)
        if history is None:
            raise Problem(404, f"there is no issue {issue!r}")
        actions = all_offered(counter.case(user, history))
        return {
            "issue": issue,
            "state": history.state.word,
            "actions": [{"action": one.verb, "event": one.kind.word} for one in actions],
        }

    @routes.post("/v1/issues/{issue}/actions", response_model=None)
    def act(user: Person, issue: str, wanted: Wanted) -> dict[str, Any]:
        """Do it. The answer says whether it took effect: somebody else may have been quicker."""
        return said(do(counter, user, issue, wanted.action, wanted.data, wanted.id or ""))

    return routes


def said(done: Done) -> dict[str, Any]:
    """What came of an action, as JSON."""
    members = {
        "issue": done.issue,
        "action": done.action.verb,
        "event": done.action.kind.word,
        "id": done.id,
        "time": iso(done.at),
        "effect": done.effect,
    }
    return members if done.why_not is None else {**members, "why": plain(done.why_not)}


def plain(message: Message) -> str:
    """A message in English, for programs and terminals."""
    values = {name: plain(one) if isinstance(one, Message) else one for name, one in message.values.items()}
    return message.text % values if values else message.text
