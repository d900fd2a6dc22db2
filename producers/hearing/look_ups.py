"""How many receipt numbers an address may look up, counted together for the pages and the interface."""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from web.limiting import wait_seconds
from web.problems import NotNow

#: One address looks up so many a minute, of which so many may be wrong.
LOOK_UPS_PER_MINUTE, WRONG_PER_MINUTE = 60, 10


class LookUps:
    """Counts them, for one process. Threads may share it."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._looks = RateLimitItemPerMinute(LOOK_UPS_PER_MINUTE)
        self._wrong = RateLimitItemPerMinute(WRONG_PER_MINUTE)

    def count(self, address: str) -> None:
        """Count one before it is answered; NotNow, 429, where there were too many."""
        has_room = self._limiter.test(self._wrong, "wrong", address)
        if not has_room or not self._limiter.hit(self._looks, "looks", address):
            reached = (self._looks, "looks") if has_room else (self._wrong, "wrong")
            raise NotNow(
                "too many receipts were looked up from this address",
                status=429,
                seconds=wait_seconds(self._limiter, *reached, address),
            )

    def count_wrong(self, address: str) -> None:
        """Count one more that was wrong."""
        self._limiter.hit(self._wrong, "wrong", address)
