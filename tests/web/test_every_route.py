"""Every route of the whole site, by a table: who may use it. Each role tries each, and so does nobody.

A route that is not in the table fails the test: whoever adds one says here for whom it is.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from cli.settings import Settings
from tests.sites import Browser, Site, running_site
from web.accounts import ROLES, Right, Role

#: For everybody, signed in or not.
PUBLIC = "public"
#: One's own account, whatever the role.
OWN = "own"
#: For programs with the token of a channel's key, or with an account's pass; a session opens none of it.
KEY = "key"
#: For programs and pages: a session, or an account's pass, that may see.
SEEING = "seeing"
#: For whoever the request itself proves to be: WeChat signs what it sends.
SIGNED = "signed"

SEE, FILE, ACT, DECIDE = Right.SEE, Right.FILE, Right.ACT, Right.DECIDE
PERSONAL, OPERATE, ADMINISTER = Right.PERSONAL, Right.OPERATE, Right.ADMINISTER

#: Method and path -> for whom.
ROUTES: dict[str, str] = {
    "GET /": PUBLIC,
    "GET /assets/{version}/{path:path}": PUBLIC,
    "GET /sign-in": PUBLIC,
    "POST /sign-in": PUBLIC,
    "GET /sign-in/provider": PUBLIC,
    "GET /sign-in/provider/callback": PUBLIC,
    "POST /sign-out": PUBLIC,
    "GET /signed-out": PUBLIC,
    "GET /pass/{token}": PUBLIC,
    "POST /preferences": PUBLIC,
    "GET /account": OWN,
    "POST /account/password": OWN,
    "POST /account/sessions/end": OWN,
    "POST /account/leave": ACT,
    "POST /account/leave/end": ACT,
    "GET /accounts": ADMINISTER,
    "POST /accounts": ADMINISTER,
    "GET /accounts/{name}": ADMINISTER,
    "POST /accounts/{name}": ADMINISTER,
    "POST /accounts/{name}/password": ADMINISTER,
    "POST /accounts/{name}/sign-out": ADMINISTER,
    "GET /accounts/{name}/remove": ADMINISTER,
    "POST /accounts/{name}/remove": ADMINISTER,
    "GET /audit": ADMINISTER,
    "GET /audit/file": ADMINISTER,
    "GET /operations": OPERATE,
    "GET /operations/now": OPERATE,
    "GET /operations/letters": OPERATE,
    "GET /operations/letters/{letter}": OPERATE,
    "POST /operations/letters/{letter}": OPERATE,
    "POST /operations/deliveries": OPERATE,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": PUBLIC,
    "GET /commitments": SEE,
    "GET /commitments/{code}": SEE,
    "GET /commitments/{code}/issues": SEE,
    "GET /wall": SEE,
    "GET /window": ACT,
    "GET /window/find": SEE,
    "GET /window/file": FILE,
    "POST /window/file": FILE,
    "GET /issues/{issue}/receipt": FILE,
    "GET /issues/{issue}": SEE,
    "POST /issues/{issue}/personal": PERSONAL,
    "GET /issues/{issue}/{word}": SEE,
    "POST /issues/{issue}/{word}": SEE,
    "GET /cases": ACT,
    "POST /cases/many": ACT,
    "POST /cases/{verb}": ACT,
    "GET /subscriptions": SEE,
    "GET /subscriptions/new": SEE,
    "POST /subscriptions/new": SEE,
    "GET /subscriptions/{subscription}": SEE,
    "GET /subscriptions/{subscription}/change": SEE,
    "POST /subscriptions/{subscription}/change": SEE,
    "GET /subscriptions/{subscription}/told": SEE,
    "POST /subscriptions/{subscription}/test": SEE,
    "POST /subscriptions/{subscription}/pause": SEE,
    "POST /subscriptions/{subscription}/resume": SEE,
    "POST /subscriptions/{subscription}/remove": SEE,
    "POST /subscriptions/{subscription}/resend": SEE,
    "GET /subscriptions/end/{token}": PUBLIC,
    "POST /subscriptions/end/{token}": PUBLIC,
    "GET /r": PUBLIC,
    "GET /r/{number}": PUBLIC,
    "POST /r/{number}/reopen": PUBLIC,
    "POST /r/{number}/confirm": PUBLIC,
    "POST /r/{number}/rate": PUBLIC,
    "GET /alerts": SEE,
    "GET /alerts/list": SEE,
    "GET /public": PUBLIC,
    "GET /public/commitments/{commitment}": PUBLIC,
    "GET /public/data": PUBLIC,
    "GET /public/data.csv": PUBLIC,
    "GET /public/data.json": PUBLIC,
    "GET /embed/{commitment}": PUBLIC,
    "GET /v1/receipts/{number}": PUBLIC,
    "POST /v1/receipts/{number}/reopen": PUBLIC,
    "POST /v1/receipts/{number}/confirm": PUBLIC,
    "POST /v1/receipts/{number}/rate": PUBLIC,
    "POST /v1/events": KEY,
    "GET /v1/changes": KEY,
    "GET /v1/issues": KEY,
    "GET /v1/issues/{issue}": KEY,
    "GET /v1/issues/{issue}/actions": KEY,
    "POST /v1/issues/{issue}/actions": KEY,
    "GET /v1/commitments": SEEING,
    "GET /v1/tables/{commitment}": SEEING,
    "GET /v1/tables/{commitment}/series": SEEING,
    "GET /v1/tables/{commitment}/issues": SEEING,
    "GET /v1/tables/{commitment}/stream": SEEING,
    "GET /v1/issues/{issue}/history": SEEING,
    "GET /v1/health": SEEING,
    "GET /calendars/{token}": PUBLIC,
    "GET /v1/alerts": SEEING,
    "GET /v1/alerts/stream": SEEING,
    "GET /v1/alerts/counts": SEEING,
    "GET /v1/subscriptions": KEY,
    "POST /v1/subscriptions": KEY,
    "GET /v1/subscriptions/{subscription}": KEY,
    "PUT /v1/subscriptions/{subscription}": KEY,
    "DELETE /v1/subscriptions/{subscription}": KEY,
    "POST /v1/subscriptions/{subscription}/test": KEY,
    "POST /v1/subscriptions/{subscription}/pause": KEY,
    "POST /v1/subscriptions/{subscription}/resume": KEY,
    "POST /v1/subscriptions/{subscription}/resend": KEY,
    "POST /v1/subscriptions/{subscription}/rotate": KEY,
    "GET /v1/webhooks": KEY,
    "POST /v1/webhooks": KEY,
    "DELETE /v1/webhooks/{webhook}": KEY,
    "POST /v1/webhooks/{webhook}/rotate": KEY,
    "POST /v1/webhooks/{webhook}/enable": KEY,
    "POST /v1/webhooks/{webhook}/resend": KEY,
    "GET /open311/v2/discovery.{format}": PUBLIC,
    "GET /open311/v2/services.{format}": PUBLIC,
    "GET /open311/v2/services/{name}": PUBLIC,
    "GET /open311/v2/tokens/{name}": PUBLIC,
    "GET /open311/v2/requests.{format}": PUBLIC,
    "GET /open311/v2/requests/{name}": PUBLIC,
    "GET /open311/v2/servicerequestupdates.{format}": PUBLIC,
    "POST /open311/v2/requests.{format}": KEY,
    "POST /open311/v2/servicerequestupdates.{format}": KEY,
    # All that Open311 does not have.
    **{
        f"{method} /open311/v2/{{path:path}}": PUBLIC
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    },
    "GET /wechat": SIGNED,
    "POST /wechat": SIGNED,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One with all that can be configured, and an account of each role."""
    folder: Path = tmp_path_factory.mktemp("routes")
    settings = Settings(
        data=folder / "data", oidc_issuer="http://127.0.0.1:9", oidc_client="livelihood",
        wechat_appid="wx0123456789abcdef", wechat_token="a-token-of-ours", wechat={"service": "question"},
    )  # fmt: skip
    with ExitStack() as held:
        patch = held.enter_context(pytest.MonkeyPatch.context())
        # Nobody has a key, again and again.
        patch.setattr("producers.access.FAILURES_PER_MINUTE", 10_000)
        made = held.enter_context(running_site(settings))
        for role in Role:
            made.add_account(role.value, role)
        yield made


