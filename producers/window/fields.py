"""The fields of an action's form: what can be entered, how it is read, and where it goes in the event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from livelihood.catalogue import CatalogueVersion, Entry
from livelihood.event_data import OUTCOMES
from livelihood.fields import IssueId
from livelihood.instants import MINUTE, Instant, iso
from livelihood.moments import read_moment as read_any_moment
from producers.window.case import Case, pause_reasons
from web.formats import Formats
from web.languages import Message, _
from web.titles import title_of
from web.vocabulary import (
    CONTEST_REASONS,
    EXTENSION_REASONS,
    OUTCOME_WORDS,
    REFUSAL_REASONS,
    REJECTION_REASONS,
    REOPENING_REASONS,
    RETURN_REASONS,
    reason_text,
)

#: As many characters as the sealer takes of free text.
LONGEST_TEXT = 10_000
Choices = list[tuple[str, Message | str]]
_PLEASE = _("Please choose")


class Wrong(ValueError):
    """What was entered cannot be; the message says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a form is about: the case, and how whoever fills it in reads and writes."""

    case: Case
    formats: Formats

    @property
    def version(self) -> CatalogueVersion:
        """The catalogue as published last."""
        return self.case.catalogue.latest

    def titles(self, entries: Mapping[str, Entry], *, but: str = "") -> Choices:
        """All of a part of the catalogue but one, by title."""
        language = self.formats.language.code
        found = [(code, title_of(entries, code, language)) for code in entries if code != but]
        return sorted(found, key=lambda pair: pair[1])


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field."""

    name: str
    label: Message
    control: Literal["choice", "radios", "area", "number", "moment", "check", "input"]
    #: Where what is read goes in the event's data: "reason", "personal.text".
    to: str
    #: The value for the event from what was entered; None leaves it out. Wrong says what to do.
    read: Callable[[str, Asked], Any]
    hint: Message | None = None
    optional: bool = False
    choices: Callable[[Asked], Choices] = lambda _: []
    #: What stands in it at first.
    value: Callable[[Asked], str] = lambda _: ""
    #: The choice that is none.
    none: Message = _PLEASE


def _one_of(choices: Callable[[Asked], Choices], *, optional: bool = False) -> Callable[[str, Asked], Any]:
    def read(text: str, asked: Asked) -> str | None:
        if text in (code for code, _ in choices(asked)):
            return text
        if optional and not text:
            return None
        raise Wrong(_("Choose one of the list."))

    return read


def _reason(name: str, label: Message, known: Callable[[Asked], Iterable[str]]) -> Field:
    def choices(asked: Asked) -> Choices:
        language = asked.formats.language.code
        return [(code, reason_text(asked.version, code, language)) for code in known(asked)]

    return Field(
        name=name, label=label, control="radios", to="reason", choices=choices, read=_one_of(choices)
    )


def _text(text: str, asked: Asked) -> str:
    del asked
    if not text:
        raise Wrong(_("Write a few words."))
    return _optional_text(text)


def _optional_text(text: str, asked: Asked | None = None) -> str:
    del asked
    if len(text) > LONGEST_TEXT:
        raise Wrong(_("At most %(most)s characters, please.", most=LONGEST_TEXT))
    return text.replace("\r\n", "\n")


def _until(text: str, asked: Asked) -> str:
    until = read_moment(text, asked.formats)
    due = asked.case.issue.due
    if due is not None and until <= due:
        raise Wrong(_("It must be later than the deadline, %(due)s.", due=asked.formats.moment(due)))
    return iso(until)


def read_moment(text: str, formats: Formats) -> Instant:
    """The instant that a form's field for date and time names; Wrong where it names none."""
    try:
        return read_any_moment(text, formats.zone)
    except ValueError:
        raise Wrong(_("Enter a date and a time, as 2026-03-01 09:30.")) from None


def _visits(text: str, asked: Asked) -> int | None:
    del asked
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS or int(text) > 1_000:
        raise Wrong(_("Enter a number from 0 to 1000, or nothing."))
    return int(text)


#: Of thousands Python makes no number.
_MOST_DIGITS = 9


def _confirmed(text: str, asked: Asked) -> bool:
    del asked
    if text != "yes":
        raise Wrong(_("Call the person first, and confirm that here."))
    return True


