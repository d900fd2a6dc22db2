"""Signing in through a provider: to it and back, with a session at the end."""

import hmac
import json
import logging
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from livelihood.instants import MINUTE, SECOND, Instant
from livelihood.ports import Unavailable
from livelihood.safekeeping import INSTALLATION, Vault
from web.access import Access
from web.cookies import PROVIDER, Cookies
from web.languages import _
from web.limiting import address_of
from web.page_problems import PageProblem
from web.pages import Pages
from web.provider import CALLBACK, Begun, NotSignedIn, Provider
from web.provider_accounts import account_of
from web.signing_in import TOO_OFTEN
from web.visits import Visit, local_path

#: What an address may ask of us: each beginning is kept for a while. A whole office may share one.
PER_ADDRESS = RateLimitItemPerMinute(1_000, 15)
#: Where a sign-in through the provider begins.
BEGIN = "/sign-in/provider"
#: How long a person may take at the provider.
LASTS: Instant = 15 * MINUTE
#: Of each thing a sign-in is recognised by.
_RANDOM_BYTES = 48
_SECRET = "provider"
_LOGGER = logging.getLogger("livelihood.web")
_NOT_BEGUN = _("This sign-in was not begun in this browser, or took too long. Please begin again.")
_NOT_DONE = _("You were not signed in. Please begin again, or ask whoever looks after the accounts.")
_AWAY = _("Your organisation's sign-in does not answer just now. Please try again in a moment.")


class Journeys:
    """What is kept in a browser while its person is at the provider: signed, and for a while only."""

    def __init__(self, vault: Vault) -> None:
        self._key = vault.add(INSTALLATION, _SECRET, secrets.token_bytes(32))

    def pack(self, begun: Begun, wanted: str, until: Instant) -> str:
        """A sign-in that was begun, as a cookie has it."""
        document = json.dumps([*begun, wanted, until // SECOND]).encode()
        body = urlsafe_b64encode(document).decode()
        return f"{body}.{self._signature(body)}"

    def unpack(self, cookie: str, state: str, now: Instant) -> tuple[Begun, str] | None:
        """The sign-in that an answer with this state belongs to; None: none begun in this browser."""
        body, _, signature = cookie.partition(".")
        if not hmac.compare_digest(self._signature(body).encode(), signature.encode()):
            return None
        own, nonce, verifier, wanted, until = json.loads(urlsafe_b64decode(body))
        if until * SECOND <= now or not hmac.compare_digest(own.encode(), state.encode()):
            return None
        return Begun(own, nonce, verifier), wanted

    def _signature(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), sha256).hexdigest()


def provider_routes(
    access: Access, pages: Pages, cookies: Cookies, provider: Provider, vault: Vault,
    clock: Callable[[], Instant],
) -> APIRouter:  # fmt: skip
    """The routes."""
    router = APIRouter(include_in_schema=False)
    limiter = MovingWindowRateLimiter(MemoryStorage())
    journeys = Journeys(vault)

    def count(request: Request) -> None:
        if not limiter.hit(PER_ADDRESS, "address", address_of(request)):
            raise PageProblem(429, TOO_OFTEN)

    @router.get(BEGIN)
    def begin(visit: Annotated[Visit, Depends(access.visit)], request: Request) -> Response:
        """To the provider."""
        count(request)
        wanted = local_path(request.query_params.get("next", "/"))
        begun = Begun(*(secrets.token_urlsafe(_RANDOM_BYTES) for _field in Begun._fields))
        try:
            address = provider.address(begun)
        except Unavailable as error:
            _LOGGER.warning("nobody can sign in: %s", error)
            raise PageProblem(503, _AWAY) from None
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        pages.name_browser(visit, response)
        packed = journeys.pack(begun, wanted, clock() + LASTS)
        cookies.set(response, PROVIDER, packed, LASTS // SECOND)
        return response

    @router.get(CALLBACK)
    def come_back(visit: Annotated[Visit, Depends(access.visit)], request: Request) -> Response:
        """Back from the provider, with a code or with what went wrong."""
        count(request)
        query = request.query_params
        found = journeys.unpack(cookies.read(request, PROVIDER), query.get("state", ""), clock())
        # Where a provider names itself, an answer of another one is none (RFC 9207).
        if found is None or query.get("iss", provider.settings.issuer) != provider.settings.issuer:
            raise PageProblem(400, _NOT_BEGUN)
        begun, wanted = found
        account = account_of(access.accounts, provider.settings, _claims(provider, query, begun), clock())
        response = RedirectResponse(wanted, 303)
        access.begin(visit, response, account, clock(), by_provider=True)
        # An answer is good for one session.
        cookies.remove(response, PROVIDER)
        return response

    return router


def _claims(provider: Provider, query: Mapping[str, str], begun: Begun) -> Mapping[str, Any]:
    if not query.get("code"):
        # As "access_denied": the person, or the provider, has broken it off.
        raise PageProblem(403, _NOT_DONE)
    try:
        return provider.claims(query["code"], begun)
    except NotSignedIn as error:
        _LOGGER.warning("somebody was not signed in: %s", error)
        raise PageProblem(403, _NOT_DONE) from None
    except Unavailable as error:
        _LOGGER.warning("nobody can sign in: %s", error)
        raise PageProblem(503, _AWAY) from None
