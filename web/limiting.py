"""Who asks too often, and how long they have to wait. Limits are of this process."""

import time

from fastapi import Request
from limits import RateLimitItem
from limits.strategies import RateLimiter


def address_of(request: Request) -> str:
    """The address a request came from; empty where the server was not told."""
    return request.client.host if request.client is not None else ""


def wait_seconds(limiter: RateLimiter, limit: RateLimitItem, *names: str) -> int:
    """In how many seconds there may be room again, for Retry-After."""
    reset = limiter.get_window_stats(limit, *names).reset_time
    return max(1, min(limit.get_expiry(), round(reset - time.time())))
