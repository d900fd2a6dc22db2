"""The form of a new subscription: what it offers, what stands in it at first, and what was filled in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from consumers.alerts import KINDS
from consumers.subscriptions.creating import MAIL, Draft, Wrong
from consumers.subscriptions.model import AT_ONCE, LINE_FIELDS, MORNING
from livelihood.catalogue import OTHER_AREA, CatalogueVersion, Entry
from livelihood.workcalendars import time_text
from web.languages import Message, _
from web.titles import title_of

Choices = list[tuple[str, Message | str]]
#: What is told at once, by the form's own names.
_WHEN = {"usual": AT_ONCE, "at-once": frozenset(KINDS), "digest": frozenset[str]()}
#: Field of a draft -> of the form.
_FIELDS = {
    "url": "url",
    "time_zone": "time_zone",
    "quiet": "quiet_since",
    "morning": "morning",
    "line": "line",
}


@dataclass(frozen=True, kw_only=True)
class Form:
    """What is offered to choose from."""

    commitments: Choices
    services: Choices
    departments: Choices
    areas: Choices
    channels: Choices
    when: Choices
    digests: Choices


def form_of(version: CatalogueVersion, language: str) -> Form:
    """The choices, in the language of whoever looks."""
    return Form(
        commitments=_choices(version.commitments, language),
        services=_choices(version.services, language),
        departments=_choices(version.departments, language),
        areas=[*_choices(version.areas, language), (OTHER_AREA, _("Other places"))],
        channels=_choices(version.channels, language),
        when=[
            ("usual", _("What is due soon at once, the rest in a digest")),
            ("at-once", _("Everything at once")),
            ("digest", _("Everything in a digest")),
        ],
        digests=[("morning", _("each working morning")), ("hourly", _("every hour"))],
    )


def shown_in_form(version: CatalogueVersion, language: str, kinds: Sequence[str]) -> dict[str, str]:
    """What stands in the form at first."""
    return {
        "kinds": "\n".join(kinds),
        "when": "usual",
        "digest": "morning",
        "morning": time_text(MORNING),
        "time_zone": version.time_zone,
        "language": language,
        "stale": "yes",
        "level": "0",
    }


def draft_of(fields: Mapping[str, str]) -> Draft:
    """What was filled in; Wrong by the form's fields."""
    kinds = frozenset(fields.get("kinds", "").split())
    document: dict[str, Any] = {
        "title": fields.get("title", ""),
        "url": _url(fields.get("url", "")),
        "wanted": {
            **{part: _one(fields.get(part, "")) for part in _PARTS},
            # All of them is no limit: a kind that is added later is then meant too.
            "kinds": [] if kinds >= set(KINDS) else sorted(kinds),
            "level": fields.get("level") or "0",
            "stale": fields.get("stale") == "yes",
        },
        "at_once": sorted(_WHEN.get(fields.get("when", ""), AT_ONCE)),
        "digest": fields.get("digest", ""),
        "morning": fields.get("morning") or time_text(MORNING),
        "time_zone": fields.get("time_zone", ""),
        "language": fields.get("language", ""),
        "line": fields.get("line", ""),
    }
    if fields.get("quiet_since") or fields.get("quiet_until"):
        document["quiet"] = {"since": fields.get("quiet_since", ""), "until": fields.get("quiet_until", "")}
    problems: dict[str, Message | str] = {}
    if not document["url"]:
        problems["url"] = _("Say where it is to be told.")
    if not kinds:
        problems["kinds"] = _("Tick at least one.")
    draft = None
    try:
        draft = Draft.model_validate(document)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            field = _FIELDS.get(str(detail["loc"][0]), str(detail["loc"][-1]))
            problems.setdefault(field, _SAID.get(field, _("This cannot be.")))
    if problems or draft is None:
        raise Wrong(problems)
    return draft


def by_form(problems: Mapping[str, Message | str]) -> dict[str, Message | str]:
    """What is wrong with a draft, by the fields of the form."""
    return {field.rpartition(".")[2]: message for field, message in problems.items()}


_PARTS = ("commitments", "services", "departments", "areas", "channels")
_SAID: dict[str, Message | str] = {
    "title": _("Shorten it to 100 characters."),
    "time_zone": _("There is no such time zone. Write its IANA name, for instance Asia/Shanghai."),
    "quiet_since": _("Enter both times as 22:00 and 07:00; they must differ."),
    "morning": _("Enter a time of day, as 08:30."),
    "level": _("Enter the number of a rung, or 0."),
    "line": _(
        "This cannot be filled in. In braces there may be: %(names)s.",
        names=", ".join(f"{{{name}}}" for name in LINE_FIELDS),
    ),
}


def _choices(entries: Mapping[str, Entry], language: str) -> Choices:
    return [(code, title_of(entries, code, language)) for code in entries]


def _one(code: str) -> Iterable[str]:
    return [code] if code else []


def _url(text: str) -> str:
    """Where it is told; an address of mail needs no more than itself."""
    return f"{MAIL}{text}" if "@" in text and ":" not in text else text
