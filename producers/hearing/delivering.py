"""Changes made into messages: what a channel's webhook is sent is what its stream tells."""

import json
import logging

from livelihood.endpoints import New
from livelihood.envelope import root_of
from producers.hearing.hub import Hub
from producers.hearing.places import NoPlaces, places_of, text_of

_LOGGER = logging.getLogger("livelihood.web")


class ChannelFeed:
    """The changes of a channel's issues, for deliveries (livelihood/endpoints.py: Feed)."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def next(self, of: str, position: str, limit: int, wait_seconds: float) -> tuple[list[New], str]:
        """What comes after a position, at most so much, and the position after it."""
        hub = self._hub
        try:
            places = places_of(position, hub.tail.partitions) if position else hub.tail.beginning()
        except NoPlaces:
            _LOGGER.warning("webhooks of %s go on from now: the data were moved since", of)
            places = await hub.ends()
        with hub.follow(of, places) as follower:
            found = await hub.next(follower, limit, wait_seconds)
            new = [
                New(told.id, root_of(told.issue), json.dumps(told.for_channel(of), ensure_ascii=False))
                for _, told in found
            ]
            return new, text_of(follower.places)
