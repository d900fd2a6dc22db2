"""From a form to an event: what was entered is checked by the field, and published for the account."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livelihood.envelope import type_of
from livelihood.events import Kind
from livelihood.instants import iso
from producers.channel_keys import ChannelKey
from producers.window.actions import Action, may_publish
from producers.window.fields import FIELDS, Asked, Wrong
from web.languages import Message
from web.users import User

#: Of what names a form, so that sending it twice is one event: the day it was shown, and something random.
_ONCE = re.compile(r"[0-9]{6}[0-9a-f]{20}")
_RANDOM_BYTES = 10


def new_once(day: datetime) -> str:
    """A name for a form that is shown now: its event's id."""
    return f"{day:%y%m%d}{secrets.token_hex(_RANDOM_BYTES)}"


def is_once(text: str) -> bool:
    """Whether a form came back with a name of ours."""
    return _ONCE.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a form says."""

    data: dict[str, Any]
    #: Field -> what is wrong with it; empty: nothing is.
    errors: dict[str, Message]


def read_form(action: Action, fields: Mapping[str, str], asked: Asked) -> Read:
    """The event's data as entered, and what is wrong with it, field by field."""
    data: dict[str, Any] = {}
    errors: dict[str, Message] = {}
    for name in action.fields:
        field = FIELDS[name]
        try:
            value = field.read(fields.get(name, ""), asked)
        except Wrong as wrong:
            errors[name] = wrong.message
            continue
        if value not in (None, ""):
            member, _, below = field.to.partition(".")
            if below:
                data.setdefault(member, {})[below] = value
            else:
                data[member] = value
    if action.kind is Kind.TRANSFER_ACCEPTED:
        data["to"] = asked.case.taken_by
    return Read(data=data, errors=errors)


def key_of(user: User) -> ChannelKey:
    """What a person may publish, as the intake asks it."""
    # Departments are looked at before: a visit is recorded, and an offer taken, for an issue of others.
    return ChannelKey(name=user.name or "open", channel=user.channel, may=may_publish(user))


def document(
    kind: Kind, subject: str, once: str, time: int, user: User, data: Mapping[str, Any]
) -> dict[str, Any]:
    """The event, as the intake takes it."""
    return {
        "specversion": "1.0",
        "type": type_of(kind),
        "source": key_of(user).source,
        "id": once,
        "subject": subject,
        "time": iso(time),
        "channel": user.channel,
        "data": dict(data),
        **({"actor": user.name} if user.name else {}),
    }
