"""What follows a place in the feed, for one who asks or follows."""

import anyio
import msgspec

from consumers.feed.filters import AlertFilter
from consumers.feed.places import Places, text_of
from consumers.tail import AlertTail
from livelihood.alerts import Alert

#: A page is no smaller than this: of many alerts only few may be asked for.
_LEAST_PAGE = 200
#: How often it is looked again though nothing was said to be new: what came just before somebody followed.
_LOOK_SECONDS = 1.0

#: So many events are kept written, some 5 MB.
_FRAMES = 8_000

Found = list[tuple[Places, Alert]]

_encode = msgspec.json.Encoder().encode


async def alerts_after(
    tail: AlertTail, wanted: AlertFilter, places: Places, limit: int, wait_seconds: float
) -> tuple[Found, Places]:
    """The next alerts, each with the places after it, and the places then; none where none came in time.

    The places move on past what was not asked for. Unavailable where the log cannot be read now.
    """
    until = anyio.current_time() + wait_seconds
    is_sure = False
    while not tail.closing:
        news = tail.news
        told, reached = await tail.after(places, max(limit, _LEAST_PAGE))
        found: Found = []
        for partition, place, alert in told:
            if len(found) == limit:
                return found, places
            places = (*places[:partition], place, *places[partition + 1 :])
            if wanted.takes(alert):
                found.append((places, alert))
        places = reached
        if found:
            return found, places
        if told:
            continue
        if anyio.current_time() >= until:
            if is_sure:
                return [], places
            # What is in memory is as of the last look; who is told of nothing is told so of now.
            await tail.look()
            is_sure = True
        else:
            with anyio.move_on_after(min(until - anyio.current_time(), _LOOK_SECONDS)):
                await news.wait()
    return [], places


class Frames:
    """Alerts as Server-Sent Events; many who follow are told the same, which is written once for all."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, Places], bytes] = {}

    def of(self, alert: Alert, after: Places) -> bytes:
        """An alert's event, whose id is where a reader stands with it."""
        key = alert.id, after
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= _FRAMES:
                self._made.clear()
            made = self._made[key] = b"id: %b\nevent: %b\ndata: %b\n\n" % (
                text_of(after).encode(),
                alert.kind.encode(),
                _encode(alert),
            )
        return made
