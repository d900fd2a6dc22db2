"""Who asks: the key of a request's bearer token, and how much it may ask."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.concurrency import run_in_threadpool

from producers.channel_keys import OPEN, ChannelKey
from producers.keyring import Keyring
from web.context import Context
from web.limiting import address_of, wait_seconds
from web.problems import NotNow, Problem

#: So many wrong tokens a minute may come from one address.
FAILURES_PER_MINUTE = 30

BEARER = HTTPBearer(
    auto_error=False, scheme_name="key", description="The token of a channel's key: livelihood keys add"
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


class Access:
    """Gives the key of a request, as a dependency: `Depends(access)`. Limits are of this process."""

    def __init__(self, context: Context, keyring: Keyring) -> None:
        self._context = context
        self._keyring = keyring
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._failures = RateLimitItemPerMinute(FAILURES_PER_MINUTE)

    async def __call__(self, request: Request, bearer: Bearer) -> ChannelKey:
        """The key; while the server is open, one that may do everything.

        A problem ends the request otherwise: 401, or 429 after too many wrong tokens.
        """
        token = bearer.credentials if bearer is not None else ""
        key = self._keyring.recent(token)
        return key if key is not None else await run_in_threadpool(self.prove, request, token)

    def prove(self, request: Request, token: str) -> ChannelKey:
        """The key of a token, however it came; a problem as when called. Blocks."""
        if self._context.is_open():
            return OPEN
        now = self._context.clock()
        known = self._keyring.known(token, now)
        if known is not None:
            return known
        address = address_of(request)
        if not self._limiter.test(self._failures, "failures", address):
            raise NotNow(
                "too many wrong tokens came from this address",
                status=429,
                seconds=wait_seconds(self._limiter, self._failures, "failures", address),
            )
        key = self._keyring.prove(token, now) if token else None
        if key is None:
            self._limiter.hit(self._failures, "failures", address)
            raise Problem(
                401,
                "send the token of a channel's key, as  Authorization: Bearer NAME.SECRET"
                if not token
                else "this token is none of a channel's key, or was revoked",
                headers={"WWW-Authenticate": 'Bearer realm="livelihood"'},
            )
        return key

    def spend(self, key: ChannelKey, amount: int = 1) -> None:
        """Count so many events, or requests; a problem, 429, where the key has had its minute's share."""
        limit = RateLimitItemPerMinute(key.per_minute)
        if amount > key.per_minute:
            raise NotNow(
                f"the key {key.name!r} may publish {key.per_minute} events a minute; send fewer at once",
                status=429,
                seconds=60,
            )
        if not self._limiter.hit(limit, "key", key.name, cost=amount):
            raise NotNow(
                f"the key {key.name!r} may publish {key.per_minute} events a minute",
                status=429,
                seconds=wait_seconds(self._limiter, limit, "key", key.name),
            )
