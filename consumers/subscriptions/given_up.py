"""What could not be delivered after the last try, for a person to see, and to have sent again.

An alert that was cleared meanwhile is not sent again once that was told: a late `overdue` after its `cleared`
would be taken for news.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

import msgspec

from consumers.alerts import AlertQuery, read_alerts
from consumers.subscriptions.store import Kept
from livelihood.alerts import Alert
from livelihood.endpoints import Deliveries, Waiting
from livelihood.messages import Message, message_of
from livelihood.ports import Published


class GivenUp(NamedTuple):
    """A message that was given up."""

    id: str
    subject: str
    #: How many alerts it tells, and how often it was tried.
    alerts: int
    attempts: int
    problem: str


class Resent(NamedTuple):
    """What became of a wish to send again."""

    resent: int
    #: Cleared meanwhile, and that was told.
    left_out: int


class Undelivered:
    """Lists and sends again."""

    def __init__(self, deliveries: Deliveries, hold: Callable[[], AbstractContextManager[Published]]) -> None:
        """`hold` gives the alerts to one thread at a time."""
        self._deliveries = deliveries
        self._hold = hold

    def counts(self, kept: Iterable[Kept]) -> dict[str, tuple[int, int]]:
        """Of each subscription how many messages are under way, and how many were given up."""
        names = {one.endpoint.id: one.subscription.id for one in kept}
        found = dict.fromkeys(names.values(), (0, 0))
        for one in self._deliveries.waiting():
            if one.endpoint in names:
                waiting, dead = found[names[one.endpoint]]
                found[names[one.endpoint]] = (waiting + (not one.is_dead), dead + one.is_dead)
        return found

    def of(self, kept: Kept) -> list[GivenUp]:
        """Those of a subscription, in order."""
        return [_shown(one) for one in self._waiting(kept) if one.is_dead]

    def resend(self, kept: Kept, message: str = "") -> Resent:
        """Try one again, or all; those that nobody is to hear any more are forgotten."""
        waiting = self._waiting(kept)
        dead = [one for one in waiting if one.is_dead and message in ("", one.id)]
        left_out = 0
        # What clears others may itself be among what is sent again: then all of it is, in its order.
        to_come = {alert.id for one in waiting for alert in _alerts(one) if alert.kind == "cleared"}
        settled = self._settled([alert for one in dead for alert in _alerts(one)], to_come)
        for one in dead:
            alerts = _alerts(one)
            if alerts and all(alert.id in settled for alert in alerts):
                self._deliveries.forget(one.endpoint, one.id)
                left_out += 1
            else:
                self._deliveries.resend(one.endpoint, one.id)
        return Resent(len(dead) - left_out, left_out)

    def _waiting(self, kept: Kept) -> list[Waiting]:
        return [one for one in self._deliveries.waiting() if one.endpoint == kept.endpoint.id]

    def _settled(self, alerts: Sequence[Alert], to_come: set[str]) -> set[str]:
        """The ids of those that were cleared by what is not to come any more."""
        raised: dict[tuple[str, str, object], list[Alert]] = {}
        for alert in alerts:
            if alert.kind != "cleared":
                raised.setdefault((alert.issue, alert.obligation, alert.due), []).append(alert)
        if not raised:
            return set()
        found = set()
        with self._hold() as topics:
            for _, _, cleared in read_alerts(topics, AlertQuery(kind="cleared")):
                of_deadline = raised.get((cleared.issue, cleared.obligation, cleared.due), ())
                if cleared.id not in to_come:
                    found |= {alert.id for alert in of_deadline if alert.sequence < cleared.sequence}
        return found


def _message(one: Waiting) -> Message | None:
    try:
        return message_of(one.body)
    except msgspec.DecodeError:
        return None


def _alerts(one: Waiting) -> list[Alert]:
    message = _message(one)
    return [] if message is None else [item.alert for item in message.data.alerts]


def _shown(one: Waiting) -> GivenUp:
    message = _message(one)
    subject, count = (one.id, 0) if message is None else (message.texts.subject, message.data.count)
    return GivenUp(one.id, subject, count, one.attempts, one.problem)