def routes(of: Any) -> Iterator[tuple[str, APIRoute]]:
    """Method and path of every route of an application or a router, those of routers within it too."""
    for route in of.routes:
        if isinstance(route, APIRoute):
            yield from ((f"{method} {route.path}", route) for method in sorted(route.methods or ()))
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router)


def test_every_route_is_in_the_table_and_nothing_else(site: Site) -> None:
    there = {name for name, _ in routes(site.app)}
    assert sorted(there - set(ROUTES)) == [], "say in ROUTES for whom these are"
    assert sorted(set(ROUTES) - there) == [], "these are no routes any more"


def outcome(answer: httpx.Response) -> str:
    """What a person meets: signed in first, not allowed, or let in, whatever came of it then."""
    if answer.status_code >= 400:
        # What is not refused may be a stream without an end.
        answer.read()
    location = answer.headers.get("location", "")
    if answer.status_code in (302, 303, 307) and location.startswith("/sign-in?"):
        return "sign in"
    if answer.status_code == 401 or (answer.status_code == 403 and "api_key is missing" in answer.text):
        return "no key"
    if answer.status_code == 403 and "Your account may not do this" in answer.text:
        return "not allowed"
    if answer.status_code == 403 and "This form was not sent from a page of this site" in answer.text:
        return "no form"
    return "in"


def tried(browser: Browser, name: str) -> str:
    method, _, path = name.partition(" ")
    url = path.replace("{format}", "json").replace(":path", "").replace("{", "").replace("}", "")
    # A form without a token is refused too, but only after rights were looked at.
    with browser.client.stream(method, url, follow_redirects=False) as answer:
        return outcome(answer)


#: As far as somebody gets who sends no form's token.
LET_IN = {"in", "no form"}


def expected(whom: str, role: Role | None) -> set[str]:
    rights = frozenset() if role is None else ROLES[role]
    match whom:
        case "public" | "signed":
            return LET_IN
        case "own":
            # A form of nobody's is looked at first.
            return LET_IN if role is not None else {"sign in", "no form"}
        case "key":
            return {"no key"}
        case "seeing":
            return LET_IN if Right.SEE in rights else {"no key", "sign in"}
    if role is None:
        return {"sign in"}
    return LET_IN if Right(whom) in rights else {"not allowed"}


def test_each_role_and_nobody_gets_where_the_table_says_and_nowhere_else(site: Site) -> None:
    browsers: dict[Role | None, Browser] = {role: site.browser(role.value) for role in Role}
    browsers[None] = site.browser()
    wrong = [
        f"{role.value if role else 'nobody'} {name}: {found}, and not {' or '.join(sorted(wanted))}"
        for name, whom in ROUTES.items()
        # It would end the session that tries the rest.
        if name != "POST /sign-out"
        for role, browser in browsers.items()
        if (found := tried(browser, name)) not in (wanted := expected(whom, role))
    ]
    assert not wrong, "\n".join(wrong)
