"""Facts: request events packed small for the fold, and the decoder derived from the event models.

The pydantic models define the events. The decoder here is generated from them, field by field, and
a test holds that both accept and refuse the same documents; it is msgspec's because decoding is
on the path of every event (pydantic 1.9 µs, msgspec 0.6 µs an event; see docs/decisions).
"""

import re
import types
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

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
    return msgspec.defstruct(
        model.__name__, fields, forbid_unknown_fields=True, kw_only=True, frozen=True, gc=False
    )


def _fields(kind: Kind) -> tuple[str, ...]:
    # `personal` comes first in every kind, and is not for the fold.
    return tuple(name for name in DATA_MODELS[kind].model_fields if name != "personal")


#: The names of a fact's data, in order, by kind.
DATA_FIELDS: dict[int, tuple[str, ...]] = {kind: _fields(kind) for kind in DATA_MODELS}


def _moments(kind: Kind) -> tuple[int, ...]:
    model = DATA_MODELS[kind]
    return tuple(
        position
        for position, name in enumerate(DATA_FIELDS[kind])
        if "AwareDatetime" in str(model.model_fields[name])
    )


_MOMENTS: dict[int, tuple[int, ...]] = {kind: _moments(kind) for kind in DATA_MODELS}
#: The names of data that are instants, whatever the kind.
MOMENT_NAMES = frozenset(DATA_FIELDS[kind][place] for kind, places in _MOMENTS.items() for place in places)


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
            fields.append((name, data) if needed else (name, data, data()))
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


_ENVELOPES: dict[type[msgspec.Struct], Kind] = {_envelope(kind): kind for kind in DATA_MODELS}
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Union[tuple(_ENVELOPES)])  # noqa: UP007
_astuple = msgspec.structs.astuple


#: The envelope's texts but the subject: a subject is new in every other event.
_ENVELOPE_PATTERNS = Patterns(RequestEvent, skip="subject")
_SUBJECT = re.compile(getattr(pattern_in([IssueId]), "pattern", ""))
_DATA_PATTERNS: dict[int, Patterns] = {kind: Patterns(model) for kind, model in DATA_MODELS.items()}


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
    kind = _ENVELOPES[type(event)]
    if not _SUBJECT.fullmatch(event.subject):
        raise Undecodable(f"subject: {event.subject!r} is no issue id")
    _ENVELOPE_PATTERNS.check(event)
    _DATA_PATTERNS[kind].check(event.data)
    time = _instant(event.time)
    if event.recorded is None:
        recorded = received
    else:
        recorded = time if event.recorded == event.time else _instant(event.recorded)
    data = _values(kind, event.data)
    if kind is _MERGED and data[0] == event.subject:
        raise Undecodable("data.into: an issue cannot be merged into itself")
    return event.subject, Fact(kind, time, recorded, event.channel, event.source, event.id, event.actor, data)


def fact_of(event: RequestEvent) -> Fact:
    """The fact of an event in memory; the same as decoding its JSON."""
    return decode(event.to_json(), from_datetime(event.time))[1]


def _values(kind: Kind, struct: msgspec.Struct) -> tuple[Any, ...]:
    """A fact's data from a decoded struct, in the form in which states keep it."""
    # `personal` comes first in every kind.
    _, *values = _astuple(struct)
    for position in _MOMENTS[kind]:
        if values[position] is not None:
            values[position] = _instant(values[position])
    if kind is _CORRECTED:
        # As a state gives it back: a repeat must be recognised whether or not it was stored meanwhile.
        return (values[0], msgspec.to_builtins(values[1]))
    return tuple(values)


_FIRST, _LAST = from_datetime(EARLIEST), from_datetime(LATEST)
# Looked up here: an enum's members are slow to reach, and this is on the path of every event.
_MERGED, _CORRECTED = Kind.MERGED, Kind.CORRECTED


def _instant(moment: datetime) -> Instant:
    # Exact: in these years a double's steps are a quarter of a microsecond or less.
    instant = round(moment.timestamp() * 1e6)
    if _FIRST <= instant < _LAST:
        return instant
    raise Undecodable(f"{moment.isoformat()}: expected a time from {EARLIEST.year} to before {LATEST.year}")


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
    moments = {names[position] for position in _MOMENTS[fact.kind]}
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
        data = _values(Kind(fact.kind), struct)
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
