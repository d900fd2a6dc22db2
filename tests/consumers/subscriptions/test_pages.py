"""The pages: subscribing with a test message, what is wrong with a form, given up and sent again, ended."""

import html
import json
import re
from typing import Any

import httpx

from consumers.alerts import KINDS, Told
from consumers.subscriptions.links import Links
from consumers.subscriptions.pace import Bundle
from consumers.subscriptions.writing import Writer
from livelihood.instants import SECOND
from tests.consumers.subscriptions.test_interface import live, pass_days, told
from tests.consumers.subscriptions.towns import CATALOGUE, LANGUAGES, Alerts, subscription
from tests.patience import PATIENCE_SECONDS
from tests.producers.acting.conftest import Town
from tests.sites import Browser

FORM = {
    "kinds": "\n".join(KINDS), "when": "usual", "digest": "morning", "morning": "08:30",
    "time_zone": "Asia/Shanghai", "language": "zh", "level": "0", "stale": "yes",
}  # fmt: skip


def send(browser: Browser, **fields: str) -> Any:
    kinds = fields.pop("kinds", FORM["kinds"]).split()
    data = {**FORM, **fields, "kinds": kinds, "form_token": browser.token("/subscriptions/new")}
    return browser.client.post("/subscriptions/new", data=data)


def text_of(answer: httpx.Response) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", answer.text))


def test_subscribing_sends_a_test_and_shows_the_secret_once(town: Town, receiver: Any) -> None:
    browser = town.site.browser("wang")
    answer = send(browser, url=receiver.url, title="Streets", departments="streets")
    assert answer.status_code == 200, text_of(answer)
    assert "whsec_" in answer.text
    assert [one["type"] for one in told(receiver)] == ["test"]
    listed = browser.get("/subscriptions")
    assert "Streets" in text_of(listed)
    assert "whsec_" not in listed.text
    assert "Streets" not in text_of(town.site.browser("zhao").get("/subscriptions"))
    assert "Streets" in text_of(town.site.browser("ops").get("/subscriptions"))
    (path,) = set(re.findall(r'href="(/subscriptions/sub-\w+)"', listed.text))
    assert "was taken" in text_of(browser.send(path, f"{path}/test"))
    assert "paused" in text_of(browser.send(path, f"{path}/pause"))
    assert "paused" not in text_of(browser.send(path, f"{path}/resume"))
    browser.send(path, f"{path}/remove")
    assert browser.get(path).status_code == 404


def test_what_is_wrong_with_the_form_is_said_at_its_field_in_the_language_of_the_page(
    town: Town, receiver: Any
) -> None:
    for language, said in (("en", "There is no such time zone"), ("zh", "没有这个时区")):
        browser = (
            town.site.browser("wang", language=language) if language == "en" else town.site.browser("wang")
        )
        browser.client.headers["accept-language"] = language
        answer = send(
            browser, url="http://127.0.0.1:9/", time_zone="Mars", line="{who}", quiet_since="9", kinds=""
        )
        assert answer.status_code == 422
        for field in ("kinds", "time_zone", "line", "quiet_since"):
            assert f'id="error-{field}"' in answer.text, field
        assert said in text_of(answer)
        answer = send(browser, url="http://127.0.0.1:9/")
        assert answer.status_code == 422
        assert 'id="error-url"' in answer.text
        assert 'value="http://127.0.0.1:9/"' in answer.text
    assert told(receiver) == []


def test_what_was_given_up_stands_on_the_page_and_is_sent_again_from_there(town: Town, receiver: Any) -> None:
    browser = town.site.browser("wang")
    send(browser, url=receiver.url, when="at-once")
    receiver.behave = lambda _: 500
    town.publish("P-1", "submitted", town.site.now[0], service="pothole", area="riverside")
    town.site.wait(SECOND)
    # A session lasts a working day.
    pass_days(town, 2.2)
    browser = town.site.browser("wang")
    (path,) = set(re.findall(r'href="(/subscriptions/sub-\w+)"', browser.get("/subscriptions").text))
    live(town, lambda: "given up" in text_of(browser.get("/subscriptions")))
    page = browser.get(path)
    assert "answered 500" in text_of(page)
    live(town, lambda: 'name="message"' in browser.get(path).text)
    receiver.behave = lambda _: 200
    assert "tried again" in text_of(browser.send(path, f"{path}/resend"))
    live(town, lambda: "answered 500" not in text_of(browser.get(path)))


def test_one_click_of_a_mail_program_ends_it_and_a_look_does_not(town: Town, receiver: Any) -> None:
    browser = town.site.browser("wang")
    send(browser, url=receiver.url)
    (message,) = told(receiver)
    stranger = httpx.Client(follow_redirects=False, timeout=PATIENCE_SECONDS)
    assert stranger.get(message["unsubscribe"]).status_code == 200
    assert "paused" not in text_of(browser.get("/subscriptions"))
    answer = stranger.post(message["unsubscribe"], data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "paused" in text_of(browser.get("/subscriptions"))
    assert stranger.post(message["unsubscribe"] + "0").status_code == 404
    stranger.close()


def test_a_mail_to_an_account_carries_a_link_to_its_cases_and_nothing_else_does(town: Town) -> None:
    site = town.site
    links = Links(site.engine.vault, site.accounts, site.context.public_url)
    writer = Writer(lambda: CATALOGUE, LANGUAGES, links, lambda: site.now[0])
    alert = Alerts().raise_(1, "overdue", site.now[0])

    def written(**chosen: Any) -> Any:
        return json.loads(writer.of_issue(subscription(**chosen), Bundle((Told(0, 1, alert),))).body)

    assert "/pass/" not in json.dumps(written(account="wang"))
    message = written(account="wang", carries_pass=True)
    assert "/pass/" not in message["texts"]["short"] + json.dumps(message["data"])
    for text in (message["texts"]["plain"], html.unescape(message["texts"]["html"])):
        (link,) = set(re.findall(r"http://\S+/pass/[^\s\"]+", text))
    town.publish("I-1", "submitted", site.now[0], service="pothole", area="riverside")
    site.work()
    page = httpx.get(link, follow_redirects=False, timeout=PATIENCE_SECONDS)
    assert (page.status_code, page.headers["location"]) == (303, "/issues/I-1")
    # It is the account's: removed, nothing is left of it.
    site.accounts.remove("wang")
    assert "/pass/" not in json.dumps(written(account="wang", carries_pass=True))


def test_what_nobody_hears_goes_to_the_operator_and_is_counted(town: Town) -> None:
    # Whom the catalogue names has addresses of mail, and no mail server is set.
    town.publish("P-1", "submitted", town.site.now[0], service="pothole", area="riverside")
    live(town, lambda: "The operator" in text_of(town.site.browser("ops").get("/subscriptions")))
    pass_days(town, 2.2)
    live(
        town,
        lambda: "for nobody but the operator" in text_of(town.site.browser("ops").get("/subscriptions")),
    )
