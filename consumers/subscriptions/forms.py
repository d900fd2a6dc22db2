"""The form of a subscription: what it offers, what stands in it at first, and what was filled in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from consumers.alerts import KINDS
from consumers.subscriptions.creating import MAIL, Changed, Draft, Wrong
from consumers.subscriptions.limits import beyond
from consumers.subscriptions.model import AT_ONCE, LINE_FIELDS, MORNING, Chosen
from livelihood.catalogue import OTHER_AREA, CatalogueVersion, Entry
from livelihood.fields import Code
from livelihood.workcalendars import time_text
from web.languages import Message, _
from web.titles import title_of
from web.vocabulary import ALERTS

Choices = list[tuple[str, Message | str]]
T = TypeVar("T", Draft, Changed)
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
    obligations: Choices
    when: Choices
    digests: Choices
    #: Some departments only are offered, the account's own.
    is_limited: bool


def form_of(
    version: CatalogueVersion,
    language: str,
    limits: frozenset[Code] | None,
    said: Callable[[Message | str], str],
    fields: Mapping[str, str],
) -> Form:
    """The choices, in the language of whoever looks; with what stands in the `fields` and is none of them."""
    own = version.departments
    if limits is not None:
        own = {code: one for code, one in own.items() if not beyond(version, [code], limits)}
    kept = partial(_with_kept, fields, said)
    return Form(
        commitments=kept("commitments", _choices({**version.commitments, **version.projects}, language)),
        services=kept("services", _choices(version.services, language)),
        departments=kept("departments", _choices(own, language)),
        areas=kept("areas", [*_choices(version.areas, language), (OTHER_AREA, _("Other places"))]),
        channels=kept("channels", _choices(version.channels, language)),
        obligations=kept(
            "obligations", [("acceptance", _("Accepting it")), ("resolution", _("Settling it"))]
        ),
        when=_with_kept(
            fields,
            said,
            "when",
            [
                ("usual", _("What is due soon at once, the rest in a digest")),
                ("at-once", _("Everything at once")),
                ("digest", _("Everything in a digest")),
            ],
            ALERTS,
        ),
        digests=[("morning", _("each working morning")), ("hourly", _("every hour"))],
        is_limited=limits is not None,
    )


def _with_kept(
    fields: Mapping[str, str],
    said: Callable[[Message | str], str],
    part: str,
    choices: Choices,
    titles: Mapping[str, Message | str] | None = None,
) -> Choices:
    """Choices, and as one more the several that were chosen by a program, or what there is no longer."""
    chosen = fields.get(part, "")
    if not chosen or chosen in dict(choices):
        return choices
    names = titles or dict(choices)
    return [*choices, (chosen, ", ".join(said(names.get(code, code)) for code in chosen.split()))]


def shown_in_form(version: CatalogueVersion, language: str) -> dict[str, str]:
    """What stands in the form of a new one at first."""
    return fields_of(Chosen.model_validate({"time_zone": version.time_zone, "language": language}))


def fields_of(one: Chosen) -> dict[str, str]:
    """What stands in the form of one that is there; where it is told is not shown again."""
    wanted, quiet = one.wanted, one.quiet
    return {
        "title": one.title,
        "kinds": "\n".join(sorted(wanted.kinds) or KINDS),
        **{part: " ".join(sorted(getattr(wanted, part))) for part in _PARTS},
        "level": str(wanted.level),
        "stale": "yes" if wanted.stale else "",
        "when": next(
            (name for name, kinds in _WHEN.items() if kinds == one.at_once), " ".join(sorted(one.at_once))
        ),
        "digest": one.digest,
        "morning": time_text(one.morning),
        "time_zone": one.time_zone,
        "quiet_since": "" if quiet is None else time_text(quiet.since),
        "quiet_until": "" if quiet is None else time_text(quiet.until),
        "language": one.language,
        "line": one.line,
    }


def draft_of(fields: Mapping[str, str]) -> Draft:
    """What was filled in of a new one; Wrong by the form's fields."""
    return _filled_in(fields, Draft, {} if fields.get("url") else {"url": _("Say where it is to be told.")})


def changed_of(fields: Mapping[str, str]) -> Changed:
    """What was filled in of one that is there; Wrong by the form's fields."""
    return _filled_in(fields, Changed, {})


def _filled_in(fields: Mapping[str, str], model: type[T], problems: dict[str, Message | str]) -> T:
    kinds = frozenset(fields.get("kinds", "").split())
    document: dict[str, Any] = {
        "title": fields.get("title", ""),
        "url": _url(fields.get("url", "")),
        "wanted": {
            **{part: fields.get(part, "").split() for part in _PARTS},
            # All of them is no limit: a kind that is added later is then meant too.
            "kinds": [] if kinds >= set(KINDS) else sorted(kinds),
            "level": fields.get("level") or "0",
            "stale": fields.get("stale") == "yes",
        },
        "at_once": sorted(_at_once(fields.get("when", ""))),
        "digest": fields.get("digest", ""),
        "morning": fields.get("morning") or time_text(MORNING),
        "time_zone": fields.get("time_zone", ""),
        "language": fields.get("language", ""),
        "line": fields.get("line", ""),
    }
    if fields.get("quiet_since") or fields.get("quiet_until"):
        document["quiet"] = {"since": fields.get("quiet_since", ""), "until": fields.get("quiet_until", "")}
    if not kinds:
        problems["kinds"] = _("Tick at least one.")
    found = None
    try:
        found = model.model_validate(document)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            field = _FIELDS.get(str(detail["loc"][0]), str(detail["loc"][-1]))
            problems.setdefault(field, _SAID.get(field, _("This cannot be.")))
    if problems or found is None:
        raise Wrong(problems)
    return found


def by_form(problems: Mapping[str, Message | str]) -> dict[str, Message | str]:
    """What is wrong with a draft, by the fields of the form."""
    return {field.rpartition(".")[2]: message for field, message in problems.items()}


_PARTS = ("commitments", "services", "departments", "areas", "channels", "obligations")
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


def _at_once(when: str) -> frozenset[str]:
    if when in _WHEN:
        return _WHEN[when]
    return frozenset(when.split()) & frozenset(KINDS) or AT_ONCE


def _url(text: str) -> str:
    """Where it is told; an address of mail needs no more than itself."""
    return f"{MAIL}{text}" if "@" in text and ":" not in text else text
