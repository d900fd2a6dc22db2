"""Which person asks over HTTP: the account of a pass; anybody while the server is open."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from web.access import Access
from web.context import Context
from web.page_problems import PassNeeded
from web.users import ANYBODY, User

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="pass", description="An account's pass: livelihood accounts pass"
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Asking:
    """Who asks, as a dependency."""

    def __init__(self, access: Access, context: Context) -> None:
        self._access = access
        self._context = context

    def __call__(self, bearer: Bearer) -> User:
        """The person; a problem, 401, where there is none."""
        if bearer is None and self._context.is_open():
            return ANYBODY
        token = bearer.credentials if bearer is not None else ""
        found = self._access.passes.read(token, self._context.clock())
        if found is None:
            raise PassNeeded(has_ended=bool(token))
        return self._access.user(found.account, by_link=True, by_program=found.is_program)
