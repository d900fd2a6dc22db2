"""Leave: who acts in whose place, from when to when."""

from hypothesis import given
from hypothesis import strategies as st

from livelihood.instants import DAY, HOUR
from livelihood.safekeeping import LEAVES
from tests.sites import Site
from web.accounts import Account, Right, Role
from web.leave import Leave, Leaves
from web.users import IN_PLACE, Grant, User, user_of

DEPARTMENTS = ("streets", "water", "housing")


def account(name: str, role: Role, *departments: str) -> Account:
    return Account(name=name, role=role, departments=frozenset(departments), password="", created=0)


limits = st.sets(st.sampled_from(DEPARTMENTS))


@given(own=limits, theirs=limits, role=st.sampled_from(Role), their_role=st.sampled_from(Role))
def test_who_stands_in_may_what_either_may_and_never_the_one_where_only_the_other_is(
    own: set[str], theirs: set[str], role: Role, their_role: Role
) -> None:
    lin, wang = account("lin", role, *own), account("wang", their_role, *theirs)
    alone, away, both = user_of(lin), user_of(wang), user_of(lin, [wang])
    for right in Right:
        for department in (None, *DEPARTMENTS):
            expected = alone.may(right, department) or (right in IN_PLACE and away.may(right, department))
            assert both.may(right, department) is expected


def test_a_leave_holds_from_its_first_day_to_its_last_and_with_both_accounts(site: Site) -> None:
    for name in ("wang", "zhao"):
        site.add_account(name, Role.SUPERVISOR, "streets")
    leaves, now = Leaves(site.engine.vault, site.accounts), site.now[0]
    leaves.put(Leave(account="wang", deputy="zhao", since=now + DAY, until=now + 2 * DAY))

    def away(at: int) -> list[str]:
        return [one.name for one in leaves.away("zhao", at)]

    moments = (now, now + DAY - 1, now + DAY, now + 2 * DAY - 1, now + 2 * DAY)
    assert [away(at) for at in moments] == [[], [], ["wang"], ["wang"], []]
    assert leaves.find("wang", now) is not None
    assert leaves.find("wang", now + 2 * DAY) is None
    site.accounts.remove("wang")
    assert away(now + DAY) == []


def test_a_deputy_of_a_deputy_stands_in_for_one_only(site: Site) -> None:
    for name in ("wang", "zhao", "qian"):
        site.add_account(name, Role.SUPERVISOR, "streets")
    leaves, now = Leaves(site.engine.vault, site.accounts), site.now[0]
    leaves.put(Leave(account="wang", deputy="zhao", since=now, until=now + DAY))
    leaves.put(Leave(account="zhao", deputy="qian", since=now, until=now + DAY))
    assert [one.name for one in leaves.away("qian", now)] == ["zhao"]


def test_whoever_goes_on_leave_names_a_deputy_on_the_page_of_the_account(site: Site) -> None:
    site.add_account("wang", Role.SUPERVISOR, "streets")
    site.add_account("zhao", Role.SUPERVISOR, "water")
    site.add_account("mayor", Role.VIEWER)
    browser = site.browser("wang")
    page = browser.get("/account").text
    assert ">zhao</option>" in page
    assert ">mayor</option>" not in page
    wrong = browser.send("/account", "/account/leave", deputy="mayor", since="2026-03-09", until="2026-03-05")
    assert wrong.status_code == 422
    assert "Choose one of the list." in wrong.text
    assert "The last day is before the first" in wrong.text
    for day in ("0001-01-01", "9999-12-31"):
        wrong = browser.send("/account", "/account/leave", deputy="zhao", since=day, until=day)
        assert wrong.status_code == 422
        assert "Enter a date" in wrong.text
    browser.send("/account", "/account/leave", deputy="zhao", since="2026-03-04", until="2026-03-05")
    assert "zhao acts and decides in your place" in browser.get("/account").text
    deputy = site.browser("zhao")
    assert "You stand in for wang." in deputy.get("/account").text
    site.now[0] += 10 * HOUR
    browser.send("/account", "/account/leave/end")
    assert site.engine.vault.get(LEAVES, "wang") is None
    assert "You stand in" not in deputy.get("/account").text


def test_a_user_without_anybody_away_has_no_more_names_than_one() -> None:
    assert User(name="lin").names == {"lin"}
    assert User(name="lin", stands_in=(Grant(name="wang"),)).names == {"lin", "wang"}
