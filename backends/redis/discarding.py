"""Removing what is kept of partitions, so that it is made again from the log."""

from backends.redis.keys import meta_key
from backends.redis.server import Server, script


def discard(url: str, *, prefix: str, partitions: int, checks: bool = True) -> int:
    """Remove all keys of all partitions, each of these whole; how many there were.

    A worker that still has one of them is fenced by its next commit. Unavailable where a server cannot be
    reached: some partitions may be removed then.
    """
    with Server(url, checks=checks) as server:
        called = script("discard", writes=True)
        return sum(server.call(called, meta_key(prefix, number)) for number in range(partitions))
