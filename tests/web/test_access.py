"""Who gets in: sessions, forged forms, and too many tries. Who may use which route: test_every_route.py."""

import pytest
from limits import RateLimitItemPerMinute

from livelihood.instants import DAY, HOUR
from tests.sites import PASSWORD, Site
from web.accounts import Role
from web.signing_in import PER_NAME


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


def test_an_office_behind_one_address_signs_in_and_whoever_guesses_names_there_waits(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.signing_in.PER_ADDRESS", RateLimitItemPerMinute(2, 15))
    site.add_account("lin", Role.VIEWER)
    for _ in range(3):
        assert site.browser("lin").get("/account").url.path == "/account"
    answers = [
        site.browser().send("/sign-in", "/sign-in", name=name, password="wrong").status_code
        for name in ("one", "two", "three")
    ]
    assert answers == [401, 401, 429]


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
