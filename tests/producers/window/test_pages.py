"""The window's pages as a browser without scripts uses them: forms, what becomes of them, who sees what."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import segno

from livelihood.histories import read_history
from livelihood.instants import DAY, HOUR, MINUTE, parse
from livelihood.lifecycle import State
from livelihood.personal import looks
from producers.receipts import Receipts
from producers.window.acting import new_once
from producers.window.filing_pages import qr_code
from tests.sites import Browser, Site
from web.accounts import Role

PHONE, NAME, WORDS = "13912345678", "王秀兰", "滨河路小学门口的路灯不亮"


@pytest.fixture
def town(busy_site: Site) -> Site:
    """The site with the accounts of a small town."""
    busy_site.add_account("lin", Role.WINDOW, "streets")
    busy_site.add_account("he", Role.WINDOW, "water")
    busy_site.add_account("wang", Role.SUPERVISOR, "streets", "water")
    busy_site.add_account("mayor", Role.VIEWER)
    return busy_site


def once(page: Any) -> str:
    found = re.search(r'name="once" value="(\w+)"', page.text)
    assert found
    return found[1]


def file(browser: Browser, **fields: str) -> Any:
    fields = {"service": "street-light", "once": once(browser.get("/window/file"))} | fields
    return browser.send("/window/file", "/window/file", **fields)


def issue_of(answer: Any) -> str:
    path = str(answer.url.path)
    assert path.endswith("/receipt"), answer.text
    return path.split("/")[2]


def act(browser: Browser, issue: str, word: str, **fields: str) -> Any:
    form = new_once(datetime(2026, 3, 4, tzinfo=UTC))
    return browser.send(f"/issues/{issue}", f"/issues/{issue}/{word}", once=form, **fields)


def listed(browser: Browser, name: str = "open") -> list[str]:
    return re.findall(r'href="/issues/([^"]+)"', browser.get(f"/window?list={name}").text)


def stands(site: Site, issue: str) -> Any:
    history = read_history(site.context.reader, site.context.catalogue(), issue, None, site.now[0])
    assert history is not None
    assert not [entry.ignored for entry in history.entries if entry.ignored]
    return history


def test_a_request_is_filed_and_its_receipt_has_number_promised_date_and_code(town: Site) -> None:
    receipt = file(town.browser("lin"), area="riverside", urgency="urgent")
    issue = issue_of(receipt)
    history = stands(town, issue)
    assert history.issue.due == parse("2026-03-05T10:00:00+08:00")
    assert "Thu 5 Mar 2026, 10:00" in receipt.text
    number = Receipts(town.engine.vault).number(issue)
    assert number in receipt.text
    assert str(qr_code(f"{town.context.public_url}/r/{number}")) in receipt.text
    fact = history.entries[0].fact
    assert (fact.channel, fact.source, fact.actor) == ("window", "/channels/window", "lin")
    spaced = number.replace("-", " -")
    assert town.browser("lin").client.get("/window/find", params={"q": spaced}).url.path == f"/issues/{issue}"


def test_a_code_on_a_receipt_holds_the_link_and_reads_on_any_ground() -> None:
    svg = str(qr_code("https://x.example/r/1"))
    code = segno.make("https://x.example/r/1", error="m")
    assert svg == code.svg_inline(dark="#000", light="#fff", border=3, omitsize=True)
    assert "style=" not in svg


def test_a_life_can_be_led_at_the_window_alone(town: Site) -> None:
    lin, he, wang = (town.browser(name) for name in ("lin", "he", "wang"))
    issue = issue_of(file(lin))
    steps: list[tuple[Browser, str, dict[str, str], State]] = [
        (lin, "accepted", {}, State.ACCEPTED),
        (lin, "assigned", {"unit": "streets"}, State.ASSIGNED),
        (lin, "paused", {"pause": "waiting-for-parts"}, State.PAUSED),
        (lin, "resumed", {}, State.ASSIGNED),
        (lin, "extension-asked", {"until": "2026-03-12T17:00", "extension": "weather"}, State.ASSIGNED),
        (wang, "extension-granted", {"until": "2026-03-12T17:00"}, State.ASSIGNED),
        (lin, "transfer-offered", {"to": "water"}, State.ASSIGNED),
        (he, "transfer-accepted", {}, State.ACCEPTED),
        (he, "returned", {"return": "wrong-unit"}, State.SUBMITTED),
        (he, "reclassified", {"service": "no-water"}, State.SUBMITTED),
        (lin, "visit-recorded", {}, State.SUBMITTED),
        (lin, "followed-up", {"text_optional": "again"}, State.SUBMITTED),
        (lin, "commented", {"text": "a word"}, State.SUBMITTED),
        (he, "resolved", {"outcome": "fixed", "visits": "1", "text": "done"}, State.RESOLVED),
        (lin, "rated", {"solved": "no", "satisfied": ""}, State.RESOLVED),
        (lin, "reopened", {"reopening": "not-done"}, State.REOPENED),
        (he, "rejected", {"rejection": "decided-before", "text": "as before"}, State.REJECTED),
        (lin, "closed", {"confirmed_call": "yes"}, State.CLOSED),
    ]  # fmt: skip
    for browser, word, fields, state in steps:
        town.now[0] += MINUTE
        page = act(browser, issue, word, **fields)
        assert 'class="notice good"' in page.text, (word, page.text)
        assert stands(town, issue).state is state, word
    history = stands(town, issue)
    assert history.issue.department == "water"
    assert history.issue.solved is False
    assert history.issue.visits == 1
    page = lin.get(f"/issues/{issue}").text
    assert "Extension granted: the deadline moves" in page
    assert "Closed" in page


def test_what_cannot_be_is_said_by_the_field_and_nothing_is_recorded(town: Site) -> None:
    lin = town.browser("lin")
    end = town.engine.log.end(0)
    answer = file(lin, service="", phone="12", email="nobody", on_paper="yes", asked_on="2026-04-01T10:00")
    assert answer.status_code == 422
    wrong = dict(re.findall(r'<a href="#(\w+)">([^<]+)</a>', answer.text))
    assert wrong == {
        "service": "Choose a service.",
        "phone": "A telephone number has at least 5 digits.",
        "email": "An e-mail address has an @ in it.",
        "asked_on": "This is still to come: enter when the person asked.",
    }
    assert 'value="nobody"' in answer.text
    assert town.engine.log.end(0) == end
    issue = issue_of(file(lin))
    for word, fields, said in (
        ("resolved", {"outcome": "perfect", "text": "x"}, "Choose one of the list."),
        ("resolved", {"outcome": "fixed", "text": ""}, "Write a few words."),
        ("extension-asked", {"until": "2026-03-05T10:00", "extension": "weather"}, "It must be later than"),
        ("extension-asked", {"until": "soon", "extension": "weather"}, "Enter a date and a time"),
        ("extension-asked", {"until": "0001-01-01T00:00", "extension": "weather"}, "Enter a date and a time"),
        ("extension-asked", {"until": "9999-12-31T23:00-05:00", "extension": "weather"}, "Enter a date and"),
        ("resolved", {"outcome": "fixed", "visits": "1" * 5_000}, "Enter a number from 0 to 1000"),
        ("withdrawn", {}, "Call the person first"),
        ("merged", {"into": "no id"}, "Enter the id of the other issue"),
    ):
        answer = act(lin, issue, word, **fields)
        assert answer.status_code == 422
        assert said in answer.text
    assert len(stands(town, issue).entries) == 1


def test_a_form_sent_twice_is_one_request_and_one_action(town: Site) -> None:
    lin = town.browser("lin")
    fields = {"once": once(lin.get("/window/file")), "service": "pothole", "text": WORDS}
    first, second = (lin.send("/window/file", "/window/file", **fields) for _ in range(2))
    issue = issue_of(first)
    assert issue_of(second) == issue
    assert "had been sent before" in second.text
    # Gone back, and filled in for somebody else: they are not given this receipt for theirs unsaid.
    other = lin.send("/window/file", "/window/file", **fields | {"service": "street-light"})
    assert issue_of(other) == issue
    assert "nor what was changed in it since" in other.text
    page = lin.get(f"/issues/{issue}")
    fields = {"once": once(page)}
    for _ in range(2):
        answer = lin.send(f"/issues/{issue}", f"/issues/{issue}/accepted", **fields)
        assert "Accepted. The clock goes on" in answer.text
    assert len(stands(town, issue).entries) == 2


def test_what_was_taken_down_on_paper_counts_from_when_the_person_asked(town: Site) -> None:
    answer = file(town.browser("lin"), on_paper="yes", asked_on="2026-03-02T09:30")
    history = stands(town, issue_of(answer))
    assert history.issue.submitted == parse("2026-03-02T09:30:00+08:00")
    assert history.issue.due == parse("2026-03-05T09:30:00+08:00")


def test_one_issue_of_several_services_has_a_part_for_each(town: Site) -> None:
    lin = town.browser("lin")
    page = lin.get("/window/file")
    answer = lin.client.post(
        "/window/file",
        data={"form_token": lin.token("/window/file"), "once": once(page), "service": "birth",
              "parts": ["medical-card", "pension-transfer"]},
    )  # fmt: skip
    issue = issue_of(answer)
    parts = stands(town, issue).issue.parts
    assert list(parts) == [f"{issue}~{number}" for number in (1, 2, 3)]
    services = [stands(town, part).issue.service for part in parts]
    assert services == ["birth", "medical-card", "pension-transfer"]


def test_what_is_personal_is_shown_to_those_allowed_and_each_look_is_recorded(town: Site) -> None:
    lin = town.browser("lin")
    issue = issue_of(file(lin, name=NAME, phone=PHONE, text=WORDS))
    for reader in ("lin", "wang", "he", "mayor"):
        page = town.browser(reader).get(f"/issues/{issue}").text
        assert not [said for said in (NAME, PHONE, WORDS) if said in page]
    assert list(looks(town.engine.vault)) == []
    for reader, status in (("lin", 200), ("wang", 200), ("he", 200), ("mayor", 403)):
        answer = town.browser(reader).send(f"/issues/{issue}", f"/issues/{issue}/personal")
        assert answer.status_code == status
        assert (PHONE in answer.text) is (status == 200)
        town.now[0] += 1
    found = [look.who for look in looks(town.engine.vault, issue)]
    assert found == ["account lin", "account wang", "account he"]
    record = b"".join(record.value for record in town.engine.log.read(0, 0, 100))
    assert not [said for said in (NAME, PHONE, WORDS) if said.encode() in record]


def test_personal_data_of_another_department_and_channel_are_not_shown(town: Site) -> None:
    town.add_account("desk", Role.WINDOW, "water", channel="desk")
    issue = issue_of(file(town.browser("lin"), phone=PHONE))
    answer = town.browser("desk").send(f"/issues/{issue}", f"/issues/{issue}/personal")
    assert answer.status_code == 403
    assert list(looks(town.engine.vault)) == []


def test_a_form_for_what_is_not_offered_is_refused(town: Site) -> None:
    lin, he, mayor = (town.browser(name) for name in ("lin", "he", "mayor"))
    issue = issue_of(file(lin))
    assert act(he, issue, "accepted").status_code == 409
    assert act(lin, issue, "reopened", reopening="not-done").status_code == 409
    assert act(lin, issue, "no-such-thing").status_code == 404
    page = lin.get(f"/issues/{issue}")
    answer = mayor.send("/account", f"/issues/{issue}/accepted", once=once(page))
    assert answer.status_code == 403
    assert len(stands(town, issue).entries) == 1


def test_the_desk_lists_what_is_open_here_due_first_and_what_waits(town: Site) -> None:
    lin, wang = town.browser("lin"), town.browser("wang")
    slow, quick, other = (
        issue_of(file(lin, service=service)) for service in ("street-light", "pothole", "no-water")
    )
    assert listed(lin) == [quick, slow]
    assert sorted(listed(lin, "today")) == sorted([slow, quick, other])
    act(lin, slow, "extension-asked", until="2026-03-20T10:00", extension="more-work")
    act(lin, quick, "transfer-offered", to="water")
    assert listed(wang, "waiting") == [quick, slow]
    assert listed(lin, "waiting") == []
    town.now[0] += 7 * DAY
    lin = town.browser("lin")
    assert "2 issues are overdue." in lin.get("/window").text
    act(lin, slow, "resolved", outcome="fixed", text="done")
    assert listed(lin) == [quick]


def test_a_page_is_said_in_chinese_to_who_reads_chinese(town: Site) -> None:
    lin = town.browser("lin", language="zh-CN")
    issue = issue_of(file(lin))
    page = lin.get(f"/issues/{issue}").text
    assert "可办理的操作" in page
    assert "3 个工作日后" in page
    text = re.sub(r"<(style|script|code|svg).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    names = {"English", "lin", "Asia", "Shanghai"}
    assert set(re.findall(r"[A-Za-z]{3,}", text.replace(issue, ""))) <= names


def test_a_slow_worker_keeps_nobody_waiting_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producers.window.counter.PATIENCE_SECONDS", 0.1)
    answer = file(site.browser())
    assert answer.status_code == 202
    assert "Recorded safely" in answer.text
    site.work()
    assert site.browser().get(str(answer.url.path)).status_code == 200
    site.now[0] += HOUR


def test_an_issues_page_has_its_alerts_and_the_department_of_each_event(town: Site) -> None:
    lin = town.browser("lin")
    issue = issue_of(file(lin))
    assert "Alerts</h2>" not in lin.get(f"/issues/{issue}").text
    town.now[0] += 14 * DAY
    lin = town.browser("lin")
    act(lin, issue, "commented", text="...")
    page = lin.get(f"/issues/{issue}").text
    told = page.partition('id="alerts"')[2].partition("</section>")[0]
    said = " ".join(re.sub(r"<[^>]+>", " ", told).split())
    assert "Overdue not accepted yet" in said
    assert "Overdue not done yet" in said
    assert "Escalated step 1 after the deadline to Head of department" in said
    assert "Service window · Streets and lights · lin" in page


def test_a_reopened_issues_page_explains_the_deadline_of_the_rework_and_the_first_one(town: Site) -> None:
    lin = town.browser("lin")
    issue = issue_of(file(lin))
    act(lin, issue, "resolved", outcome="fixed", text="...")
    town.now[0] += DAY
    lin = town.browser("lin")
    lin.send(
        f"/issues/{issue}", f"/issues/{issue}/reopened",
        once=new_once(datetime(2026, 3, 5, tzinfo=UTC)), reopening="not-done",
    )  # fmt: skip
    page = lin.get(f"/issues/{issue}").text
    rework, first = (
        page.index("How this deadline came about"),
        page.index("How the first deadline came about"),
    )
    assert "Reopened Thu 5 March 2026 10:00" in page[rework:first]
    assert "Opened Wed 4 March 2026 10:00" in page[first:]
