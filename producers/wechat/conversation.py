"""What is answered to each message of a person."""

import json
import re
from concurrent.futures import TimeoutError as TooLate
from typing import Any
from zoneinfo import ZoneInfo

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from livelihood.changes import promised
from livelihood.envelope import parse_event
from livelihood.events import Kind
from livelihood.facts import DATA_FIELDS, Fact, fact_of
from livelihood.fold import fold
from livelihood.instants import MINUTE, SECOND, Instant
from livelihood.issue import Issue
from livelihood.lifecycle import State
from livelihood.ports import Unavailable
from livelihood.state import all_facts, unpack
from producers.answers import Answer, Receipt
from producers.hearing.words import date_text, outcome_words, standing
from producers.intake import Intake
from producers.receipts import Receipts
from producers.wechat.account import Account
from producers.wechat.asking import DECIMALS, Asking
from producers.wechat.texts import HELP, SATISFIED, TEXTS, UNSATISFIED
from producers.wechat.waiting import WaitingRoom
from web.context import Context
from web.titles import title_of

#: Of the five seconds that WeChat gives, so many are the log's.
LOG_SECONDS = 3.0
#: A place or a picture belongs to what was asked for so recently.
RECENT: Instant = 30 * MINUTE
#: With fewer characters a text asks for nothing.
LEAST_CHARACTERS = 3
LOOK_UPS_PER_MINUTE = 20
MOST_PICTURES = 20
#: "查询" or "status", with a receipt number or without.
_STATUS = re.compile(r"(?:查询|status)[\s:：]*([0-9A-Za-z][0-9A-Za-z.:~\s-]*)?", re.IGNORECASE)


