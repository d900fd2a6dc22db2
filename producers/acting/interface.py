"""HTTP: what an account may do to an issue, and doing it, for programs and whatever sends a pass along."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from livelihood.fields import EventId
from livelihood.instants import iso
from producers.acting.doing import Done, all_offered, do
from producers.window.counter import Counter
from web.accounts import Right
from web.asking import Asking
from web.languages import in_english
from web.problems import DESCRIBED, Problem
from web.users import User


class Wanted(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    action: Annotated[str, Field(max_length=40, examples=["acknowledge"])]
    """One of those that a GET lists."""
    data: Annotated[dict[str, Any], Field(examples=[{"expected": "2026-03-06T17:00:00+08:00"}])] = {}
    """As the data of the event it becomes; what is personal in clear, as {"personal": {"text": ...}}."""
    id: EventId | None = None
    """The event's. The same again does nothing more; without one, every request is an action of its own."""


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
    return members if done.why_not is None else {**members, "why": in_english(done.why_not)}
