"""Signing in through a provider that runs, and through one that lies."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from argon2 import PasswordHasher
from pydantic import ValidationError

from cli.settings import Settings
from livelihood.instants import MINUTE
from tests.patience import PATIENCE_SECONDS
from tests.provider import CLIENT, SECRET, TITLE, TestProvider, provider
from tests.sites import Browser, Site, running_site
from web.accounts import Role
from web.provider import CALLBACK, ProviderSettings
from web.provider_accounts import departments_of, role_of
from web.provider_sign_in import BEGIN

__all__ = ["provider"]

RIGHTS = {
    "title": TITLE,
    "role_claim": "realm.roles",
    "roles": {"keepers": "admin", "streets-team": "supervisor", "staff": "viewer"},
    "department_claim": "units",
    "departments": {"U-7": "streets", "U-9": "water"},
}
MAYOR = {"sub": "m-1", "preferred_username": "Mayor", "realm": {"roles": ["staff"]}}
WANG = {
    "sub": "w-2", "preferred_username": "wang", "realm": {"roles": ["staff", "streets-team"]},
    "units": ["U-7", "U-0"],
}  # fmt: skip


@pytest.fixture
def site(provider: TestProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("web.accounts.PasswordHasher", lambda: quick)
    settings = Settings(
        data=tmp_path / "data", oidc_issuer=provider.url, oidc_client=CLIENT, oidc_secret=SECRET, oidc=RIGHTS
    )
    with running_site(settings) as made:
        # Whatever is tried, somebody with an account is there.
        made.add_account("local", Role.ADMIN)
        yield made


def come(site: Site, wanted: str = "/account") -> tuple[Browser, httpx.Response]:
    """Go through the provider, as a browser does."""
    browser = site.browser()
    return browser, browser.get(f"{BEGIN}?{urlencode({'next': wanted})}")


def is_signed_in(browser: Browser) -> bool:
    return str(browser.get("/account").url.path) == "/account"


def test_whoever_the_provider_names_is_signed_in_with_the_role_it_gives(
    site: Site, provider: TestProvider
) -> None:
    page = site.browser().get("/sign-in").text
    assert f"Sign in with {TITLE}" in page
    provider.person = WANG
    _, answer = come(site, "/account")
    assert answer.status_code == 200
    assert answer.url.path == "/account"
    account = site.accounts.find("wang")
    assert account is not None
    assert (account.role, account.departments) == (Role.SUPERVISOR, {"streets"})
    assert account.identity == f"{provider.url} w-2"
    assert not provider.refused
    # Each sign-in has its own.
    first = dict(provider.asked)
    come(site)
    assert {first[name] for name in ("state", "nonce", "code_challenge")}.isdisjoint(
        provider.asked[name] for name in ("state", "nonce", "code_challenge")
    )
    assert len(list(site.accounts.all())) == 2


def test_what_the_provider_says_holds_from_the_next_sign_in(site: Site, provider: TestProvider) -> None:
    provider.person = WANG
    browser, _ = come(site)
    provider.person = {**WANG, "realm": {"roles": ["staff"]}}
    come(site)
    account = site.accounts.find("wang")
    assert account is not None
    assert (account.role, account.departments) == (Role.VIEWER, frozenset())
    # In the sessions that were there before, too.
    assert browser.get("/cases").status_code == 403


def test_a_name_that_somebody_has_here_gives_nobody_their_account(site: Site, provider: TestProvider) -> None:
    provider.person = {**MAYOR, "preferred_username": "local"}
    browser, _ = come(site)
    assert is_signed_in(browser)
    local = site.accounts.find("local")
    assert local is not None
    assert not local.identity
    (made,) = [one for one in site.accounts.all() if one.identity]
    assert made.name.startswith("local-")
    assert made.role is Role.VIEWER
    # Nor is there a password by which anybody else comes in.
    assert site.accounts.verified(made.name, "") is None
    assert browser.send("/account", "/account/password", old="", new="another long one").status_code == 403


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "x", "realm": {"roles": []}},
        {"sub": "x"},
        {"sub": "x", "realm": "staff"},
        # Of departments, and none that is known here: that must not become all.
        {"sub": "x", "realm": {"roles": ["streets-team"]}, "units": ["U-0"]},
        {"sub": "x", "realm": {"roles": ["streets-team"]}},
    ],
)
def test_whoever_has_no_role_here_is_told_and_gets_no_account(
    site: Site, provider: TestProvider, person: dict[str, Any]
) -> None:
    provider.person = person
    browser, answer = come(site)
    assert answer.status_code == 403
    assert "gives you no role here" in answer.text
    assert not is_signed_in(browser)
    assert [one.name for one in site.accounts.all()] == ["local"]


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"at_hash": "of another token"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_not_taken(
    site: Site, provider: TestProvider, lies: dict[str, Any]
) -> None:
    provider.person, provider.lies = MAYOR, lies
    browser, answer = come(site)
    assert answer.status_code == 403
    assert "You were not signed in" in answer.text
    assert not is_signed_in(browser)


@pytest.mark.parametrize("signs", ["other key", "none", "by the public key"])
def test_a_token_that_the_provider_has_not_signed_is_not_taken(
    site: Site, provider: TestProvider, signs: str
) -> None:
    provider.person, provider.signs = MAYOR, signs
    browser, answer = come(site)
    assert answer.status_code == 403
    assert not is_signed_in(browser)


def test_a_provider_may_change_its_keys(site: Site, provider: TestProvider, monkeypatch: Any) -> None:
    provider.person = MAYOR
    come(site)
    provider.turn_over()
    # A key that is not known is asked for seldom, whoever sends what.
    browser, answer = come(site)
    assert answer.status_code == 403
    monkeypatch.setattr("web.provider.KEYS_SECONDS", 0.0)
    browser, _ = come(site)
    assert is_signed_in(browser)


def test_an_answer_is_taken_only_in_the_browser_that_asked_and_once(
    site: Site, provider: TestProvider
) -> None:
    provider.person = MAYOR
    browser, stranger = site.browser(), site.browser()
    asked = browser.client.get(BEGIN, follow_redirects=False).headers["location"]
    back = httpx.get(asked, follow_redirects=False, timeout=PATIENCE_SECONDS).headers["location"]
    path = back.removeprefix(site.context.public_url)
    assert path.startswith(CALLBACK)
    # Somebody who is led there with a code of another's.
    assert stranger.get(path).status_code == 400
    stranger.client.get(BEGIN, follow_redirects=False)
    assert stranger.get(path).status_code == 400
    # A state that was changed, and an answer of another provider.
    assert browser.get(path.replace("state=", "state=x")).status_code == 400
    assert browser.get(path.replace("iss=", "iss=x")).status_code == 400
    assert browser.get(path).url.path != CALLBACK
    assert is_signed_in(browser)
    assert browser.get(path).status_code == 400


def test_a_sign_in_that_took_too_long_is_begun_again(site: Site, provider: TestProvider) -> None:
    provider.person = MAYOR
    browser = site.browser()
    asked = browser.client.get(BEGIN, follow_redirects=False).headers["location"]
    back = httpx.get(asked, follow_redirects=False, timeout=PATIENCE_SECONDS).headers["location"]
    site.now[0] += 16 * MINUTE
    assert browser.get(back.removeprefix(site.context.public_url)).status_code == 400


def test_whoever_breaks_it_off_is_told(site: Site, provider: TestProvider) -> None:
    provider.breaks_off = "access_denied"
    _, answer = come(site)
    assert answer.status_code == 403
    assert "You were not signed in" in answer.text


@pytest.mark.parametrize("wanted", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere"])
def test_it_leads_nowhere_else(site: Site, provider: TestProvider, wanted: str) -> None:
    provider.person = MAYOR
    _, answer = come(site, wanted)
    assert str(answer.url).startswith(site.context.public_url)


def test_who_signs_out_hears_that_the_provider_has_a_session_of_its_own(
    site: Site, provider: TestProvider
) -> None:
    provider.person = MAYOR
    browser, _ = come(site)
    page = browser.send("/account", "/sign-out")
    assert page.url.path == "/signed-out"
    assert f"{provider.url}/end?client_id={CLIENT}" in page.text
    assert not is_signed_in(browser)
    site.browser("local").send("/account", "/sign-out")


def test_a_provider_that_is_away_leaves_the_passwords(tmp_path: Path, monkeypatch: Any) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("web.accounts.PasswordHasher", lambda: quick)
    settings = Settings(data=tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client=CLIENT, oidc=RIGHTS)
    with running_site(settings) as site:
        site.add_account("local", Role.ADMIN)
        answer = site.browser().get(BEGIN)
        assert answer.status_code == 503
        assert "does not answer" in answer.text
        assert is_signed_in(site.browser("local"))


def test_a_provider_that_calls_itself_otherwise_is_not_the_one(site: Site, provider: TestProvider) -> None:
    provider.url = "https://elsewhere.example"
    assert site.browser().get(BEGIN).status_code == 503


def test_an_issuer_in_clear_is_taken_on_this_machine_only() -> None:
    with pytest.raises(ValidationError, match="must begin with https"):
        ProviderSettings(issuer="http://id.town.example", client="x")
    assert ProviderSettings(issuer="https://id.town.example/realms/town", client="x").roles == {}


def test_of_several_roles_the_one_that_stands_first_in_the_settings_counts() -> None:
    def role(order: tuple[str, ...], otherwise: Role | None = None) -> Role | None:
        roles = {name: Role(name) for name in order}
        settings = ProviderSettings(issuer="https://x.example", client="x", roles=roles, role=otherwise)
        return role_of(settings, {"groups": ["viewer", "admin"]})

    assert role(("admin", "viewer")) is Role.ADMIN
    assert role(("viewer", "admin")) is Role.VIEWER
    assert role(("window",)) is None
    assert role(("window",), Role.OPERATOR) is Role.OPERATOR


def test_the_page_of_signing_in_lists_what_can_be_set() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "sign-in.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    own = {"issuer", "client", "secret"}
    assert sorted(listed) == sorted(set(ProviderSettings.model_fields) - own)


def test_a_claim_may_be_a_text_or_have_dots_in_its_own_name() -> None:
    dotted = "https://town.example/units"
    settings = ProviderSettings(issuer="https://x.example", client="x", department_claim=dotted)
    assert departments_of(settings, {dotted: "streets"}) == {"streets"}
    assert departments_of(settings, {dotted: ["streets", 7, None]}) == {"streets"}
    assert departments_of(settings, {}) == frozenset()
