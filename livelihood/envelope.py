"""The CloudEvent 1.0 a request event travels in, checked as a whole.

`time` says when the fact is said to have happened, `recorded` when it entered the system. The
difference is what a channel may claim only within its allowed lateness (see catalogue.py).
"""

from difflib import get_close_matches
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
)

from livelihood.complaints import complaint
from livelihood.event_data import Data, MergedData
from livelihood.events import DATA_MODELS, Kind
from livelihood.fields import CHILD_SEPARATOR, Code, EventId, IssueId, Matching, Moment
from livelihood.instants import MINUTE, Instant, from_datetime, to_datetime

#: The prefix of every request event's CloudEvents `type`.
TYPE_PREFIX = "livelihood.request."
#: The largest event a log accepts, in bytes of JSON. Attachments travel as references.
MAX_EVENT_BYTES = 256 * 1024
#: How far ahead of the receiving clock an event's time may be: clocks differ, promises do not.
MAX_AHEAD: Instant = 5 * MINUTE

Actor = Annotated[
    str,
    StringConstraints(max_length=120),
    Matching(r"^\w[\w.:@/-]*$", "of letters, digits, _ and . : @ / -, the first not one of these five"),
]
Source = Annotated[str, StringConstraints(max_length=200), Matching(r"^\S+$", "without spaces")]


class InvalidEvent(ValueError):
    """An event that cannot be accepted; `field` is where, the message what was expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


class RequestEvent(BaseModel):
    """One fact about one issue from one channel. (source, id) identifies it, whoever repeats it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    specversion: Literal["1.0"] = "1.0"
    type: str
    source: Source
    """Who says it, for instance /channels/hotline."""
    id: EventId
    """Unique within the source; the same id with other content is refused."""
    subject: IssueId
    """The issue it is about; for a child of a bundle, the bundle's id, "~" and its own part."""
    time: Moment
    """When it is said to have happened."""
    recorded: Moment | None = None
    """When it entered the system; stamped at the edge where the channel leaves it out."""
    channel: Code
    actor: Actor | None = None
    """The person or role that acted, as a code; never a name."""
    datacontenttype: Literal["application/json"] = "application/json"
    data: SerializeAsAny[Data]

    @property
    def kind(self) -> Kind:
        """What the event says."""
        return kind_of(self.type)

    @property
    def key(self) -> str:
        """The log's key: the root issue, so that a bundle and its children share a partition."""
        return root_of(self.subject)

    def to_json(self) -> bytes:
        """The canonical JSON the log holds: fields in order, empty ones left out."""
        return self.model_dump_json(exclude_none=True).encode()


def type_of(kind: Kind) -> str:
    """The CloudEvents type of a kind."""
    return TYPE_PREFIX + kind.word


def kind_of(type_: str) -> Kind:
    """The kind of a CloudEvents type; KeyError for a type that is none of ours."""
    return _KINDS[type_]


def root_of(issue: str) -> str:
    """The bundle's id for a child, the issue's own id otherwise."""
    return issue.partition(CHILD_SEPARATOR)[0]


_KINDS = {type_of(kind): kind for kind in DATA_MODELS}

#: One model per kind, each with its literal type and its own data.
EVENT_MODELS: dict[Kind, type[RequestEvent]] = {
    kind: create_model(
        "".join(part.title() for part in kind.word.split("_")),
        __base__=RequestEvent,
        __doc__=data.__doc__,
        type=(Literal[type_of(kind)], type_of(kind)),  # type: ignore[arg-type]
        # Nothing is needed in some kinds' data, so it may be left out there.
        data=(data, data() if not any(f.is_required() for f in data.model_fields.values()) else ...),
    )
    for kind, data in DATA_MODELS.items()
}

_ANY_EVENT: Any = Annotated[reduce(or_, EVENT_MODELS.values()), Field(discriminator="type")]
_EVENT: TypeAdapter[RequestEvent] = TypeAdapter(_ANY_EVENT)


def parse_event(document: bytes | str, now: Instant) -> RequestEvent:
    """Check one structured CloudEvent at the edge.

    `now` stamps `recorded` where the document has none and bounds how far ahead a time may be.
    InvalidEvent names the first field that is wrong and what was expected there.
    """
    if isinstance(document, str):
        document = document.encode()
    if len(document) > MAX_EVENT_BYTES:
        raise InvalidEvent("", too_large())
    try:
        event = _EVENT.validate_json(document)
    except ValidationError as error:
        raise _first(error) from None
    if event.recorded is None:
        event = event.model_copy(update={"recorded": to_datetime(now)})
    check_times(event, now)
    if isinstance(event.data, MergedData) and event.data.into == event.subject:
        raise InvalidEvent("data.into", "an issue cannot be merged into itself")
    return event


def too_large() -> str:
    """What to say of an event that is."""
    return f"larger than {MAX_EVENT_BYTES // 1024} KiB; send references, not files"


def unknown_type(type_: str) -> str:
    """What to say of a type that is none of ours: which ones are nearest to it."""
    words = [kind.word for kind in DATA_MODELS]
    nearest = get_close_matches(type_.rpartition(".")[2], words, n=3, cutoff=0)
    return f"{type_[:100]!r} is unknown; nearest are {', '.join(TYPE_PREFIX + word for word in nearest)}"


def check_times(event: RequestEvent, now: Instant) -> None:
    """Refuse an event from the future: InvalidEvent where a time is more than MAX_AHEAD after `now`."""
    for field in ("time", "recorded"):
        moment = getattr(event, field)
        if moment is not None and from_datetime(moment) > now + MAX_AHEAD:
            raise InvalidEvent(
                field, f"{moment.isoformat()} is in the future; more than {MAX_AHEAD // MINUTE} minutes ahead"
            )


def _first(error: ValidationError) -> InvalidEvent:
    """The first complaint of pydantic, in the words a channel's developer needs."""
    detail: Any = error.errors(include_url=False)[0]
    path = [str(part) for part in detail["loc"] if not str(part).startswith(TYPE_PREFIX)]
    message = detail["msg"]
    if detail["type"] == "union_tag_invalid":
        path, message = ["type"], unknown_type(detail["ctx"]["tag"])
    elif detail["type"] == "union_tag_not_found":
        path, message = ["type"], "missing; for instance livelihood.request.submitted"
    elif detail["type"] == "timezone_aware":
        message = "needs its offset from UTC, for instance 2011-07-01T08:30:00-04:00"
    else:
        message = complaint(detail["type"], message)
    return InvalidEvent(".".join(path), message)
