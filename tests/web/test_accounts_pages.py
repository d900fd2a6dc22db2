"""The page of accounts, and the list of one's own sessions."""

import re

from livelihood.instants import DAY
from tests.sites import PASSWORD, Site
from web.accounts import Role
from web.leave import Leave, Leaves
from web.sessions import browser_of


def shown_password(page: str) -> str:
    found = re.search(r'<code class="shown-once">([^<]+)</code>', page)
    assert found, page
    return found[1]


def test_an_account_is_added_with_a_password_that_is_shown_once(site: Site) -> None:
    site.add_account("chen", Role.ADMIN)
    browser = site.browser("chen")
    page = browser.send(
        "/accounts", "/accounts", name="Wang", role="supervisor", departments="streets\nwater\nnone-such",
        channel="window",
    )  # fmt: skip
    password = shown_password(page.text)
    account = site.accounts.verified("wang", password)
    assert account is not None
    assert (account.role, account.departments) == (Role.SUPERVISOR, {"streets", "water"})
    assert password not in browser.get("/accounts/wang").text
    again = browser.send("/accounts", "/accounts", name="wang", role="viewer")
    assert again.status_code == 422
    assert "There is an account of this name already" in again.text
    unchanged = site.accounts.find("wang")
    assert unchanged == account


def test_a_name_and_a_role_must_be_ones_that_there_are(site: Site) -> None:
    site.add_account("chen", Role.ADMIN)
    browser = site.browser("chen")
    for name, role in (
        ("", "viewer"), ("a b", "viewer"), ("x" * 41, "viewer"), ("<b>li", "viewer"), ("li", "king"),
        ("li", ""),
    ):  # fmt: skip
        fields = {"name": name, "role": role}
        answer = browser.send("/accounts", "/accounts", **fields)
        assert answer.status_code == 422, fields
    assert [one.name for one in site.accounts.all()] == ["chen"]


def test_the_first_account_must_be_an_administrators(site: Site) -> None:
    browser = site.browser()
    assert browser.send("/accounts", "/accounts", name="li", role="viewer").status_code == 422
    assert not site.accounts.exist()
    password = shown_password(browser.send("/accounts", "/accounts", name="chen", role="admin").text)
    # From then on it is closed.
    assert browser.get("/accounts").url.path == "/sign-in"
    assert site.accounts.verified("chen", password) is not None


def test_a_role_and_departments_are_changed_and_hold_at_once(site: Site) -> None:
    site.add_account("chen", Role.ADMIN)
    site.add_account("li", Role.VIEWER)
    chen, li = site.browser("chen"), site.browser("li")
    assert li.get("/window").status_code == 403
    chen.send("/accounts/li", "/accounts/li", role="window", departments="streets", channel="hotline")
    assert li.get("/window").status_code == 200
    account = site.accounts.find("li")
    assert account is not None
    assert (account.role, account.departments, account.channel) == (Role.WINDOW, {"streets"}, "hotline")
    # Only some roles have departments.
    chen.send("/accounts/li", "/accounts/li", role="operator", departments="streets")
    account = site.accounts.find("li")
    assert account is not None
    assert (account.role, account.departments) == (Role.OPERATOR, frozenset())


def test_the_last_administrator_is_neither_removed_nor_made_anything_else(site: Site) -> None:
    site.add_account("chen", Role.ADMIN)
    site.add_account("li", Role.VIEWER)
    browser = site.browser("chen")
    assert browser.send("/accounts/chen", "/accounts/chen", role="viewer").status_code == 409
    assert browser.send("/accounts/chen", "/accounts/chen/remove").status_code == 409
    assert 'href="/accounts/chen/remove"' not in browser.get("/accounts/chen").text
    # With another one there it is nothing special.
    browser.send("/accounts/li", "/accounts/li", role="admin")
    assert browser.send("/accounts/chen", "/accounts/chen", role="viewer").status_code == 403
    account = site.accounts.find("chen")
    assert account is not None
    assert account.role is Role.VIEWER
    assert site.browser("li").send("/accounts/li", "/accounts/li/remove").status_code == 409


