"""Facts: request events packed small for the fold, and the decoder derived from the event models.

The pydantic models define the events. The decoder here is generated from them, field by field, and
a test holds that both accept and refuse the same documents; it is msgspec's because decoding is
on the path of every event (pydantic 1.9 µs, msgspec 0.6 µs an event; see docs/decisions).
"""

import re
import types
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from livelihood.envelope import MAX_AHEAD, MAX_EVENT_BYTES, RequestEvent, too_large, type_of
from livelihood.events import DATA_MODELS, Kind
from livelihood.fields import EARLIEST, LATEST, Code, IssueId
from livelihood.instants import Instant, from_datetime, to_datetime
from livelihood.patterns import Patterns, Undecodable, pattern_in

__all__ = ["DATA_FIELDS", "MOMENT_NAMES", "Fact", "Undecodable", "corrected", "decode", "fact_of", "is_void"]


class Fact(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A request event as an issue's state keeps it: what the fold needs, nothing personal."""

    kind: int
    time: Instant
    recorded: Instant
    channel: str
    source: str
    id: str
    actor: str | None
    #: The kind's data in the order of `DATA_FIELDS`, instants as ints.
    data: tuple[Any, ...]


def _spec(annotation: Any, field: FieldInfo | None = None) -> Any:
    """The msgspec type that accepts what a pydantic annotation accepts."""
    metadata = list(field.metadata) if field else []
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *more = get_args(annotation)
        return _constrained(_spec(base), [*more, *metadata])
    if origin in (Union, types.UnionType):
        return Union[tuple(_spec(part) for part in get_args(annotation))]  # noqa: UP007
    if origin is list:
        return _constrained(list[_spec(get_args(annotation)[0])], metadata)  # type: ignore[misc]
    if origin is dict:
        key, value = get_args(annotation)
        return _constrained(dict[_spec(key), _spec(value)], metadata)  # type: ignore[misc]
    if origin is Literal:
        return annotation
    if annotation is AwareDatetime:
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _struct(annotation)
    return _constrained(annotation, metadata)


def _constrained(base: Any, metadata: list[Any]) -> Any:
    bounds: dict[str, Any] = {}
    for item in metadata:
        for part in (item, *getattr(item, "metadata", ())):
            for name in ("min_length", "max_length", "ge", "le"):
                if getattr(part, name, None) is not None:
                    bounds[name] = getattr(part, name)
    return Annotated[base, msgspec.Meta(**bounds)] if bounds else base


def _struct(model: type[BaseModel]) -> type[msgspec.Struct]:
    fields: list[Any] = []
    for name, field in model.model_fields.items():
        if field.is_required():
            fields.append((name, _spec(field.annotation, field)))
        else:
            default = field.get_default(call_default_factory=True)
            fields.append((name, _spec(field.annotation, field), default))
    return msgspec.defstruct(model.__name__, fields, forbid_unknown_fields=True, kw_only=True, gc=False)


def _fields(kind: Kind) -> tuple[str, ...]:
    # `personal` comes first in every kind, and is not for the fold.
    return tuple(name for name in DATA_MODELS[kind].model_fields if name != "personal")


#: The names of a fact's data, in order, by kind.
DATA_FIELDS: dict[int, tuple[str, ...]] = {kind: _fields(kind) for kind in DATA_MODELS}


def _moments(kind: Kind) -> tuple[str, ...]:
    fields = DATA_MODELS[kind].model_fields
    return tuple(name for name in DATA_FIELDS[kind] if "AwareDatetime" in str(fields[name]))


_MOMENTS: dict[int, tuple[str, ...]] = {kind: _moments(kind) for kind in DATA_MODELS}
#: The names of data that are instants, whatever the kind.
MOMENT_NAMES = frozenset(name for names in _MOMENTS.values() for name in names)


#: One struct per kind's data.
_DATA: dict[int, type[msgspec.Struct]] = {kind: _struct(model) for kind, model in DATA_MODELS.items()}


def _envelope(kind: Kind) -> type[msgspec.Struct]:
    data = _DATA[kind]
    needed = any(field.is_required() for field in DATA_MODELS[kind].model_fields.values())
    fields: list[Any] = []
    for name, field in RequestEvent.model_fields.items():
        if name == "type":
            continue
        if name == "data":
            fields.append((name, data) if needed else (name, data, msgspec.field(default_factory=data)))
        elif field.is_required():
            fields.append((name, _spec(field.annotation, field)))
        else:
            fields.append((name, _spec(field.annotation, field), field.default))
    return msgspec.defstruct(
        kind.name.title(),
        fields,
        tag_field="type",
        tag=type_of(kind),
        forbid_unknown_fields=True,
        kw_only=True,
        frozen=True,
        gc=False,
    )


class _Reading(NamedTuple):
    """How a decoded event of one kind is read."""

    kind: Kind
    #: Every text but the subject: a subject is new in every other event.
    patterns: Patterns
    #: Which of the data are instants.
    moments: tuple[str, ...]


def _reading(kind: Kind) -> _Reading:
    fields = {name: field for name, field in RequestEvent.model_fields.items() if name != "subject"}
    fields |= {f"data.{name}": field for name, field in DATA_MODELS[kind].model_fields.items()}
    return _Reading(kind, Patterns(fields), _MOMENTS[kind])


_READINGS: dict[type[msgspec.Struct], _Reading] = {_envelope(kind): _reading(kind) for kind in DATA_MODELS}
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Union[tuple(_READINGS)])  # noqa: UP007
_astuple = msgspec.structs.astuple
_is_subject = re.compile(getattr(pattern_in([IssueId]), "pattern", "")).fullmatch


