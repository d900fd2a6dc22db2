"""Who hears of an alert: held to the catalogue and to what people chose, one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.alerts import KINDS
from consumers.subscriptions.matching import Matcher, all_named
from consumers.subscriptions.model import Wanted
from consumers.subscriptions.recipients import url_of
from livelihood.alerts import Alert
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import DAY
from livelihood.promises import Catalogue
from tests.consumers.subscriptions.towns import MORNING, Alerts, kept, subscription
from web.leave import Leave

CITY = parse_catalogue("""
version = "1"
time_zone = "Asia/Shanghai"
calendar = "monday-friday"
[departments]
works = {title = "Works", recipients = ["works@x"], roles = {head = ["wang"]}}
roads = {title = "Roads", parent = "works"}
crew = {title = "Crew", parent = "roads", recipients = ["crew@x", "https://x.example/hook"]}
parks = {title = "Parks"}
[roles]
mayor = ["mayor@x"]
[services]
pothole = {title = "Pothole", department = "crew", standard = "two"}
[standards.two]
resolution = "2 working_days"
escalation = [{after = "1 working_days", to = "head"}, {after = "5 working_days", to = "mayor"}]
""")
CATALOGUE = Catalogue([CITY])
CODES = {"commitment": "streets", "service": "pothole", "area": "north", "channel": "phone"}


def alert(kind: str = "overdue", department: str = "crew", **more: Any) -> Alert:
    return Alerts().raise_(1, kind, MORNING, department=department, **{**CODES, **more})


def heard(one: Alert, *subscriptions: Any, leaves: Any = ()) -> set[str]:
    every = [kept(each) for each in subscriptions]
    matcher = Matcher(every, CATALOGUE, leaves)
    return {each.id for each in subscriptions if matcher.hears(each, one)}


def by_catalogue(address: str) -> Any:
    return subscription(id=address, recipient=address)


@pytest.mark.parametrize(
    ("kind", "department", "level", "expected"),
    [
        ("overdue", "crew", 0, {"crew@x", "https://x.example/hook"}),
        ("due_soon", "roads", 0, {"works@x"}),
        ("overdue", "parks", 0, set()),
        ("escalated", "crew", 1, set()),
        ("escalated", "crew", 2, {"mayor@x"}),
        ("cleared", "crew", 0, {"crew@x", "https://x.example/hook"}),
        ("cleared", "crew", 2, {"crew@x", "https://x.example/hook", "mayor@x"}),
    ],
)
def test_whom_the_catalogue_names_hears_what_is_theirs(
    kind: str, department: str, level: int, expected: set[str]
) -> None:
    to = {0: "", 1: "head", 2: "mayor"}[level]
    one = alert(kind, department, level=level, to=to)
    everybody = [by_catalogue(address) for address in all_named(CITY) if url_of(address)]
    assert heard(one, *everybody) == expected
    # The head is an account, and hears by the first of its own subscriptions, which asked for other things.
    wang = [subscription(id=f"w{number}", account="wang", wanted={"areas": ["south"]}) for number in (1, 2)]
    hears = kind in ("escalated", "cleared") and level > 0 and (kind == "cleared" or to == "head")
    assert heard(one, *wang) == ({"w1"} if hears else set())


def test_the_deputy_hears_what_comes_to_whoever_is_on_leave_and_only_then() -> None:
    one = alert("escalated", level=1, to="head")
    wang = subscription(id="wang", account="wang", wanted={"areas": ["south"]})
    zhao = [subscription(id=f"z{number}", account="zhao", wanted={"areas": ["west"]}) for number in (1, 2)]
    away = Leave(account="wang", deputy="zhao", since=MORNING - DAY, until=MORNING + DAY)
    over = Leave(account="wang", deputy="zhao", since=MORNING - DAY, until=MORNING)
    assert heard(one, wang, *zhao, leaves=[away]) == {"wang", "z1"}
    assert heard(one, wang, *zhao, leaves=[over]) == {"wang"}
    # Also what wang has chosen.
    chosen = subscription(id="wang", account="wang", wanted={"areas": ["north"]})
    assert heard(alert(), chosen, *zhao, leaves=[away]) == {"wang", "z1"}


def test_the_operator_hears_what_nobody_is_told() -> None:
    operator = subscription(id="operator", is_operator=True)
    crew = by_catalogue("crew@x")
    for others, expected in (
        ([], True),
        ([kept(crew)], False),
        ([kept(crew, disabled="answered 410")], True),
        ([kept(subscription(id="a", wanted={"departments": ["parks"]}))], True),
        ([kept(subscription(id="a", wanted={"departments": ["works"]}))], False),
    ):
        matcher = Matcher([kept(operator), *others], CATALOGUE, [])
        assert matcher.hears(operator, alert()) is expected


VALUES = {
    "commitments": ("commitment", ["streets", "water"]),
    "services": ("service", ["pothole", "drain"]),
    "areas": ("area", ["north", "south", ""]),
    "channels": ("channel", ["phone", "app"]),
    "obligations": ("obligation", ["acceptance", "resolution"]),
    "kinds": ("kind", list(KINDS)),
}


@given(data=st.data())
def test_an_alert_is_wanted_when_every_list_that_is_not_empty_has_it(data: st.DataObject) -> None:
    wanted = {
        name: data.draw(st.lists(st.sampled_from([one for one in values if one]), unique=True))
        for name, (_, values) in VALUES.items()
    }
    fields = {field: data.draw(st.sampled_from(values)) for field, values in VALUES.values()}
    level, minimum = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
    stale, wants_stale = data.draw(st.booleans()), data.draw(st.booleans())
    kind = fields.pop("kind")
    one = alert(kind, level=level, stale=stale, **fields)
    expected = (
        all(not codes or {**fields, "kind": kind}[VALUES[name][0]] in codes for name, codes in wanted.items())
        and level >= minimum
        and (wants_stale or not stale)
    )
    limits = Wanted.model_validate({**wanted, "level": minimum, "stale": wants_stale})
    assert limits.holds(one, frozenset({"crew"})) is expected
