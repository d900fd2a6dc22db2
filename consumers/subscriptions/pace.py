"""When what is to be told becomes a message: at once, held together, a digest, or the summary of a flood.

An alert that is told at once takes with it what still waits of its issue, and nothing overtakes what is held:
so an issue's alerts are told in their order, whatever waits for what.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from consumers.alerts import Told
from consumers.subscriptions.model import Subscription
from consumers.subscriptions.places import Cut, Places, Position
from consumers.subscriptions.times import next_hour, next_morning
from livelihood.instants import MINUTE, SECOND, Instant
from livelihood.worktime import WorkCalendar

#: From so many within a minute on that are to be told at once they are told in one message, by their
#: numbers.
FLOOD = 1_000
#: More than so many within a minute may be how a flood begins: it is waited until no more have come for a
#: while, or for so long at the most.
FEW = 10
LULL: Instant = 2 * SECOND
LONGEST: Instant = 10 * SECOND
#: More than so many are worth a whole minute, in which as many must come as make a flood.
BURST = 100
LONGEST_OF_BURST: Instant = MINUTE
#: So long is waited with the first, to see whether more come with it.
SETTLE: Instant = SECOND // 4


class Bundle(NamedTuple):
    """What is told at once, with what waited of the same issue before it; the last is that alert itself."""

    alerts: tuple[Told, ...]

    @property
    def last(self) -> Told:
        """The alert that is told at once."""
        return self.alerts[-1]


class Pace:
    """Of one subscription, from a position on. It is told the time, and reads no clock."""

    def __init__(self, subscription: Subscription, position: Position, calendar: WorkCalendar) -> None:
        self.subscription = subscription
        self.position = position
        self._calendar = calendar
        #: How far alerts were taken in.
        self.read: Places = position.digested
        #: What is to be told at once, in order, and what waits for a digest, by issue.
        self.at_once: list[Bundle] = []
        self._waiting: dict[str, list[Told]] = {}
        self._since: Instant | None = None
        self._grown: Instant = 0
        #: When how many were told one by one, in the last minute.
        self._lately: deque[tuple[Instant, int]] = deque()

    def take_in(self, alerts: Iterable[Told], read: Places, now: Instant) -> None:
        """Alerts that the subscription is to hear, in each partition's order, and how far they reach."""
        before = len(self.at_once)
        for told in alerts:
            issue = told.alert.issue
            if not self.subscription.at(told.partition, told.place).is_at_once(told.alert):
                self._waiting.setdefault(issue, []).append(told)
                continue
            bundle = Bundle((*self._waiting.pop(issue, ()), told))
            if told.place > self.position.told[told.partition]:
                self.at_once.append(bundle)
        self.read = read
        if len(self.at_once) > before:
            self._grown = now
        if self.at_once and self._since is None:
            self._since = now

    @property
    def waiting(self) -> list[Told]:
        """What waits for a digest, as it was raised."""
        return in_order(told for of_issue in self._waiting.values() for told in of_issue)

    def cut(self, now: Instant, limit: int) -> Cut | None:
        """What is to be told now: a message that tells of several issues, or at most so many of one each."""
        if self.subscription.is_quiet(now):
            return None
        if not self.at_once:
            return Cut("digest", self.read, now) if self._waiting and now >= self.next_digest() else None
        if not self._has_settled(now):
            return None
        if self._count() + self._told_lately(now) >= FLOOD:
            return Cut("flood", self.read, now)
        is_held = any(self.subscription.was_held(one.last.alert) for one in self.at_once)
        if is_held and len({one.last.alert.issue for one in self.at_once}) > 1:
            return Cut("held", self.read, now)
        return Cut("each", self._after(self.at_once[:limit]), now)

    def bundles_of(self, cut: Cut) -> list[Bundle]:
        """What is told at once by a cut."""
        if cut.what == "digest":
            return []
        return [one for one in self.at_once if one.last.place <= cut.until[one.last.partition]]

    def next_digest(self) -> Instant:
        """When it is to be looked next whether there is something for a digest."""
        one, looked = self.subscription, self.position.looked
        if one.digest == "hourly":
            return next_hour(looked, one.time_zone)
        return next_morning(looked, one.time_zone, one.morning, self._calendar)

    def made(self, cut: Cut) -> None:
        """What was decided was made: the position is after it."""
        told = self.bundles_of(cut)
        if cut.what == "digest":
            count = len(self.waiting)
            self._waiting.clear()
            self.position = Position(cut.until, cut.until, cut.at, None, self.position.count + count)
            return
        if cut.what == "each":
            self._lately.append((cut.at, len(told)))
        self.at_once = self.at_once[len(told) :]
        if not self.at_once:
            self._since = None
        self.position = self._at(cut.until, self.position.looked, sum(len(one.alerts) for one in told))

    def moved(self, now: Instant) -> Position:
        """The position past what is not to be told, once it was looked for a digest where one was due."""
        looked = self.position.looked
        if not self._waiting and not self.subscription.is_quiet(now) and now >= self.next_digest():
            looked = now
        return self._at(self.position.told if self.at_once else self.read, looked, 0)

    def alerts_of(self, cut: Cut) -> list[Told]:
        """All that a cut tells, as it was raised."""
        if cut.what == "digest":
            return self.waiting
        return in_order(told for bundle in self.bundles_of(cut) for told in bundle.alerts)

    def _after(self, bundles: list[Bundle]) -> Places:
        """The places after these, which are the next."""
        if len(bundles) == len(self.at_once):
            return self.read
        told = list(self.position.told)
        for bundle in bundles:
            told[bundle.last.partition] = bundle.last.place
        return tuple(told)

    def _at(self, told: Places, looked: Instant, more: int) -> Position:
        digested = self.position.digested if self._waiting or told != self.read else told
        return Position(told, digested, looked, None, self.position.count + more)

    def _count(self) -> int:
        return sum(len(bundle.alerts) for bundle in self.at_once)

    def _has_settled(self, now: Instant) -> bool:
        if self._since is None or now - self._since < SETTLE:
            return False
        within_minute = self._count() + self._told_lately(now)
        longest = LONGEST_OF_BURST if within_minute > BURST else LONGEST
        return within_minute <= FEW or now - self._grown >= LULL or now - self._since >= longest

    def _told_lately(self, now: Instant) -> int:
        """How many were told one by one within the last minute."""
        while self._lately and now - self._lately[0][0] >= MINUTE:
            self._lately.popleft()
        return sum(count for _, count in self._lately)


def in_order(alerts: Iterable[Told]) -> list[Told]:
    """Alerts as they were raised; of one issue always in their order."""
    return sorted(alerts, key=lambda told: (told.alert.raised, told.partition, told.place))
