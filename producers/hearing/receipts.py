"""HTTP: what a receipt number shows to whoever holds it, and what its holder may do.

The number is all that is asked for, so it cannot be guessed, and an address may try only so many. Nothing
personal is shown: who finds a receipt learns what was promised, not to whom.
"""

from hashlib import blake2b
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from livelihood.events import Kind
from livelihood.fields import Word
from livelihood.histories import History
from livelihood.instants import iso
from producers.channel_keys import ChannelKey
from producers.hearing import views
from producers.hearing.look_ups import LookUps
from producers.intake import Intake, Refusal
from producers.receipts import Receipts
from web.context import Context
from web.limiting import address_of
from web.problems import DESCRIBED, Problem

#: The part of the source that says by which way an event came.
SOURCE = "receipt"


class Reopening(BaseModel):
    """Why it is not done after all."""

    model_config = ConfigDict(extra="forbid")

    reason: Word | None = None


class Rating(BaseModel):
    """The person's own answers."""

    model_config = ConfigDict(extra="forbid")

    solved: bool | None = None
    """Whether the matter is solved."""
    satisfied: bool | None = None
    """Whether the person is satisfied with how it went."""


class Holder:
    """What whoever holds a receipt number may see and do; for pages too. All of it blocks."""

    def __init__(self, context: Context, intake: Intake, receipts: Receipts) -> None:
        self._context = context
        self._intake = intake
        self._receipts = receipts
        self.look_ups = LookUps()

    def look(self, number: str) -> dict[str, Any] | None:
        """What the number shows; None where it is none of ours."""
        history = self._history(number)
        if history is None:
            return None
        return views.for_person(history, self._receipts.number(history.id), self._context.catalogue())

    def reopen(self, number: str, reason: str | None = None) -> dict[str, Any] | None:
        """Have it worked on again; as `look` afterwards. Problem, 409, where it cannot be."""
        said = {} if reason is None else {"reason": reason}
        return self._act(number, Kind.REOPENED, said, "reopen")

    def confirm(self, number: str) -> dict[str, Any] | None:
        """Say that it is done; as `look` afterwards. Problem, 409, where that is not asked."""
        return self._act(number, Kind.CLOSED, {}, "confirm")

    def rate(self, number: str, *, solved: bool | None, satisfied: bool | None) -> dict[str, Any] | None:
        """Answer whether it is solved and satisfies; as `look` afterwards."""
        given = {"solved": solved, "satisfied": satisfied}
        said = {name: answer for name, answer in given.items() if answer is not None}
        return self._act(number, Kind.RATED, said, "rate")

    def _history(self, number: str) -> History | None:
        issue = self._receipts.issue(number)
        return None if issue is None else views.history_of(self._context, issue)

    def _act(self, number: str, kind: Kind, said: dict[str, Any], action: str) -> dict[str, Any] | None:
        history = self._history(number)
        if history is None:
            return None
        shown = views.for_person(history, number, self._context.catalogue())
        if not shown["may"][action]:
            raise Problem(409, f"the request is {history.state.word}: {action} is not possible now")
        issue = history.issue
        key = ChannelKey(name="receipt", channel=issue.channel, may=frozenset({kind.word}))
        # Of one answer of the unit's: pressed twice, it is the same event again.
        about = f"{history.id}|{kind.word}|{issue.settled}|{sorted(said.items())}"
        identity = blake2b(about.encode(), digest_size=12).hexdigest()
        (answer,) = self._intake.take(
            [
                {
                    "specversion": "1.0",
                    "type": f"livelihood.request.{kind.word}",
                    "source": f"{key.source}/{SOURCE}",
                    "id": identity,
                    "subject": history.id,
                    "time": iso(self._context.clock()),
                    "channel": key.channel,
                    "data": said,
                }
            ],
            key,
        )
        # Said before, at another time: that is what is wanted.
        if isinstance(answer, Refusal) and answer.status != 409:
            raise Problem(answer.status, answer.message, field=answer.field)
        return shown


def router(holder: Holder) -> APIRouter:
    """The public interface of receipts: no key is needed."""
    routes = APIRouter(tags=["receipts"], responses=DESCRIBED)

    def counted(request: Request) -> str:
        address = address_of(request)
        holder.look_ups.count(address)
        return address

    Address = Annotated[str, Depends(counted)]  # noqa: N806  # a type

    def found(shown: dict[str, Any] | None, address: str) -> dict[str, Any]:
        if shown is None:
            holder.look_ups.count_wrong(address)
            raise Problem(404, "there is no such receipt number; see whether it is typed as it is printed")
        return shown

    @routes.get("/v1/receipts/{number}", response_model=None)
    def look(number: str, address: Address) -> dict[str, Any]:
        """Where the request stands, what was promised, and what happened."""
        return found(holder.look(number), address)

    @routes.post("/v1/receipts/{number}/reopen", status_code=202, response_model=None)
    def reopen(number: str, address: Address, reopening: Reopening | None = None) -> dict[str, Any]:
        """It is not done: have it worked on again. What the receipt showed before is the answer."""
        return found(holder.reopen(number, None if reopening is None else reopening.reason), address)

    @routes.post("/v1/receipts/{number}/confirm", status_code=202, response_model=None)
    def confirm(number: str, address: Address) -> dict[str, Any]:
        """It is done: nothing more need happen."""
        return found(holder.confirm(number), address)

    @routes.post("/v1/receipts/{number}/rate", status_code=202, response_model=None)
    def rate(number: str, address: Address, rating: Rating) -> dict[str, Any]:
        """Say whether it is solved, and satisfies."""
        return found(holder.rate(number, solved=rating.solved, satisfied=rating.satisfied), address)

    return routes
