"""The data of each kind of request event: what a channel may say about an issue, beside the envelope.

What identifies a person travels in `personal`, sealed, and nowhere else.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from livelihood.fields import Code, EventId, IssueId, Moment, Reference, Sealed, Value, Word

#: A system's own number for an issue.
Number = Annotated[str, StringConstraints(max_length=100)]
Outcome = Literal["fixed", "answered", "scheduled", "duplicate", "not_found", "not_ours", "administrative"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


class Data(BaseModel):
    """What every kind's data may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    personal: Sealed | None = None
    """Name, phone, e-mail, identity number, exact address and free text, sealed for one person."""


class SubmittedData(Data):
    """A person, or staff for one, asked for service."""

    service: Code
    area: Code | None = None
    department: Code | None = None
    """The unit that leads at first; by default the service's owner."""
    urgency: Word | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    attachments: Annotated[list[Reference], Field(max_length=20)] = []
    number: Number | None = None
    """The channel's own number for this issue."""
    target: Moment | None = None
    """The deadline the channel's system states; it is then the resolution deadline."""
    target_stated: bool = False
    """The channel's system states targets: an absent one means that none was promised."""
    on_paper: bool = False
    """Taken down on paper and entered later: may be backdated."""
    parts: Annotated[list[IssueId], Field(max_length=50)] = []
    """The child issues when this issue is a bundle."""
    linked: IssueId | None = None
    """An earlier issue this one continues, reopened after its window had passed."""


class AcceptedData(Data):
    """The unit takes the issue on."""


class AssignedData(Data):
    """The issue is given to a unit's desk."""

    to: Code | None = None


class TransferOfferedData(Data):
    """The lead unit offers the issue to another."""

    to: Code


class TransferAcceptedData(Data):
    """The other unit takes the lead. Only this changes the lead."""

    to: Code


class ReturnedData(Data):
    """An offer or assignment is sent back."""

    reason: Word


class ReclassifiedData(Data):
    """The issue turns out to be of another service."""

    service: Code


class PausedData(Data):
    """The clock is said to stop; the standard names the reasons it allows."""

    reason: Word


class ResumedData(Data):
    """The pause ends."""


class ExtensionAskedData(Data):
    """More time is asked for."""

    until: Moment
    reason: Word


class ExtensionGrantedData(Data):
    """More time is given, by someone other than who asked."""

    until: Moment


class ExtensionRefusedData(Data):
    """More time is not given."""

    reason: Word


class ProgressReportedData(Data):
    """How far the work is. For a project commitment, the subject is the commitment."""

    done: Annotated[float, Field(ge=0)] | None = None
    """Amount done in all, in the project's unit."""
    verified: Annotated[float, Field(ge=0)] | None = None
    """Amount of it that someone else has verified."""


class VisitRecordedData(Data):
    """The person had to come to a window."""


class CommentedData(Data):
    """Someone wrote something; the words are in `personal`."""


class FollowedUpData(Data):
    """The person asked again."""


class AbsorbedData(Data):
    """Another issue was merged into this one, which keeps the earlier deadline. Made by the processor."""

    merged: IssueId
    due: Moment | None = None


class ResolvedData(Data):
    """The unit says it is done."""

    outcome: Outcome
    visits: Annotated[int, Field(ge=0, le=1000)] | None = None
    """How many visits it took the person in all, where that is known only at the end."""


class RejectedData(Data):
    """An answer: this will not be done."""

    reason: Word


class WithdrawnData(Data):
    """The person takes the request back."""

    confirmed_call: bool = False
    """Staff entered it after a call with the person."""


class MergedData(Data):
    """This issue goes on as part of another."""

    into: IssueId


class ClosedData(Data):
    """Nothing more can happen: the person confirmed."""

    confirmed_call: bool = False
    """Staff entered it after a call with the person."""


class ReopenedData(Data):
    """It was not done after all."""

    reason: Word | None = None


class RatedData(Data):
    """The person was asked; both empty means asked, not answered."""

    solved: bool | None = None
    satisfied: bool | None = None


class Change(BaseModel):
    """One field's old and new value."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    old: Value = None
    new: Value = None


class CorrectedData(Data):
    """An earlier event was wrong: names the event, and old and new values of its fields.

    Fields are `time`, `channel` and the event's data. A change of "void" to true takes the event back:
    it never happened. Only the event's own source changes the channel or takes it back.
    """

    corrects: EventId
    changes: Annotated[dict[str, Change], Field(min_length=1, max_length=20)]


class NumberedData(Data):
    """A further system has a number of its own for this issue; its channel says so."""

    number: Annotated[Number, Field(min_length=1)]


class AcknowledgedData(Data):
    """Who answers for it has seen that it is late, or soon will be, and acts."""

    expected: Moment | None = None
    """By when it is expected to be done. Nobody's deadline: it moves none."""


class ContestedData(Data):
    """A unit says that the issue counts wrongly, and why; the words are in `personal`."""

    reason: Word


class ContestAnsweredData(Data):
    """A contest is decided by another. What was wrong is put right by `corrected`."""

    upheld: bool
