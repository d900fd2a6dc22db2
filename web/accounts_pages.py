"""The accounts, for whoever looks after them: added, changed, given a new password, signed out, removed."""

import secrets
from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from web.access import Access
from web.accounts import OF_DEPARTMENTS, Account, Right, Role
from web.context import Context
from web.languages import Message, _
from web.page_problems import NotHere, PageProblem
from web.pages import MenuEntry, Pages
from web.titles import title_of
from web.users import OPEN_CHANNEL
from web.visits import ByField, Posted, Visit

MENU = MenuEntry(path="/accounts", label=_("Accounts"), right=Right.ADMINISTER, place=95)
#: Of a password that is made here; 100 bits.
_MADE_BYTES = 13
_LAST = _("Nobody else looks after the accounts. Make somebody else an administrator first.")
_CHANGED = _("Somebody else changed this account meanwhile. Look at it again.")


def accounts_routes(access: Access, pages: Pages, context: Context) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False, prefix="/accounts")
    accounts, sessions = access.accounts, access.sessions
    # Two who remove each other at the same moment would leave nobody.
    turn = Lock()
    Seen = Annotated[Visit, Depends(access.needs(Right.ADMINISTER))]  # noqa: N806  # a type
    Sent = Annotated[Posted, Depends(access.posted(Right.ADMINISTER))]  # noqa: N806  # a type

    def found(name: str) -> Account:
        account = accounts.find(name)
        if account is None:
            raise NotHere(_("There is no account %(name)s.", name=name))
        return account

    def choices(visit: Visit) -> dict[str, Any]:
        """What a form offers: codes with their titles."""
        version, language = context.catalogue().latest, visit.language.code
        return {
            "roles": list(Role),
            "of_departments": OF_DEPARTMENTS,
            "all_departments": [(c, title_of(version.departments, c, language)) for c in version.departments],
            "channels": [(c, title_of(version.channels, c, language)) for c in version.channels],
        }

    def listed(
        visit: Visit, fields: Mapping[str, str] | None = None, errors: Mapping[str, Message] | None = None
    ) -> Response:
        signed_in = Counter(one.account.name for one in sessions.all(context.clock()))
        return pages.page(
            visit,
            "shell/accounts.html",
            422 if errors else 200,
            accounts=list(accounts.all()),
            signed_in=signed_in,
            fields=ByField(fields or {"channel": OPEN_CHANNEL}),
            errors=ByField(errors or {}),
            done=visit.request.query_params.get("done", ""),
            **choices(visit),
        )

    def one(visit: Visit, account: Account, error: Message | None = None) -> Response:
        return pages.page(
            visit,
            "shell/account_of.html",
            409 if error else 200,
            account=account,
            sessions=sessions.of(account.name, context.clock()),
            is_last=accounts.is_last_admin(account),
            error=error,
            done=visit.request.query_params.get("done", ""),
            **choices(visit),
        )

    @router.get("")
    def list_page(visit: Seen) -> Response:
        """All accounts, and the form for another one."""
        return listed(visit)

    @router.post("")
    def add(posted: Sent) -> Response:
        """Add one. Its password is shown this once."""
        errors: dict[str, Message] = {}
        role = _role(posted, errors)
        if not accounts.exist() and role is not Role.ADMIN:
            # From then on the pages are closed, and nobody could open them to others.
            errors["role"] = _("The first account must be an administrator's.")
        password = secrets.token_urlsafe(_MADE_BYTES)
        made = None if errors else _made(posted, role, context, accounts.hashed(password), errors)
        if made is not None and not accounts.add(made):
            errors["name"] = _("There is an account of this name already.")
        if made is None or errors:
            return listed(posted.visit, posted.fields, errors)
        return pages.page(posted.visit, "shell/account_password.html", account=made, password=password)

    @router.get("/{name}")
    def account_page(visit: Seen, name: str) -> Response:
        """One account."""
        return one(visit, found(name))

    @router.post("/{name}")
    def change(posted: Sent, name: str) -> Response:
        """Another role, other departments, another channel."""
        account = found(name)
        errors: dict[str, Message] = {}
        role = _role(posted, errors)
        if account.identity or errors or role is None:
            # The provider says what it may do, at each sign-in.
            return one(posted.visit, account, _("This cannot be changed here."))
        with turn:
            if role is not Role.ADMIN and accounts.is_last_admin(account):
                return one(posted.visit, account, _LAST)
            changed = accounts.change(account, **_values(posted, role, context))
        if changed is None:
            return one(posted.visit, found(name), _CHANGED)
        return RedirectResponse(f"/accounts/{account.name}?done=changed", 303)

    @router.post("/{name}/password")
    def reset(posted: Sent, name: str) -> Response:
        """A new password, shown this once; its sessions end."""
        account = found(name)
        if account.identity:
            return one(posted.visit, account, _("It has no password here."))
        password = secrets.token_urlsafe(_MADE_BYTES)
        changed = accounts.set_password(account, password)
        sessions.end_all(account.name)
        return pages.page(posted.visit, "shell/account_password.html", account=changed, password=password)

    @router.post("/{name}/sign-out")
    def sign_out(posted: Sent, name: str) -> Response:
        """End one of its sessions, or all."""
        account = found(name)
        if posted.text("session"):
            sessions.end_one(account.name, posted.text("session"))
        else:
            sessions.end_all(account.name)
        return RedirectResponse(f"/accounts/{account.name}?done=signed-out", 303)

    @router.get("/{name}/remove")
    def remove_page(visit: Seen, name: str) -> Response:
        """Asks whether it is meant."""
        account = found(name)
        last = accounts.is_last_admin(account)
        return pages.page(visit, "shell/account_remove.html", account=account, is_last=last)

    @router.post("/{name}/remove")
    def remove(_: Sent, name: str) -> Response:
        """Remove one."""
        account = found(name)
        with turn:
            if accounts.is_last_admin(account):
                raise PageProblem(409, _LAST)
            accounts.remove(account.name)
        access.leaves.end(account.name)
        sessions.end_all(account.name)
        return RedirectResponse("/accounts?done=removed", 303)

    return router


def _role(posted: Posted, errors: dict[str, Message]) -> Role | None:
    try:
        return Role(posted.text("role"))
    except ValueError:
        errors["role"] = _("Choose one of the list.")
        return None


def _values(posted: Posted, role: Role, context: Context) -> dict[str, Any]:
    """What the form says that an account may do: of departments and channels those that there are."""
    version = context.catalogue().latest
    chosen = frozenset(posted.text("departments").split()) & frozenset(version.departments)
    channel = posted.text("channel")
    return {
        "role": role,
        "departments": chosen if role in OF_DEPARTMENTS else frozenset(),
        "channel": channel if channel in version.channels else OPEN_CHANNEL,
    }


def _made(
    posted: Posted, role: Role | None, context: Context, password: str, errors: dict[str, Message]
) -> Account | None:
    assert role is not None
    try:
        return Account(
            name=posted.text("name").lower(),
            password=password,
            created=context.clock(),
            **_values(posted, role, context),
        )
    except ValidationError:
        errors["name"] = _("Letters, digits and hyphens, at most 40, beginning with a letter or a digit.")
        return None
