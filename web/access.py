"""Access: who visits, and the dependencies that let a route be used by some only.

A route names what it needs: `visit: Annotated[Visit, Depends(access.needs(Right.SEE))]`, and one that takes
a form `posted: Annotated[Posted, Depends(access.posted(Right.ACT))]`. A test tries each role on each route.
"""

import secrets
from collections.abc import Callable
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response

from livelihood.instants import SECOND, Instant
from web.accounts import Account, Accounts, Right
from web.context import Context
from web.cookies import BROWSER, LANGUAGE, SESSION, THEME, Cookies
from web.forgery import FIELD, FormTokens
from web.languages import Language, choose
from web.leave import Leaves
from web.page_problems import FormTooLarge, FormUnreadable, NotAllowed, SignInNeeded
from web.passes import Passes
from web.sessions import LASTS_FOR_VIEWERS, Sessions, SignedIn
from web.users import ANYBODY, VISITOR, User, user_of
from web.visits import THEMES, Posted, Visit

#: A form is words and a few fields, never a file.
MOST_FORM_BYTES = 256 * 1024
_MOST_FIELDS = 500


class Access:
    """Who visits, and what they may use."""

    def __init__(self, context: Context, languages: dict[str, Language], cookies: Cookies) -> None:
        self._context = context
        self._languages = languages
        self._cookies = cookies
        self._tokens = FormTokens(context.vault)
        self.accounts = Accounts(context.vault)
        self.sessions = Sessions(context.vault, self.accounts)
        self.leaves = Leaves(context.vault, self.accounts)
        self.passes = Passes(context.vault, self.accounts)

    def visit(self, request: Request) -> Visit:
        """A visit by whomever; a dependency of routes that are for everybody."""
        token = self._cookies.read(request, SESSION)
        found = self.sessions.find(token, self._context.clock())
        session = token if found is not None else ""
        browser = self._cookies.read(request, BROWSER)
        is_new = len(browser) < _BROWSER_SYMBOLS
        browser = secrets.token_urlsafe(_BROWSER_BYTES) if is_new else browser
        theme = self._cookies.read(request, THEME)
        wanted = self._cookies.read(request, LANGUAGE)
        return Visit(
            request=request,
            user=self._user(found),
            language=self._languages[choose(wanted, request.headers.get("accept-language"))],
            theme=theme if theme in THEMES else THEMES[0],
            browser=browser,
            is_new=is_new,
            form_token=self._tokens.token(browser, session),
            session=session,
        )

    def needs(self, *rights: Right) -> Callable[[Request], Visit]:
        """A dependency: a visit by somebody with these rights, whatever the department."""

        def visit(request: Request) -> Visit:
            found = self.visit(request)
            for right in rights:
                if not found.user.may(right):
                    raise NotAllowed if found.user.is_known else SignInNeeded
            return found

        visit.rights = rights  # type: ignore[attr-defined]
        return visit

    def posted(self, *rights: Right) -> Callable[..., Posted]:
        """A dependency: a form, from a page of ours, by somebody with these rights. None: by anybody."""
        needed = self.needs(*rights)

        def posted(request: Request, fields: Annotated[dict[str, str], Depends(_fields)]) -> Posted:
            visit = needed(request)
            browser = "" if visit.is_new else visit.browser
            self._tokens.check(request, fields.pop(FIELD, ""), browser, visit.session)
            return Posted(visit=visit, fields=fields)

        posted.rights = rights  # type: ignore[attr-defined]
        return posted

    def begin(
        self, visit: Visit, response: Response, account: Account, now: Instant,
        link_until: Instant | None = None, *, by_provider: bool = False,
    ) -> None:  # fmt: skip
        """Begin a session in the visitor's browser, in the place of one that it had."""
        self.sessions.end(visit.session)
        agent = visit.request.headers.get("user-agent", "")
        token = self.sessions.begin(account, now, link_until, by_provider=by_provider, agent=agent)
        # The vault says when it ends; the cookie only has to last as long.
        lasts = LASTS_FOR_VIEWERS if link_until is None else link_until - now
        self._cookies.set(response, SESSION, token, max(lasts // SECOND, 1))

    def _user(self, found: SignedIn | None) -> User:
        if found is not None:
            return self.user(found.account, by_link=found.session.by_link)
        return ANYBODY if self._context.is_open() else VISITOR

    def user(self, account: Account, *, by_link: bool = False, by_program: bool = False) -> User:
        """What an account lets a person do now, in the place of others who are on leave too."""
        away = self.leaves.away(account.name, self._context.clock())
        return user_of(account, away, by_link=by_link, by_program=by_program)


_BROWSER_BYTES = 16
_BROWSER_SYMBOLS = len(secrets.token_urlsafe(_BROWSER_BYTES))


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form as sent, without spaces around; of a repeated one all, a line each."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            raise FormTooLarge
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise FormUnreadable from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        value = value.strip()
        fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields
