"""Acting by HTTP: what each role may do, what came of it, and what cannot be done."""

from typing import Any

import pytest

from livelihood.histories import read_history
from livelihood.instants import DAY, HOUR, parse
from producers.window.actions import ACTIONS, BY_VERB
from tests.patience import until
from web.accounts import ROLES, Right, Role
from web.leave import Leave, Leaves


class Program:
    """Asks by an account's pass."""

    def __init__(self, town: Any, name: str) -> None:
        self.client = town.site.browser().client
        self.headers = {"accept": "application/json"}
        if name:
            self.headers["authorization"] = f"Bearer {town.token(name)}"

    def may(self, issue: str) -> set[str]:
        answer = self.client.get(f"/v1/issues/{issue}/actions", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return {one["action"] for one in answer.json()["actions"]}

    def act(self, issue: str, action: str, id: str | None = None, **data: Any) -> Any:  # noqa: A002
        body = {"action": action, "data": data, **({"id": id} if id else {})}
        return self.client.post(f"/v1/issues/{issue}/actions", json=body, headers=self.headers)


def history(town: Any, issue: str) -> Any:
    context = town.site.context
    return read_history(context.reader, context.catalogue(), issue, None, town.site.now[0])


@pytest.fixture
def worked(town: Any) -> Any:
    """The town once everything is worked on."""
    until(lambda: all(history(town, issue) is not None for issue in ("LATE", "TODAY", "LATER", "DRAIN")))
    return town


def test_each_role_on_each_action_does_what_its_rights_and_departments_allow(worked: Any) -> None:
    """Every verb by every role, on an issue of its department and on another's: refused, or done."""
    for name, role in (("lin", Role.WINDOW), ("wang", Role.SUPERVISOR), ("zhao", Role.SUPERVISOR),
                       ("mayor", Role.VIEWER), ("ops", Role.OPERATOR), ("chen", Role.ADMIN)):  # fmt: skip
        program = Program(worked, name)
        # A link may not file for people.
        rights = ROLES[role] & {Right.SEE, Right.ACT, Right.DECIDE}
        for issue, department in (("LATER", "streets"), ("DRAIN", "water")):
            allowed = program.may(issue)
            departments = worked.site.accounts.find(name).departments
            is_own = not departments or department in departments
            if Right.ACT in rights and is_own:
                assert {"acknowledge", "accept", "assign", "return", "contest"} <= allowed
            else:
                assert allowed == set()
            for verb in set(BY_VERB) - allowed:
                refused = program.act(issue, verb)
                assert refused.status_code == (409 if BY_VERB[verb].right in rights else 403), (name, verb)
                assert refused.headers["content-type"] == "application/problem+json"
    assert len(history(worked, "LATER").entries) == 1


def test_who_acknowledges_says_by_when_and_it_is_recorded_with_who_and_when(worked: Any) -> None:
    wang = Program(worked, "wang")
    answer = wang.act("LATE", "acknowledge", expected="2026-03-05T12:00:00+08:00")
    assert answer.status_code == 200, answer.text
    assert answer.json()["effect"] is True
    issue = history(worked, "LATE")
    assert issue.issue.expected == parse("2026-03-05T12:00:00+08:00")
    fact = issue.entries[-1].fact
    assert (fact.actor, fact.channel, fact.time) == ("wang", "window", worked.site.now[0])


def test_more_time_is_granted_by_another_and_never_by_who_asked_nor_in_their_place(worked: Any) -> None:
    site, until = worked.site, "2026-03-09T17:00:00+08:00"
    site.add_account("sun", Role.SUPERVISOR, "streets")
    asked = Program(worked, "wang").act("LATER", "ask-extension", until=until, reason="weather")
    assert asked.json()["effect"] is True, asked.text
    again = Program(worked, "wang").act("LATER", "ask-extension", until=until, reason="weather")
    assert "; ask-extension needs a deadline that has not passed" in again.json()["detail"]
    assert Program(worked, "wang").act("LATER", "grant-extension", until=until).status_code == 409
    assert Program(worked, "lin").act("LATER", "grant-extension", until=until).status_code == 403
    # Who stands in for wang decides nothing that wang asked for.
    leave = Leave(account="wang", deputy="zhao", since=site.now[0], until=site.now[0] + DAY)
    Leaves(site.engine.vault, site.accounts).put(leave)
    assert Program(worked, "zhao").act("LATER", "grant-extension", until=until).status_code == 409
    assert Program(worked, "sun").act("LATER", "grant-extension", until=until).json()["effect"] is True
    assert history(worked, "LATER").issue.due == parse(until)


def test_who_stands_in_acts_in_place_while_the_leave_lasts_under_their_own_name(worked: Any) -> None:
    site, zhao = worked.site, Program(worked, "zhao")
    assert zhao.act("LATER", "accept").status_code == 409
    leave = Leave(account="wang", deputy="zhao", since=site.now[0], until=site.now[0] + HOUR)
    Leaves(site.engine.vault, site.accounts).put(leave)
    assert zhao.act("LATER", "accept").json()["effect"] is True
    assert history(worked, "LATER").entries[-1].fact.actor == "zhao"
    site.now[0] += HOUR
    assert zhao.act("LATER", "assign").status_code == 409


def test_a_contest_is_decided_by_somebody_else(worked: Any) -> None:
    lin, wang = Program(worked, "lin"), Program(worked, "wang")
    assert lin.act("LATE", "contest", reason="waited-for-others").json()["effect"] is True
    assert lin.act("LATE", "answer-contest", upheld=True).status_code == 403
    assert "answer-contest" in wang.may("LATE")
    assert wang.act("LATE", "answer-contest", upheld=False).json()["effect"] is True
    assert "answer-contest" not in wang.may("LATE")


def test_the_same_sent_again_does_nothing_more(worked: Any) -> None:
    wang = Program(worked, "wang")
    answers = [wang.act("LATER", "accept", id="once-only").json() for _ in range(2)]
    assert [one["effect"] for one in answers] == [True, True]
    assert len(history(worked, "LATER").entries) == 2
    worked.site.now[0] += HOUR
    assert wang.act("LATER", "accept", id="once-only").json() == answers[0]
    other = wang.act("LATER", "acknowledge", id="once-only")
    assert (other.status_code, other.json()["field"]) == (409, "id")


def test_an_id_that_another_has_used_opens_nothing(worked: Any) -> None:
    """Be it of another channel or of another account: what may be done is looked at all the same."""
    zhao, (submitted,) = Program(worked, "zhao"), history(worked, "LATER").entries
    assert zhao.act("LATER", "accept", id=submitted.fact.id).status_code == 409
    assert Program(worked, "wang").act("LATER", "accept", id="wangs").json()["effect"] is True
    for verb in ("accept", "assign", "take-over", "resolve"):
        assert zhao.act("LATER", verb, id="wangs").status_code in (400, 409)
    assert len(history(worked, "LATER").entries) == 2


def test_what_has_no_effect_says_why(worked: Any) -> None:
    wang = Program(worked, "wang")
    wang.act("LATER", "ask-extension", until="2026-03-09T17:00:00+08:00", reason="weather")
    # Earlier than the deadline: no time is given.
    answer = Program(worked, "chen").act("LATER", "grant-extension", until="2026-03-04T11:00:00+08:00").json()
    assert answer["effect"] is False
    assert answer["why"]


@pytest.mark.parametrize(
    ("body", "status", "field", "said"),
    [
        ({"action": "dance"}, 422, "action", "there is no action 'dance'; there are"),
        ({"action": "return"}, 400, "data.reason", "is missing"),
        ({"action": "acknowledge", "data": {"expected": "soon"}}, 400, "data.expected", ""),
        (
            {"action": "acknowledge", "data": {"expected": "2026-03-03T17:00:00+08:00"}},
            422,
            "data.expected",
            "this has passed",
        ),
        ({"action": "acknowledge", "data": {"by": "monday"}}, 400, "data.by", ""),
        ({"action": "accept", "by": "me"}, 422, "by", ""),
        ({"data": {}}, 422, "action", ""),
        ({"action": "resume"}, 409, None, "the issue is submitted and of streets. What this account can do"),
    ],
)
def test_what_cannot_be_is_said_with_the_field(
    worked: Any, body: dict[str, Any], status: int, field: str | None, said: str
) -> None:
    wang = Program(worked, "wang")
    answer = wang.client.post("/v1/issues/LATER/actions", json=body, headers=wang.headers)
    assert answer.status_code == status, answer.text
    assert answer.json().get("field") == field
    assert said in answer.json()["detail"]


def test_without_a_pass_or_with_one_that_has_ended_nothing_is_shown(worked: Any) -> None:
    assert Program(worked, "").act("LATER", "accept").status_code == 401
    wang = Program(worked, "wang")
    worked.site.now[0] += 7 * DAY
    answer = wang.act("LATER", "accept")
    assert answer.status_code == 401
    assert "has ended" in answer.json()["detail"]
    assert wang.client.get("/v1/issues/LATER/actions").status_code == 401


def test_an_issue_that_is_not_there_is_not_found(worked: Any) -> None:
    assert Program(worked, "wang").act("NOWHERE", "accept").status_code == 404


def test_every_action_has_a_verb_of_its_own() -> None:
    assert len(BY_VERB) == len(ACTIONS)
