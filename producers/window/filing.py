"""Filing a request: what staff enter for a person, checked by the field, and the events it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from livelihood.catalogue import CatalogueVersion
from livelihood.deadline_text import amount
from livelihood.events import Kind
from livelihood.fields import CHILD_SEPARATOR
from livelihood.instants import DAY, Instant
from producers.window.acting import document
from producers.window.fields import LONGEST_TEXT, Wrong, read_moment
from web.formats import Formats
from web.languages import Message, _
from web.titles import title_of
from web.users import User
from web.vocabulary import reason_text

#: What is asked of the person, with its longest text; as the sealer takes it.
PERSONAL = {
    "name": 200, "phone": 40, "email": 254, "identity_number": 40, "address": 500, "text": LONGEST_TEXT,
}  # fmt: skip
#: Of these letters ids are made, as receipts.py has them: none is taken for another.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LETTERS = 7
#: What was taken down on paper is entered within a year.
OLDEST: Instant = 366 * DAY


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A service to choose."""

    code: str
    title: str
    department: str
    #: What is promised, as "2 working days"; empty: nothing.
    promised: str


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A request as entered."""

    issue: str
    documents: list[dict[str, Any]]


def services_by_category(version: CatalogueVersion, language: str) -> list[tuple[str, list[Choice]]]:
    """All services under what they belong to: their category, else their department."""
    groups: dict[str, list[Choice]] = {}
    for code, service in version.services.items():
        department = title_of(version.departments, service.department, language)
        group = title_of(version.words, service.category, language) or department
        standard = version.standards.get(service.standard or "")
        usual = [case.limit for case in standard.resolution if not case.conditions] if standard else []
        groups.setdefault(group, []).append(
            Choice(
                code=code,
                title=title_of(version.services, code, language),
                department=department,
                promised=amount(usual[0], language) if usual else "",
            )
        )
    return list(groups.items())


def urgencies(version: CatalogueVersion, formats: Formats) -> list[tuple[str, Message | str]]:
    """The urgencies that any standard knows, and the ordinary one."""
    known = {
        case.urgency
        for standard in version.standards.values()
        for case in (*standard.resolution, *standard.acceptance)
        if case.urgency
    }
    codes = ["", *sorted(known - {"normal"})]
    words = [reason_text(version, code or "normal", formats.language.code) for code in codes]
    return list(zip(codes, words, strict=True))


class Filing:
    """Reads the form."""

    def __init__(self, version: CatalogueVersion, formats: Formats, now: Instant) -> None:
        self._version = version
        self._formats = formats
        self._now = now

    def read(
        self, fields: Mapping[str, str], once: str, user: User
    ) -> tuple[Filed | None, dict[str, Message]]:
        """The request, or what is wrong with it, field by field."""
        errors: dict[str, Message] = {}
        service = fields.get("service", "")
        if service not in self._version.services:
            errors["service"] = _("Choose a service.")
        for name, known in (("area", self._version.areas), ("urgency", self._urgencies)):
            if fields.get(name) and fields[name] not in known:
                errors[name] = _("Choose one of the list.")
        data: dict[str, Any] = {"service": service}
        data |= {name: fields[name] for name in ("area", "urgency") if fields.get(name)}
        time = self._time(fields, data, errors)
        personal = self._personal(fields, errors)
        others = [code for code in fields.get("parts", "").split("\n") if code and code != service]
        if any(code not in self._version.services for code in others):
            errors["parts"] = _("Choose one of the list.")
        if errors:
            return None, errors
        issue = issue_id(once)
        children = [f"{issue}{CHILD_SEPARATOR}{number}" for number in range(1, len(others) + 2)]
        if others:
            data["parts"] = children
        documents = [document(Kind.SUBMITTED, issue, once, time, user, data | personal)]
        if others:
            shared = {name: value for name, value in data.items() if name not in ("service", "parts")}
            documents += [
                document(Kind.SUBMITTED, child, f"{once}-{number}", time, user, {**shared, "service": code})
                for number, (child, code) in enumerate(zip(children, [service, *others], strict=True), 1)
            ]
        return Filed(issue=issue, documents=documents), {}

    @property
    def _urgencies(self) -> list[str]:
        return [code for code, _ in urgencies(self._version, self._formats)]

    def _time(self, fields: Mapping[str, str], data: dict[str, Any], errors: dict[str, Message]) -> Instant:
        if fields.get("on_paper") != "yes":
            return self._now
        data["on_paper"] = True
        try:
            time = read_moment(fields.get("asked_on", ""), self._formats)
        except Wrong as wrong:
            errors["asked_on"] = wrong.message
            return self._now
        if time > self._now:
            errors["asked_on"] = _("This is still to come: enter when the person asked.")
        elif time < self._now - OLDEST:
            errors["asked_on"] = _("This is more than a year ago: look at the date again.")
        return time

    def _personal(self, fields: Mapping[str, str], errors: dict[str, Message]) -> dict[str, Any]:
        personal = {}
        for name, longest in PERSONAL.items():
            text = fields.get(name, "").replace("\r\n", "\n")
            if len(text) > longest:
                errors[name] = _("At most %(most)s characters, please.", most=longest)
            elif text:
                personal[name] = text
        if personal.get("email") and "@" not in personal["email"]:
            errors["email"] = _("An e-mail address has an @ in it.")
        if personal.get("phone") and sum(one.isdecimal() for one in personal["phone"]) < _FEWEST_DIGITS:
            errors["phone"] = _("A telephone number has at least %(fewest)s digits.", fewest=_FEWEST_DIGITS)
        return {"personal": personal} if personal else {}


_FEWEST_DIGITS = 5


def issue_id(once: str) -> str:
    """The id of the request a form files, the same however often it is sent; short to read out."""
    number = int.from_bytes(sha256(once.encode()).digest(), "big")
    letters = "".join(_LETTERS[number >> 5 * place & 31] for place in range(_ID_LETTERS))
    return f"{once[:6]}-{letters}"
