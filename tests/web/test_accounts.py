"""Accounts and what their roles may do."""

import re
from pathlib import Path

from livelihood.instants import HOUR
from tests.sites import PASSWORD, Site
from web.accounts import OF_DEPARTMENTS, ROLES, Right, Role
from web.sessions import Sessions
from web.users import ANYBODY, user_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accounts.md"


def test_the_page_of_accounts_says_what_each_role_may_do() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {name: set(rights.split(", ")) for name, rights in rows} == {
        role.value: {right.value for right in rights} for role, rights in ROLES.items()
    }


def test_a_role_of_departments_acts_in_its_own_only_and_the_others_everywhere(site: Site) -> None:
    for role in Role:
        site.add_account(role.value, role, "streets")
        account = site.accounts.find(role.value)
        assert account is not None
        user = user_of(account)
        for right in ROLES[role]:
            assert user.may(right, "streets")
            assert user.may(right, "water") is (role not in OF_DEPARTMENTS)
    assert all(ANYBODY.may(right, "water") for right in Right)


def test_a_password_is_kept_as_a_hash_only(site: Site) -> None:
    site.add_account("lin", Role.VIEWER)
    kept = b"".join(value for _, value in site.engine.vault.items("account"))
    assert b"$argon2id$" in kept
    assert PASSWORD.encode() not in kept
    assert site.accounts.verified("lin", PASSWORD) is not None
    assert site.accounts.verified("lin", PASSWORD + "!") is None


def test_the_vault_has_no_cookie_that_opens_a_session(site: Site) -> None:
    site.add_account("lin", Role.VIEWER)
    account = site.accounts.find("lin")
    assert account is not None
    sessions = Sessions(site.engine.vault, site.accounts)
    token = sessions.begin(account, site.now[0])
    kept = b"".join(name.encode() + value for name, value in site.engine.vault.items("session"))
    assert token.encode() not in kept
    assert sessions.find(token, site.now[0] + HOUR) is not None
    assert sessions.end_all("lin") == 1
    assert sessions.find(token, site.now[0]) is None


def test_sessions_that_have_ended_are_not_kept(site: Site) -> None:
    site.add_account("lin", Role.WINDOW)
    account = site.accounts.find("lin")
    assert account is not None
    sessions = Sessions(site.engine.vault, site.accounts)
    sessions.begin(account, site.now[0])
    sessions.begin(account, site.now[0] + 13 * HOUR)
    assert len(list(site.engine.vault.items("session"))) == 1


def test_a_session_under_an_older_password_holds_no_more(site: Site) -> None:
    site.add_account("lin", Role.WINDOW)
    account = site.accounts.find("lin")
    assert account is not None
    sessions = Sessions(site.engine.vault, site.accounts)
    site.accounts.set_password(account, "another long one")
    # Begun by somebody who had proved the old one a moment before.
    assert sessions.find(sessions.begin(account, site.now[0]), site.now[0]) is None
