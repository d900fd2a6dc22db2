"""Alerts in words: in a line, in a subject, in the language and the zone of whoever is told."""

from zoneinfo import ZoneInfo

from consumers.subscriptions.model import Subscription
from livelihood.alerts import Alert
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import from_datetime
from livelihood.recipients import holder
from web.formats import Formats
from web.languages import Language, Message, _, ngettext
from web.titles import own_title, title_of
from web.vocabulary import ALERTS, OUTCOME_WORDS, reason_text

#: Why an alert was cleared, where no outcome says it.
_REASONS = {
    "accepted": _("accepted, though late"),
    "accepted_in_time": _("accepted in time"),
    "deadline_moved": _("its deadline has moved"),
    "pause_ended": _("the pause was ended"),
    "reopened": _("it was reopened"),
}
_IN_TIME = "_in_time_reported_late"


class Words:
    """Says what alerts are, for one subscription."""

    def __init__(self, subscription: Subscription, version: CatalogueVersion, language: Language) -> None:
        self._subscription = subscription
        self._version = version
        self.language = language
        self.formats = Formats(language, ZoneInfo(subscription.time_zone))

    def said(self, message: Message | str) -> str:
        """A message in the subscription's language."""
        return self.language.said(message)

    def kind(self, alert: Alert) -> str:
        """The kind, as a heading has it."""
        if alert.kind == "overdue" and alert.obligation == "acceptance":
            return self.said(_("Not accepted in time"))
        return self.said(ALERTS[alert.kind])

    def what(self, alert: Alert) -> str:
        """What happened, as a sentence without its end."""
        due = self.formats.short(from_datetime(alert.due))
        if alert.kind == "due_soon":
            return self.said(_("due %(due)s", due=due))
        if alert.kind == "escalated":
            return self.said(_("overdue since %(due)s, goes to: %(role)s", due=due, role=self._role(alert)))
        if alert.kind == "pause_expired":
            return self.said(_("its pause ended by itself on %(due)s; the clock runs again", due=due))
        if alert.kind == "cleared":
            return self.said(_("settled: %(reason)s", reason=self._reason(alert.reason)))
        if alert.obligation == "acceptance":
            return self.said(_("was to be accepted by %(due)s", due=due))
        return self.said(_("overdue since %(due)s", due=due))

    def line(self, alert: Alert) -> str:
        """An alert in a line: as the subscription wants it, or as usual."""
        if self._subscription.line:
            return self._subscription.line.format(**self.fields(alert))
        service, area = self.title("services", alert.service), self.title("areas", alert.area)
        name = f"{service} {alert.issue}" if service else alert.issue
        if area:
            return self.said(_("%(name)s, %(area)s: %(what)s", name=name, area=area, what=self.what(alert)))
        return self.said(_("%(name)s: %(what)s", name=name, what=self.what(alert)))

    def subject(self, alert: Alert) -> str:
        """An alert as the subject of a message."""
        service = self.title("services", alert.service)
        name = f"{service} {alert.issue}" if service else alert.issue
        return self.said(_("%(kind)s: %(name)s", kind=self.kind(alert), name=name))

    def fields(self, alert: Alert) -> dict[str, str]:
        """What a line of one's own may name (model.py: LINE_FIELDS)."""
        late = from_datetime(alert.raised) - from_datetime(alert.due)
        return {
            "what": self.what(alert),
            "issue": alert.issue,
            "service": self.title("services", alert.service),
            "department": self.department(alert.department),
            "area": self.title("areas", alert.area),
            "channel": self.title("channels", alert.channel),
            "commitment": self.title("commitments", alert.commitment),
            "due": self.formats.short(from_datetime(alert.due)),
            "late": self.formats.length(late) if late > 0 else "",
            "level": str(alert.level),
            "reason": self.said(self._reason(alert.reason)) if alert.reason else "",
        }

    def around(self, more: int) -> dict[str, str]:
        """What a mail says around its alerts, of which it does not list so many."""
        if self._subscription.is_operator:
            why = _("You hear of it because nobody else does.")
        elif self._subscription.recipient:
            why = _("You hear of it because the catalogue of commitments names you.")
        else:
            why = _("You hear of it because it was subscribed to.")
        texts = {
            "test": _("Nothing has happened. Whoever reads this gets the messages of this subscription."),
            "more": self.counted(ngettext("and %(num)s more", "and %(num)s more", more)),
            "by_department": _("By department:"),
            "all": _("All of them:"),
            "all_button": _("See all of them"),
            "cases": _("Your cases without a password, by a link that is for you alone:"),
            "cases_button": _("Open my cases"),
            "why": why,
            "end": _("No more of these messages:"),
            "end_link": _("No more of these messages"),
        }
        if not more:
            texts["more"] = Message("")
        return {name: self.said(text) if text.text else "" for name, text in texts.items()}

    def counted(self, message: Message) -> Message:
        """A message that depends on a number, with its digits in groups."""
        return message._replace(values={**message.values, "num": self.formats.number(message.number)})

    def department(self, code: str) -> str:
        """What a department is called; also what belongs to none is called something."""
        return self.title("departments", code) or self.said(_("No department"))

    def title(self, part: str, code: str) -> str:
        """What the catalogue calls a code of a part of it, as "services"."""
        return title_of(getattr(self._version, part), code, self.language.code)

    @property
    def place(self) -> str:
        """What the jurisdiction is called."""
        return own_title(self._version, self.language.code)

    def _role(self, alert: Alert) -> str:
        held = holder(self._version, alert.department, alert.to)
        own = "" if held is None else own_title(held, self.language.code)
        return own or self.said(reason_text(self._version, alert.to, self.language.code))

    def _reason(self, reason: str) -> Message | str:
        if reason.endswith(_IN_TIME):
            outcome = reason.removesuffix(_IN_TIME)
            return _("%(outcome)s, in time, but reported late", outcome=OUTCOME_WORDS.get(outcome, outcome))
        said = _REASONS.get(reason) or OUTCOME_WORDS.get(reason)
        return said or reason