def test_a_new_password_a_sign_out_and_a_removal_end_all_sessions(site: Site) -> None:
    site.add_account("chen", Role.ADMIN)
    site.add_account("li", Role.WINDOW)
    chen, li = site.browser("chen"), site.browser("li")
    password = shown_password(chen.send("/accounts/li", "/accounts/li/password").text)
    assert li.get("/account").url.path == "/sign-in"
    assert site.accounts.verified("li", PASSWORD) is None
    fields = {"name": "li", "password": password}
    assert li.send("/sign-in", "/sign-in", **fields, next="/account").url.path == "/account"
    chen.send("/accounts/li", "/accounts/li/sign-out")
    assert li.get("/account").url.path == "/sign-in"
    li.send("/sign-in", "/sign-in", **fields)
    now = site.now[0]
    Leaves(site.engine.vault, site.accounts).put(
        Leave(account="li", deputy="chen", since=now, until=now + DAY)
    )
    assert "done=removed" in str(chen.send("/accounts/li/remove", "/accounts/li/remove").url)
    assert li.get("/account").url.path == "/sign-in"
    assert chen.get("/accounts/li").status_code == 404
    assert list(Leaves(site.engine.vault, site.accounts).all()) == []


def test_one_of_ones_own_sessions_is_ended_and_nobody_elses(site: Site) -> None:
    site.add_account("li", Role.WINDOW)
    site.add_account("wang", Role.WINDOW)
    here, phone, wang = site.browser("li"), site.browser("li"), site.browser("wang")
    assert here.get("/account").text.count('name="session"') == 1
    found = re.search(r'name="session" value="(\w+)"', wang.get("/account").text)
    assert found is None
    (of_wang,) = (id_ for id_, kept in site.engine.vault.items("session") if b'"account":"wang"' in kept)
    here.send("/account", "/account/sessions/end", session=of_wang)
    assert wang.get("/account").url.path == "/account"
    found = re.search(r'name="session" value="(\w+)"', here.get("/account").text)
    assert found is not None
    here.send("/account", "/account/sessions/end", session=found[1])
    assert phone.get("/account").url.path == "/sign-in"
    others = [site.browser("li") for _ in range(2)]
    here.send("/account", "/account/sessions/end")
    assert here.get("/account").url.path == "/account"
    assert {other.get("/account").url.path for other in others} == {"/sign-in"}


def test_a_link_ends_no_session_of_whoever_has_the_password(site: Site) -> None:
    site.add_account("li", Role.WINDOW)
    account = site.accounts.find("li")
    assert account is not None
    with_password, by_link = site.browser("li"), site.browser()
    from web.passes import Passes

    by_link.get(f"/pass/{Passes(site.engine.vault, site.accounts).make(account, site.now[0])}")
    assert by_link.send("/account", "/account/sessions/end").status_code == 403
    assert with_password.get("/account").url.path == "/account"


def test_whoever_has_not_signed_in_has_no_account_to_change(site: Site) -> None:
    site.add_account("li", Role.WINDOW)
    browser = site.browser()
    for action in ("/account/password", "/account/sessions/end"):
        token = browser.token("/sign-in")
        answer = browser.client.post(action, data={"form_token": token}, follow_redirects=False)
        assert answer.headers["location"].startswith("/sign-in?"), action


def test_a_browser_is_called_what_people_call_it() -> None:
    names = {
        "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox, Windows",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15": "Safari, macOS",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0": "Edge, Windows",
        "Mozilla/5.0 (Linux; Android 14) Chrome/138.0 Mobile MicroMessenger/8.0": "WeChat, Android",
        "Mozilla/5.0 (iPhone; like Mac OS X) CriOS/138.0 Mobile Safari/604.1": "Chrome, iPhone",
        "curl/8.0": "",
        "": "",
    }
    assert {agent: browser_of(agent) for agent in names} == names