def _answer(text: str, asked: Asked) -> bool | None:
    del asked
    return {"yes": True, "no": False}.get(text)


def _expected(text: str, asked: Asked) -> str | None:
    if not text:
        return None
    expected = read_moment(text, asked.formats)
    if expected < asked.case.now:
        raise Wrong(_("This has passed: enter when it will be done."))
    return iso(expected)


def _upheld(text: str, asked: Asked) -> bool:
    del asked
    if text not in ("yes", "no"):
        raise Wrong(_("Choose one of the list."))
    return text == "yes"


_ISSUE_ID: TypeAdapter[str] = TypeAdapter(IssueId)


def _into(text: str, asked: Asked) -> str:
    del asked
    try:
        return _ISSUE_ID.validate_python(text)
    except ValidationError:
        raise Wrong(_("Enter the id of the other issue, as its page shows it.")) from None


def _departments(asked: Asked) -> Choices:
    return asked.titles(asked.version.departments, but=asked.case.issue.department)


def _units(asked: Asked) -> Choices:
    return asked.titles(asked.version.departments)


def _services(asked: Asked) -> Choices:
    return asked.titles(asked.version.services, but=asked.case.issue.service)


def _outcomes(asked: Asked) -> Choices:
    del asked
    return [(code, OUTCOME_WORDS[code]) for code in OUTCOMES]


def _answers(asked: Asked) -> Choices:
    del asked
    return [("yes", _("Yes")), ("no", _("No")), ("", _("No answer"))]


def _verdicts(asked: Asked) -> Choices:
    del asked
    return [("yes", _("It counts wrongly")), ("no", _("It counts as it should"))]


def _proposed(asked: Asked) -> str:
    due = asked.case.issue.due
    return "" if due is None else asked.formats.field(due + MINUTE)


_ALL = (
    Field(name="outcome", label=_("How it ended"), control="radios", to="outcome", choices=_outcomes,
          read=_one_of(_outcomes), hint=_("A case that is scheduled for later is not a case fixed.")),
    Field(name="visits", label=_("How often the person had to come, in all"), control="number", to="visits",
          read=_visits, optional=True),
    Field(name="text", label=_("In a few words"), control="area", to="personal.text", read=_text),
    Field(name="text_optional", label=_("In a few words"), control="area", to="personal.text",
          read=_optional_text, optional=True),
    _reason("rejection", _("Why"), lambda _: REJECTION_REASONS),
    Field(name="unit", label=_("To which unit"), control="choice", to="to", choices=_units,
          read=_one_of(_units, optional=True), optional=True, none=_("The department's own desk")),
    Field(name="to", label=_("To which department"), control="choice", to="to", choices=_departments,
          read=_one_of(_departments)),
    _reason("return", _("Why"), lambda _: RETURN_REASONS),
    Field(name="service", label=_("Which service it is"), control="choice", to="service", choices=_services,
          read=_one_of(_services)),
    _reason("pause", _("Why"), lambda asked: pause_reasons(asked.case)),
    Field(name="until", label=_("Until when"), control="moment", to="until", read=_until, value=_proposed),
    Field(name="expected", label=_("Done by, as you expect"), control="moment", to="expected",
          read=_expected, optional=True),
    _reason("contest", _("Why"), lambda _: CONTEST_REASONS),
    Field(name="upheld", label=_("What you decide"), control="radios", to="upheld", choices=_verdicts,
          read=_upheld),
    _reason("extension", _("Why"), lambda _: EXTENSION_REASONS),
    _reason("refusal", _("Why"), lambda _: REFUSAL_REASONS),
    Field(name="solved", label=_("Is it solved?"), control="radios", to="solved", choices=_answers,
          read=_answer),
    Field(name="satisfied", label=_("Is the person satisfied?"), control="radios", to="satisfied",
          choices=_answers, read=_answer),
    _reason("reopening", _("Why"), lambda _: REOPENING_REASONS),
    Field(name="confirmed_call", label=_("I have spoken with the person, who wants this"), control="check",
          to="confirmed_call", read=_confirmed),
    Field(name="into", label=_("Id of the other issue"), control="input", to="into", read=_into),
)  # fmt: skip
FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