def decode(value: bytes, received: Instant) -> tuple[str, Fact]:
    """The issue and the fact of a log record's value; Undecodable says what is wrong with it.

    `received` stands in for a `recorded` the publisher left out.
    """
    if len(value) > MAX_EVENT_BYTES:
        raise Undecodable(too_large())
    try:
        event = _DECODER.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(str(error)) from None
    kind, patterns, moments = _READINGS[type(event)]
    subject = event.subject
    # Letters and digits alone, as most are made of, need not be matched.
    if not (subject.isalnum() and len(subject) <= 100) and not _is_subject(subject):
        raise Undecodable(f"subject: {subject!r} is no issue id")
    patterns.check(event)
    time, recorded = event.time, event.recorded
    at = (time - _EPOCH) // _MICROSECOND
    if not _FIRST <= at < _LAST:
        raise _out_of_range(time)
    recorded_at = received if recorded is None else at if recorded == time else _instant(recorded)
    data = _values(kind, event.data, moments)
    if kind is _MERGED and data[0] == subject:
        raise Undecodable("data.into: an issue cannot be merged into itself")
    return subject, Fact(kind, at, recorded_at, event.channel, event.source, event.id, event.actor, data)


def fact_of(event: RequestEvent) -> Fact:
    """The fact of an event in memory; the same as decoding its JSON."""
    return decode(event.to_json(), from_datetime(event.time))[1]


def _values(kind: Kind, struct: msgspec.Struct, moments: tuple[str, ...]) -> tuple[Any, ...]:
    """A fact's data from a decoded struct, in the form in which states keep it."""
    for name in moments:
        moment = getattr(struct, name)
        if moment is not None:
            setattr(struct, name, _instant(moment))
    # `personal` comes first in every kind.
    values = _astuple(struct)[1:]
    if kind is _CORRECTED:
        # As a state gives it back: a repeat must be recognised whether or not it was stored meanwhile.
        return (values[0], msgspec.to_builtins(values[1]))
    return values


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_FIRST, _LAST = from_datetime(EARLIEST), from_datetime(LATEST)
# Looked up here: an enum's members are slow to reach, and this is on the path of every event.
_MERGED, _CORRECTED = Kind.MERGED, Kind.CORRECTED


def _instant(moment: datetime) -> Instant:
    instant = from_datetime(moment)
    if _FIRST <= instant < _LAST:
        return instant
    raise _out_of_range(moment)


def _out_of_range(moment: datetime) -> Undecodable:
    return Undecodable(f"{moment.isoformat()}: expected a time from {EARLIEST.year} to before {LATEST.year}")


_DATA_PATTERNS: dict[int, Patterns] = {
    kind: Patterns(model.model_fields) for kind, model in DATA_MODELS.items()
}
_CODE: TypeAdapter[str] = TypeAdapter(Code, config=ConfigDict(strict=True))


def corrected(fact: Fact, changes: dict[str, Any], until: Instant | None = None, *, own: bool = True) -> Fact:
    """The fact with a correction's new values; the fact itself where no event could say that.

    A field its kind does not have changes nothing. `until` bounds a new time: what a correction says
    cannot have happened after the correction was recorded. Only the event's `own` source says that it
    came by another channel.
    """
    names = DATA_FIELDS.get(fact.kind)
    if names is None or fact.kind == Kind.CORRECTED:
        return fact
    moments = _MOMENTS[fact.kind]
    document = {
        name: to_datetime(value) if name in moments and value is not None else value
        for name, value in zip(names, fact.data, strict=True)
    }
    time, channel = fact.time, fact.channel
    try:
        for name, change in changes.items():
            new = _new(change)
            if name == "time":
                time = _instant(msgspec.convert(new, Annotated[datetime, msgspec.Meta(tz=True)]))
                if until is not None and time > until + MAX_AHEAD:
                    return fact
            elif name == "channel" and own:
                channel = _CODE.validate_python(new)
            elif name in names:
                document[name] = new
        struct = msgspec.convert(document, _DATA[fact.kind])
        _DATA_PATTERNS[fact.kind].check(struct)
        data = _values(Kind(fact.kind), struct, _MOMENTS[fact.kind])
    except (msgspec.ValidationError, ValidationError, Undecodable):
        return fact
    # An import's own events are recorded as they happen; a corrected one still is, and no late claim.
    recorded = time if own and fact.recorded == fact.time else fact.recorded
    return msgspec.structs.replace(fact, time=time, recorded=recorded, channel=channel, data=data)


def is_void(changes: dict[str, Any]) -> bool:
    """Whether a correction takes its event back."""
    return "void" in changes and _new(changes["void"]) is True


def _new(change: Any) -> Any:
    return change["new"] if isinstance(change, dict) else change.new