class Conversation:
    """Answers people. All of it blocks, for at most some seconds."""

    def __init__(
        self, account: Account, context: Context, intake: Intake, receipts: Receipts, asking: Asking
    ) -> None:
        self._account, self._context = account, context
        self._intake, self._receipts, self._asking = intake, receipts, asking
        self._texts = TEXTS[account.language]
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self.waiting = WaitingRoom(context.vault, context.sealer, intake, asking.key)

    def answer(self, message: Any) -> str:
        """What to say to a message; empty: nothing. Unavailable where it could be kept nowhere."""
        match message.type:
            case "text":
                return self._to_text(message, (message.content or "").strip())
            case "voice" if message.recognition:
                return self._to_text(message, message.recognition.strip())
            case "location":
                return self._to_place(message)
            case "image":
                return self._to_picture(message)
            case "event":
                greets = message.event in ("subscribe", "subscribe_scan")
                return self._texts.greeting if greets else ""
        return self._texts.help

    def _to_text(self, message: Any, text: str) -> str:
        plain = text.strip(" .。!！,，~").lower()
        if plain in SATISFIED or plain in UNSATISFIED:
            return self._rate(message, satisfied=plain in SATISFIED)
        if asked := _STATUS.fullmatch(plain):
            return self._look_up(message.source, asked[1])
        if plain in HELP or len(plain) < LEAST_CHARACTERS:
            return self._texts.help
        return self._submit(message, text)

    def _submit(self, message: Any, text: str) -> str:
        service = self._asking.service(text, self._context.catalogue())
        document = self._asking.submission(
            message.source, self._asking.message_id(message), int(message.time) * SECOND, text, service
        )
        return self._take(document) or self.registered(document)

    def registered(self, document: dict[str, Any]) -> str:
        """What to say of a request that is registered: its receipt number, and what is promised."""
        catalogue, now = self._context.catalogue(), self._context.clock()
        service = document["data"]["service"]
        # Worked out here as the worker will: it may not have seen the event yet.
        clear = {**document, "data": {"service": service}}
        due = promised(fold([fact_of(parse_event(json.dumps(clear), now))], catalogue))
        told = {"service": self._title(service), "receipt": self._receipts.number(document["subject"])}
        if due is None:
            return self._texts.registered_without_date.format(**told)
        return self._texts.registered.format(date=self._date(due), **told)

    def _to_place(self, message: Any) -> str:
        found = self._recent(message.source)
        if found is None:
            return self._texts.first_in_words
        issue, submission, _ = found
        changes: dict[str, tuple[Any, Any]] = {
            "latitude": (None, round(float(message.location_x), DECIMALS)),
            "longitude": (None, round(float(message.location_y), DECIMALS)),
        }
        if area := self._area(message.label):
            changes["area"] = (None, area)
        personal = {"openid": message.source} | ({"address": message.label[:500]} if message.label else {})
        return self._add(message, issue, submission, changes, personal, self._texts.place_added)

    def _to_picture(self, message: Any) -> str:
        found = self._recent(message.source)
        if found is None:
            return self._texts.first_in_words
        issue, submission, pictures = found
        # Whoever is to see it fetches it from WeChat with the account's own rights.
        added = [*pictures, f"wechat:media/{message.media_id}"][-MOST_PICTURES:]
        if f"wechat:media/{message.media_id}" in pictures:
            added = pictures
        changes = {"attachments": (pictures, added)}
        return self._add(message, issue, submission, changes, {}, self._texts.picture_added)

    def _add(
        self,
        message: Any,
        issue: str,
        submission: Fact,
        changes: dict[str, tuple[Any, Any]],
        personal: dict[str, str],
        said: str,
    ) -> str:
        document = self._asking.addition(
            issue,
            submission.id,
            self._asking.message_id(message),
            int(message.time) * SECOND,
            changes,
            personal,
        )
        return self._take(document) or said.format(receipt=self._receipts.number(issue))

    def _rate(self, message: Any, *, satisfied: bool) -> str:
        settled = [
            (issue.settled, name)
            for name, issue, _ in self._of_person(message.source)
            if issue.settled is not None and issue.state in (State.RESOLVED, State.CLOSED, State.REJECTED)
        ]
        if not settled:
            return self._texts.nothing_to_rate
        name = max(settled)[1]
        document = self._asking.rating(
            name, self._asking.message_id(message), int(message.time) * SECOND, satisfied=satisfied
        )
        receipt = self._receipts.number(name)
        link = f"{self._context.public_url}/r/{receipt}"
        said = self._texts.thanks if satisfied else self._texts.sorry
        return self._take(document) or said.format(receipt=receipt, link=link)

    def _look_up(self, openid: str, number: str | None) -> str:
        limit = RateLimitItemPerMinute(LOOK_UPS_PER_MINUTE)
        if not self._limiter.hit(limit, self._asking.person(openid)):
            return self._texts.too_many
        if not number:
            own = [(issue.submitted, name) for name, issue, _ in self._of_person(openid)]
            return self._standing(max(own)[1]) if own else self._texts.no_request
        issue = self._receipts.issue(number)
        return self._standing(issue) if issue else self._texts.no_such_number

    def _standing(self, name: str) -> str:
        packed = self._context.reader.states([name]).get(name)
        if packed is None:
            # Its receipt is real, so it is on its way.
            return self._texts.kept
        issue, language = unpack(packed).issue, self._account.language
        state = State(issue.state)
        if state is State.ORPHAN:
            return self._texts.no_such_number
        lines = [
            self._texts.standing.format(
                receipt=self._receipts.number(name),
                service=self._title(issue.service),
                state=standing(state.word)[language],
            )
        ]
        if (due := promised(issue)) is not None:
            lines.append(self._texts.promised.format(date=self._date(due)))
        if outcome := outcome_words(issue.outcome):
            lines.append(self._texts.outcome.format(outcome=outcome[language]))
        return "\n".join(lines)

    def _take(self, document: dict[str, Any]) -> str | None:
        """Have an event registered; None where it is, else what to say instead."""
        try:
            prepared = self._intake.prepare([document], self._asking.key)
            answers = self._intake.submit(prepared)
            (answer,) = answers.result(LOG_SECONDS)
        except (TooLate, Unavailable):
            self.waiting.keep(document)
            return self._texts.kept
        return self._refused(answer)

    def _refused(self, answer: Answer) -> str | None:
        # Under the same id there is something already: this message, sorted otherwise by another catalogue.
        if isinstance(answer, Receipt) or answer.status == 409:
            return None
        return self._texts.not_taken.format(reason=answer.message)

    def _of_person(self, openid: str) -> list[tuple[str, Issue, list[Fact]]]:
        """What a person asked for by this channel, as far as a worker has seen it."""
        reader = self._context.reader
        names = reader.numbered(self._account.channel, self._asking.person(openid))
        states = {name: unpack(packed) for name, packed in reader.states(names).items()}
        return [(name, state.issue, all_facts(state)) for name, state in states.items() if not state.segments]

    def _recent(self, openid: str) -> tuple[str, Fact, list[str]] | None:
        """The request to which more may be added: its id, its submission, and the pictures it has."""
        since = self._context.clock() - RECENT
        own = [one for one in self._of_person(openid) if one[1].open and one[1].submitted >= since]
        if not own:
            return None
        name, _, facts = max(own, key=lambda one: (one[1].submitted, one[0]))
        submission = next(fact for fact in facts if fact.kind == Kind.SUBMITTED)
        place = DATA_FIELDS[Kind.SUBMITTED].index("attachments")
        pictures = list(submission.data[place])
        for fact in sorted(facts, key=lambda fact: (fact.recorded, fact.time, fact.id)):
            if fact.kind == Kind.CORRECTED and "attachments" in fact.data[1]:
                pictures = list(fact.data[1]["attachments"]["new"])
        return name, submission, pictures

    def _area(self, label: str) -> str | None:
        """The area whose title is in an address."""
        areas = self._context.catalogue().latest.areas
        titles = [(title, code) for code, one in areas.items() for title in one.title.values()]
        found = [(title, code) for title, code in titles if title and title in (label or "")]
        return max(found, key=lambda one: len(one[0]))[1] if found else None

    def _title(self, service: str) -> str:
        return title_of(self._context.catalogue().latest.services, service, self._account.language)

    def _date(self, instant: Instant) -> str:
        zone = ZoneInfo(self._context.catalogue().latest.time_zone)
        return date_text(instant, zone, self._account.language)
