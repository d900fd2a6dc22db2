"""Links that open a person's cases: whose they are, until when, and what they cannot do."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livelihood.instants import HOUR, SECOND
from tests.sites import Site
from web.accounts import Role
from web.passes import LASTS, LONGEST, Passes


@pytest.fixture
def wang(site: Site) -> Any:
    site.add_account("wang", Role.SUPERVISOR, "streets")
    return site.accounts.find("wang")


def test_a_pass_holds_until_its_end_and_not_a_second_longer(site: Site, wang: Any) -> None:
    passes, now = Passes(site.engine.vault, site.accounts), site.now[0]
    token = passes.make(wang, now)
    found = passes.read(token, now + LASTS - SECOND)
    assert found is not None
    assert (found.account.name, found.until) == ("wang", now + LASTS)
    assert passes.read(token, now + LASTS) is None
    for length in (0, -1, LONGEST + 1):
        with pytest.raises(ValueError, match="up to 30 days"):
            passes.make(wang, now, length)


def test_no_part_of_a_pass_can_be_changed(site: Site, wang: Any) -> None:
    site.add_account("chen", Role.ADMIN)
    passes, now = Passes(site.engine.vault, site.accounts), site.now[0]
    token = passes.make(wang, now)
    name, end, signature = token.split(".")
    for changed in (
        f"chen.{end}.{signature}", f"{name}.{int(end) + 1}.{signature}", f"{name}.{end}.{signature[:-1]}",
        f"{name}.{end}.", f"{name}.{end}", name, "", "..", f"{name}.-1.{signature}", f"{name}.{'9' * 40}.x",
        f"nobody.{end}.{signature}", f"{name}.{end}.{signature}.",
    ):  # fmt: skip
        assert passes.read(changed, now) is None, changed

    @settings(max_examples=50)
    @given(st.text(max_size=60))
    def nothing_else_is_one(text: str) -> None:
        assert passes.read(text, now) is None
        assert passes.read(f"{name}.{end}.{text}", now) is None

    nothing_else_is_one()


def test_a_programs_pass_is_told_from_a_links_and_opens_no_more_on_pages(site: Site, wang: Any) -> None:
    passes, now = Passes(site.engine.vault, site.accounts), site.now[0]
    link, program = passes.make(wang, now), passes.make(wang, now, is_program=True)
    assert [passes.read(token, now).is_program for token in (link, program)] == [False, True]  # type: ignore[union-attr]
    site.add_account("ops", Role.OPERATOR)
    token = passes.make(site.accounts.find("ops"), now, is_program=True)
    browser = site.browser()
    browser.get(f"/pass/{token}")
    assert browser.get("/operations").status_code == 403


def test_a_pass_ends_with_its_account_and_with_its_password(site: Site, wang: Any) -> None:
    passes, now = Passes(site.engine.vault, site.accounts), site.now[0]
    token = passes.make(wang, now)
    site.accounts.set_password(wang, "another long password")
    assert passes.read(token, now) is None
    token = passes.make(site.accounts.find("wang"), now)
    site.accounts.remove("wang")
    assert passes.read(token, now) is None
    # Nor does it open the account of another person who is given the same name.
    site.now[0] += SECOND
    site.add_account("wang", Role.ADMIN)
    assert passes.read(token, now) is None


def test_a_link_begins_a_session_that_ends_with_it_and_shows_nothing_personal(site: Site, wang: Any) -> None:
    token = Passes(site.engine.vault, site.accounts).make(wang, site.now[0], 2 * HOUR)
    browser = site.browser()
    page = browser.get(f"/pass/{token}")
    assert (page.status_code, page.url.path) == (200, "/cases")
    refused = browser.send("/account", "/issues/A/personal")
    assert refused.status_code == 403
    # It could name somebody who would go on when it has ended.
    assert browser.send("/account", "/account/leave", deputy="chen").status_code == 403
    site.now[0] += 2 * HOUR
    assert browser.get("/cases").url.path == "/sign-in"
    ended = site.browser().get(f"/pass/{token}")
    assert ended.status_code == 410
    assert "This link has ended" in ended.text


def test_a_link_of_ones_own_takes_nothing_from_who_is_signed_in(site: Site, wang: Any) -> None:
    browser = site.browser("wang")
    token = Passes(site.engine.vault, site.accounts).make(wang, site.now[0])
    assert browser.get(f"/pass/{token}").url.path == "/cases"
    site.now[0] += HOUR
    changed = browser.send("/account", "/account/leave", deputy="nobody")
    assert changed.status_code == 422


def test_the_link_of_whoever_only_reads_leads_to_what_can_be_read(site: Site, wang: Any) -> None:
    site.add_account("viewer", Role.VIEWER)
    token = Passes(site.engine.vault, site.accounts).make(site.accounts.find("viewer"), site.now[0])
    answer = site.browser().client.get(f"/pass/{token}", follow_redirects=False)
    assert answer.headers["location"] == "/"
    answer = site.browser().client.get(f"/pass/{token}", params={"next": "//x"}, follow_redirects=False)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["//elsewhere.example", "https://elsewhere.example", "x"])
def test_a_link_leads_nowhere_else(site: Site, wang: Any, wanted: str) -> None:
    token = Passes(site.engine.vault, site.accounts).make(wang, site.now[0])
    answer = site.browser().client.get(f"/pass/{token}", params={"next": wanted}, follow_redirects=False)
    assert answer.headers["location"] == "/cases"
    answer = site.browser().client.get(f"/pass/{token}", params={"next": "/issues/A"}, follow_redirects=False)
    assert answer.headers["location"] == "/issues/A"
