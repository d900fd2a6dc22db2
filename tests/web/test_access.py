"""Who may use which page: each role on each route, sessions, forged forms, and too many tries."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from livelihood.instants import DAY, HOUR
from tests.sites import PASSWORD, Site
from web.access import Access
from web.accounts import ROLES, Right, Role
from web.signing_in import PER_NAME

#: Routes that are for everybody, whoever they are; programs' own routes ask for keys.
PUBLIC = {
    "/", "/assets/{version}/{path:path}", "/sign-in", "/sign-out", "/preferences", "/healthz",
    "/pass/{token}", "/openapi.json",
    "/r", "/r/{number}", "/r/{number}/reopen", "/r/{number}/confirm", "/r/{number}/rate",
}  # fmt: skip
#: Its own account, for whoever has one.
OWN = {"/account", "/account/password"}


def page_routes(site: Site) -> list[tuple[str, str, frozenset[Right]]]:
    """Method, path and the rights needed, of every route that names what it needs."""
    found = []
    for route in all_routes(site.app):
        for method in route.methods or ():
            rights = rights_of(route.dependant)
            if rights is not None:
                found.append((method, route.path, rights))
    return found


def all_routes(of: Any) -> Iterator[APIRoute]:
    """The routes of an application or a router, those of routers within it too."""
    for route in of.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from all_routes(route.original_router)


def rights_of(dependant: Any) -> frozenset[Right] | None:
    """What a route's dependencies need; None where none of them is access's."""
    if getattr(dependant.call, "__func__", None) is Access.visit:
        return frozenset()
    if hasattr(dependant.call, "rights"):
        return frozenset(dependant.call.rights)
    below = [rights_of(one) for one in dependant.dependencies]
    given = [rights for rights in below if rights is not None]
    return frozenset().union(*given) if given else None


def test_each_role_may_use_the_routes_its_rights_open_and_no_other(site: Site) -> None:
    for role in Role:
        site.add_account(role.value, role)
    browsers = {role: site.browser(role.value) for role in Role}
    visitor = site.browser()
    wrong = []
    routes = page_routes(site)
    # Else nothing would be tried.
    assert {"/window/file", "/issues/{issue}", "/account", "/r/{number}"} <= {path for _, path, _ in routes}
    for method, path, rights in routes:
        if path in PUBLIC | OWN:
            continue
        assert rights, f"{path} names no right and is not among the public routes"
        url = path.replace("{", "").replace("}", "")
        for role, browser in browsers.items():
            # A form without a token is refused too, but only after the right was looked at.
            answer = browser.client.request(method, url, follow_redirects=False)
            refused = answer.status_code == 403 and "Your account may not do this" in answer.text
            if refused is (rights <= ROLES[role]):
                wrong.append(f"{role} {method} {path}: {answer.status_code}")
        answer = visitor.client.request(method, url, follow_redirects=False)
        if not answer.headers.get("location", "").startswith("/sign-in"):
            wrong.append(f"nobody {method} {path}: {answer.status_code}")
    assert not wrong


def test_before_the_first_account_everything_is_open_and_says_so(site: Site) -> None:
    assert "Nobody has to sign in" in site.browser().get("/sign-in").text
    site.add_account("lin", Role.VIEWER)
    assert "Nobody has to sign in" not in site.browser().get("/sign-in").text


def test_a_wrong_password_and_a_name_nobody_has_get_the_same_answer(site: Site) -> None:
    site.add_account("lin", Role.VIEWER)
    answers = [
        site.browser().send("/sign-in", "/sign-in", name=name, password="no such password")
        for name in ("lin", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("do not belong together" in answer.text for answer in answers)


def test_whoever_tries_too_often_has_to_wait_with_the_right_password_too(site: Site) -> None:
    site.add_account("lin", Role.VIEWER)
    browser = site.browser()
    for _ in range(PER_NAME.amount):
        assert browser.send("/sign-in", "/sign-in", name="lin", password="wrong").status_code == 401
    answer = browser.send("/sign-in", "/sign-in", name="lin", password=PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "900"


def test_a_session_ends_by_signing_out_by_its_age_and_with_its_account(site: Site) -> None:
    site.add_account("lin", Role.WINDOW)
    site.add_account("wang", Role.VIEWER)
    for end in ("sign out", "age", "remove"):
        browser = site.browser("lin")
        assert browser.get("/account").url.path == "/account"
        kept = dict(browser.client.cookies)
        match end:
            case "sign out":
                browser.send("/account", "/sign-out")
            case "age":
                site.now[0] += 12 * HOUR
            case _:
                site.accounts.remove("lin")
        thief = site.browser()
        thief.client.cookies.update(kept)
        assert thief.get("/account").url.path == "/sign-in", end
    looking = site.browser("wang")
    site.now[0] += 29 * DAY
    assert looking.get("/account").url.path == "/account"


def test_a_new_password_ends_all_sessions_but_the_one_that_set_it(site: Site) -> None:
    site.add_account("lin", Role.WINDOW)
    here, elsewhere = site.browser("lin"), site.browser("lin")
    short = here.send("/account", "/account/password", old=PASSWORD, new="short")
    assert "at least 12 characters" in short.text
    wrong = here.send("/account", "/account/password", old="not the present one", new="another long one")
    assert "not your present password" in wrong.text
    here.send("/account", "/account/password", old=PASSWORD, new="another long one")
    assert here.get("/account").url.path == "/account"
    assert elsewhere.get("/account").url.path == "/sign-in"
    assert site.accounts.verified("lin", "another long one") is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://elsewhere.example"},
    ],
)
def test_a_form_of_another_site_is_not_taken(site: Site, headers: dict[str, str]) -> None:
    browser = site.browser()
    fields = {"form_token": browser.token("/sign-in"), "language": "zh"}
    assert browser.client.post("/preferences", data=fields, headers=headers).status_code == 403


def test_a_form_is_taken_only_in_the_browser_and_the_session_it_was_made_for(site: Site) -> None:
    site.add_account("lin", Role.WINDOW)
    first, second = site.browser(), site.browser()
    token = first.token("/sign-in")
    second.get("/sign-in")
    assert second.client.post("/preferences", data={"form_token": token}).status_code == 403
    first.send("/sign-in", "/sign-in", name="lin", password=PASSWORD)
    assert first.client.post("/preferences", data={"form_token": token}).status_code == 403
    assert first.client.post("/preferences", data={}).status_code == 403


@pytest.mark.parametrize("wanted", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "x"])
def test_signing_in_leads_nowhere_else(site: Site, wanted: str) -> None:
    site.add_account("lin", Role.WINDOW)
    browser = site.browser()
    fields = {"form_token": browser.token("/sign-in"), "name": "lin", "password": PASSWORD, "next": wanted}
    answer = browser.client.post("/sign-in", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_a_program_is_told_in_its_own_form(site: Site) -> None:
    site.add_account("lin", Role.VIEWER)
    answer = site.browser().get("/account", accept="application/json")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_larger_than_any_of_ours_is_refused(site: Site) -> None:
    answer = site.browser().client.post("/preferences", content=b"a=" + b"x" * 300_000)
    assert answer.status_code == 413


def test_what_is_not_there_is_said_on_a_page(site: Site) -> None:
    answer = site.browser(language="zh").get("/no-such-page")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def test_cookies_are_for_no_script_and_no_other_site(site: Site) -> None:
    site.add_account("lin", Role.VIEWER)
    browser = site.browser()
    fields = {"form_token": browser.token("/sign-in"), "name": "lin", "password": PASSWORD}
    answer = browser.client.post("/sign-in", data=fields, follow_redirects=False)
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
