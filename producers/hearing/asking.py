"""Which channel asks: a key knows its own; while the server is open it is said."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query

from livelihood.fields import Code
from producers.access import Access
from producers.channel_keys import ChannelKey, OpenKey
from web.problems import Problem

Channel = Annotated[Code | None, Query(description="Which channel; a key knows its own.")]


def channel_asking(access: Access) -> Callable[..., str]:
    """The channel, as a dependency; a problem ends the request where it is not the key's."""

    def channel_of(key: Annotated[ChannelKey, Depends(access)], channel: Channel = None) -> str:
        if isinstance(key, OpenKey):
            if channel is None:
                raise Problem(422, "say which: while the server is open no key does", field="channel")
            return channel
        if channel not in (None, key.channel):
            raise Problem(403, f"the key {key.name!r} is of the channel {key.channel!r}", field="channel")
        return key.channel

    return channel_of
