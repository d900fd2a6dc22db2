"""Who asks: an account, by its session or its pass, that may see tables and issues."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from web.access import Access
from web.accounts import Right
from web.context import Context
from web.page_problems import NotAllowed, PassNeeded, SessionOrPassNeeded
from web.users import User

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="pass", description="An account's pass: livelihood accounts pass"
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Seeing:
    """Gives the person who asks, as a dependency; a problem, 401 or 403, where they may not see."""

    #: What a route with it needs.
    rights = (Right.SEE,)

    def __init__(self, access: Access, context: Context) -> None:
        self._access = access
        self._context = context

    def __call__(self, request: Request, bearer: Bearer) -> User:
        """The person: of a pass where one is sent, else of the session; anybody while the server is open."""
        user = self._access.visit(request).user if bearer is None else self._of_pass(bearer.credentials)
        if not user.may(Right.SEE):
            raise NotAllowed if user.is_known else SessionOrPassNeeded
        return user

    def _of_pass(self, token: str) -> User:
        found = self._access.passes.read(token, self._context.clock())
        if found is None:
            raise PassNeeded(has_ended=True)
        return self._access.user(found.account, by_link=True)
