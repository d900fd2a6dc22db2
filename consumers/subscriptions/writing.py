"""A message written out: its document, and its words for mail and for chats."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consumers.alerts import Told
from consumers.subscriptions.links import Links
from consumers.subscriptions.model import Subscription
from consumers.subscriptions.pace import FLOOD, Bundle
from consumers.subscriptions.places import Position, span_of
from consumers.subscriptions.wording import Words
from livelihood.alerts import Alert
from livelihood.endpoints import KEYS_BETWEEN, New
from livelihood.instants import Instant, from_datetime, to_datetime
from livelihood.messages import ALERT, SHORTEST, TEST, TOGETHER, Count, Data, Item, Message, Texts, body_of
from livelihood.promises import Catalogue
from web.languages import Language, _, ngettext
from web.languages import Message as Said
from web.vocabulary import ALERTS

#: A flood names so many, those that were due first.
OLDEST = 10
#: A mail lists so many lines, a chat so few; the page has them all.
MOST_LINES, MOST_SHORT = 100, 5


class Writer:
    """Writes messages, by the catalogue as published by now."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        languages: Mapping[str, Language],
        links: Links,
        clock: Callable[[], Instant],
    ) -> None:
        self._catalogue = catalogue
        self._languages = languages
        self._links = links
        self._clock = clock
        self._environments = {code: _environment(language) for code, language in languages.items()}

    def of_issue(self, subscription: Subscription, bundle: Bundle) -> New:
        """What is told at once of one issue."""
        told = [one.alert for one in bundle.alerts]
        alert = told[-1]
        words = self._words(subscription)
        link = self._links.issue(alert.issue)
        data = self._data(subscription, words, told, told, link)
        return self._new(
            subscription,
            words,
            identity=_digest(subscription.id, alert.id),
            kind=ALERT + alert.kind,
            subject=words.subject(alert),
            data=data,
            issue=alert.issue,
            at=from_datetime(alert.raised),
        )

    def several(self, subscription: Subscription, position: Position, alerts: Sequence[Told]) -> New:
        """What is told together, as it was decided at a position."""
        cut = position.cut
        assert cut is not None
        told = [one.alert for one in alerts]
        is_flood = cut.what == "flood" or len(told) >= FLOOD
        named = sorted(told, key=lambda alert: alert.due)[:OLDEST] if is_flood else told
        words = self._words(subscription)
        link = self._links.told(subscription, position)
        subject = {
            "digest": ngettext("Digest: %(num)s alert", "Digest: %(num)s alerts", len(told)),
            "held": ngettext("%(num)s alert, held until now", "%(num)s alerts, held until now", len(told)),
            "flood": _flooded(words, told),
        }[cut.what]
        return self._new(
            subscription,
            words,
            identity=_digest(subscription.id, span_of(position)),
            kind=TOGETHER + cut.what,
            subject=words.said(words.counted(subject)),
            data=self._data(subscription, words, told, named, link),
            at=cut.at,
        )

    def test(self, subscription: Subscription, once: str) -> New:
        """Tells that messages arrive; `once` tells one try from another."""
        words = self._words(subscription)
        return self._new(
            subscription,
            words,
            identity=_digest(subscription.id, TEST, once),
            kind=TEST,
            subject=words.said(_("A test: messages arrive here")),
            data=self._data(subscription, words, (), (), self._links.page(subscription)),
        )

    def _words(self, subscription: Subscription) -> Words:
        return Words(subscription, self._catalogue().latest, self._languages[subscription.language])

    def _data(
        self,
        subscription: Subscription,
        words: Words,
        told: Sequence[Alert],
        named: Iterable[Alert],
        link: str,
    ) -> Data:
        departments = Counter(alert.department for alert in told)
        kinds = Counter(alert.kind for alert in told)
        return Data(
            subscription=subscription.id,
            title=subscription.title,
            language=subscription.language,
            count=len(told),
            alerts=[
                Item(alert=alert, text=words.line(alert), link=self._links.issue(alert.issue))
                for alert in named
            ],
            by_department=_counts(departments, words.department),
            by_kind=_counts(kinds, lambda kind: words.said(ALERTS[kind])),
            link=link,
        )

    def _new(
        self,
        subscription: Subscription,
        words: Words,
        *,
        identity: str,
        kind: str,
        subject: str,
        data: Data,
        issue: str = "",
        at: Instant | None = None,
    ) -> New:
        now = self._clock()
        shown: dict[str, Any] = {
            "subject": subject,
            "kind": kind,
            "data": data,
            "items": data.alerts[:MOST_LINES],
            "words": words,
            "title": subscription.title,
            "cases": self._links.cases(subscription, now, issue),
            "end": self._links.end(subscription),
        }
        shown["texts"] = words.around(data.count - len(shown["items"]))
        environment = self._environments[words.language.code]
        message = Message(
            id=identity,
            type=kind,
            timestamp=to_datetime(now if at is None else at),
            data=data,
            texts=Texts(
                subject=subject,
                plain=environment.get_template("message.txt").render(shown),
                html=environment.get_template("message.html").render(shown),
                short=_short(subject, data, words),
            ),
            thread=_digest(subscription.id, issue),
            unsubscribe=shown["end"],
        )
        # What a message tells of an issue comes before whatever is told of it later.
        keys = dict.fromkeys(item.alert.issue for item in data.alerts) or [subscription.id]
        return New(identity, KEYS_BETWEEN.join(keys), body_of(message))


def _flooded(words: Words, told: Sequence[Alert]) -> Said:
    """What came so often that it is counted: by its kind, or by each where it is of several."""
    kinds = Counter(map(words.kind, told)).most_common()
    if len(kinds) == 1:
        return ngettext(
            "%(kind)s: %(num)s within a minute",
            "%(kind)s: %(num)s within a minute",
            len(told),
            kind=kinds[0][0],
        )
    each = [
        words.said(_("%(kind)s %(count)s", kind=kind, count=words.formats.number(count)))
        for kind, count in kinds
    ]
    listed = words.said(_(", ")).join(each)
    return ngettext(
        "%(num)s alert within a minute: %(kinds)s",
        "%(num)s alerts within a minute: %(kinds)s",
        len(told),
        kinds=listed,
    )


def _short(subject: str, data: Data, words: Words) -> str:
    """Some lines with the link, as many as fit."""
    lines = [subject]
    room = SHORTEST - len(subject) - len(data.link) - 40
    if len(data.by_department) > 1 and data.count > MOST_SHORT:
        counts = ", ".join(f"{one.title} {words.formats.number(one.count)}" for one in data.by_department)
        lines.append(counts if len(counts) <= room // 2 else counts[: room // 2 - 1] + "…")
        room -= len(lines[-1])
    shown = 0
    for item in data.alerts[:MOST_SHORT]:
        if len(item.text) + 3 > room:
            break
        lines.append(f"· {item.text}")
        room -= len(item.text) + 3
        shown += 1
    if more := data.count - shown:
        lines.append(words.said(words.counted(ngettext("and %(num)s more", "and %(num)s more", more))))
    return "\n".join([*lines, data.link])


def _counts(counts: Counter[str], title: Callable[[str], str]) -> list[Count]:
    """The most first."""
    return [Count(code=code, title=title(code), count=count) for code, count in counts.most_common()]


def _digest(*parts: str) -> str:
    """An id of letters and digits, the same for the same parts."""
    return blake2b("|".join(parts).encode(), digest_size=12).hexdigest()


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]
    return environment
