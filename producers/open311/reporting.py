"""POST requests: a form becomes the event by which an issue is submitted, with all that is personal apart."""

import math
import re
from collections.abc import Iterator
from typing import Any

from livelihood.catalogue import Attribute, Service
from livelihood.envelope import type_of
from livelihood.events import Kind
from livelihood.fields import LanguageCode
from livelihood.instants import Instant, iso
from livelihood.limits import later
from livelihood.promises import Catalogue
from producers.channel_keys import ChannelKey
from producers.open311.documents import Trouble
from producers.open311.parameters import Parameters, moment, one
from producers.open311.wording import promised
from web.titles import text_in

#: "Free form text limited to 4,000 characters."
LONGEST_DESCRIPTION = 4_000
MOST_MEDIA = 20
_URL = re.compile(r"https?://\S{1,490}")
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,80})\](\[\d*\])?")
#: Where both names are of these, the family name stands first and nothing between them.
_HAN = re.compile(r"[\u3400-\u9fff·]+")


def submission_event(
    parameters: Parameters, service_code: str, service: Service, key: ChannelKey, issue: str, now: Instant
) -> dict[str, Any]:
    """The CloudEvent; Trouble lists all that is wrong with the form."""
    problems: list[str] = []
    location = _location(parameters, problems)
    media = _media(parameters, problems)
    description = _description(parameters, problems)
    answers = answers_of(parameters)
    problems += objections(service, answers)
    if problems:
        raise Trouble(400, *problems)
    personal = {
        **contact_of(parameters),
        "device": one(parameters, "device_id"),
        "address": one(parameters, "address_string"),
        "address_id": one(parameters, "address_id"),
        "text": description,
        "answers": "\n".join(f"{code}: {', '.join(values)}" for code, values in answers.items()),
    }
    return {
        "specversion": "1.0",
        "type": type_of(Kind.SUBMITTED),
        "source": key.source,
        "id": f"open311-{issue}",
        "subject": issue,
        "time": iso(now),
        "channel": key.channel,
        "data": {
            "service": service_code,
            **location,
            **({"attachments": media} if media else {}),
            **with_personal(personal),
        },
    }


def with_personal(personal: dict[str, str | None]) -> dict[str, dict[str, str]]:
    """The `personal` member, where there is anything to put in."""
    said = {name: value for name, value in personal.items() if value}
    return {"personal": said} if said else {}


def contact_of(parameters: Parameters) -> dict[str, str | None]:
    """Who asks, and where they are reached."""
    first, last = one(parameters, "first_name") or "", one(parameters, "last_name") or ""
    in_chinese = _HAN.fullmatch(first) and _HAN.fullmatch(last)
    return {
        "name": f"{last}{first}" if in_chinese else f"{first} {last}".strip(),
        "phone": one(parameters, "phone"),
        "email": one(parameters, "email"),
        "account": one(parameters, "account_id"),
    }


def answers_of(parameters: Parameters) -> dict[str, list[str]]:
    """The answers to a service's attributes, by code: attribute[CODE]=value, attribute[CODE][]=value."""
    answers: dict[str, list[str]] = {}
    for name, values in parameters.items():
        if found := _ATTRIBUTE.fullmatch(name):
            answers.setdefault(found[1], []).extend(values)
    return answers


def objections(service: Service, answers: dict[str, list[str]]) -> Iterator[str]:
    """What is wrong with the answers; those that nobody asked for are kept as they are."""
    for attribute in service.attributes:
        values = answers.get(attribute.code)
        if values:
            yield from _wrong(attribute, values)
        elif attribute.required:
            yield f"attribute[{attribute.code}] is required: {text_in(attribute.question, 'en')}"


def service_notice(
    service: Service,
    service_code: str,
    channel: str,
    now: Instant,
    catalogue: Catalogue,
    language: LanguageCode,
) -> str | None:
    """What is told at once of what will be done, and until when."""
    promise = catalogue.promise(now, service_code, None, channel, None)
    parts = [text_in(service.notice, language)]
    if promise.resolution is not None:
        due = later(now, promise.resolution, promise.calendar)
        parts.append(promised(due, promise.calendar.local.zone, language))
    return " ".join(part for part in parts if part) or None


def _location(parameters: Parameters, problems: list[str]) -> dict[str, float]:
    latitude, longitude = one(parameters, "lat"), one(parameters, "long")
    if latitude is None and longitude is None:
        if one(parameters, "address_string") is None and one(parameters, "address_id") is None:
            problems.append("a location is required: lat and long, or address_string, or address_id")
        return {}
    if latitude is None or longitude is None:
        problems.append("lat and long are needed both")
        return {}
    location: dict[str, float] = {}
    for name, member, sent, most in (
        ("lat", "latitude", latitude, 90),
        ("long", "longitude", longitude, 180),
    ):
        number = _number(sent)
        if number is None or abs(number) > most:
            problems.append(f"{name}: expected a number of degrees from -{most} to {most}")
        else:
            location[member] = number
    return location


def _media(parameters: Parameters, problems: list[str]) -> list[str]:
    media = [url for name in ("media_url", "media_url[]") for url in parameters.get(name, ())]
    if len(media) > MOST_MEDIA:
        problems.append(f"media_url: {MOST_MEDIA} at most")
    if not all(_URL.fullmatch(url) for url in media):
        problems.append("media_url: expected the address of a picture, as https://example.org/1.jpg")
    return media


def _description(parameters: Parameters, problems: list[str]) -> str | None:
    description = one(parameters, "description")
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        problems.append(f"description: {LONGEST_DESCRIPTION:,} characters at most")
    return description


def _wrong(attribute: Attribute, values: list[str]) -> Iterator[str]:
    name = f"attribute[{attribute.code}]"
    if len(values) > 1 and attribute.datatype != "multivaluelist":
        yield f"{name}: one value is expected"
    if attribute.values and not attribute.values.keys() >= set(values):
        yield f"{name}: expected one of {', '.join(attribute.values)}"
    if attribute.datatype == "number" and any(_number(value) is None for value in values):
        yield f"{name}: expected a number"
    if attribute.datatype == "string" and any("\n" in value for value in values):
        yield f"{name}: expected one line"
    if attribute.datatype == "datetime":
        for value in values:
            try:
                moment({name: [value]}, name)
            except Trouble as trouble:
                yield from trouble.descriptions


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
