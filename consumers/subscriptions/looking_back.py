"""What a message told, all of it, read again from the alerts: a flood's message names ten of thousands."""

from consumers.alerts import Told
from consumers.subscriptions.matching import Matcher
from consumers.subscriptions.model import Subscription
from consumers.subscriptions.pace import Pace
from consumers.subscriptions.places import Places, position_at
from consumers.tail import ends_of, page_of
from livelihood.ports import Published
from livelihood.promises import Catalogue


def told_by(
    topics: Published, matcher: Matcher, subscription: Subscription, catalogue: Catalogue, span: str
) -> list[Told]:
    """The alerts of the message that a link names, as they were raised; NoPosition where it names none.

    As the catalogue and the leaves are now. Blocks; Unavailable.
    """
    position = position_at(span, ends_of(topics))
    assert position.cut is not None
    pace = Pace(subscription, position, catalogue.calendar)
    for partition in range(topics.partitions):
        heard = [
            told
            for told in _between(topics, partition, position.digested, position.cut.until)
            if matcher.hears(subscription, told.alert, told)
        ]
        pace.take_in(heard, position.cut.until, 0)
    return pace.alerts_of(position.cut)


def _between(topics: Published, partition: int, after: Places, until: Places) -> list[Told]:
    found: list[Told] = []
    place = after[partition]
    while place < until[partition] and (page := page_of(topics, partition, place)):
        found += [Told(partition, at, alert) for at, alert in page if at <= until[partition]]
        place = page[-1][0]
    return found
