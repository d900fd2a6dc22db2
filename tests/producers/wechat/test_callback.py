"""A person writes to the account: from WeChat's call to the log, and back to the person's phone."""

import json
import re
from threading import Event
from typing import Any

import pytest

from livelihood.instants import DAY, HOUR, MINUTE, SECOND, iso
from livelihood.ports import EVENT, NewRecord, Unavailable
from livelihood.state import unpack
from producers.intake import Intake
from producers.wechat import conversation, part
from tests.producers.wechat.conftest import LI, Phone
from tests.sites import Site


def events(site: Site) -> list[dict[str, Any]]:
    records = site.context.log.read(0, 0, 10_000)
    return [json.loads(record.value) for record in records if record.control == EVENT]


def receipt_in(text: str) -> str:
    found = re.search(r"W[0-9A-Z]{10}-[0-9A-Z]{5}-[0-9A-Z]{5}", text)
    assert found, text
    return found[0]


def staff(site: Site, issue: str, kind: str, **data: Any) -> None:
    """A unit's doing, by another channel."""
    event = {
        "specversion": "1.0",
        "type": f"livelihood.request.{kind}",
        "source": "/channels/window",
        "id": f"{issue}:{kind}:{site.now[0]}",
        "subject": issue,
        "time": iso(site.now[0]),
        "recorded": iso(site.now[0]),
        "channel": "window",
        "data": data,
    }
    site.context.log.append([NewRecord(issue, json.dumps(event).encode())])
    site.work()


@pytest.mark.parametrize("mode", ["clear", "encrypted"])
def test_the_address_is_verified_by_what_wechat_asks_to_be_echoed(phone: Phone) -> None:
    answer = phone.client.get("/wechat", params=phone.parameters() | {"echostr": "<script>7"})
    assert (answer.status_code, answer.text) == (200, "<script>7")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("mode", ["clear", "encrypted"])
def test_nobody_else_is_listened_to(phone: Phone, wechat_site: Site) -> None:
    now = wechat_site.now[0] // SECOND
    forged = phone.parameters(token="another-token")
    old, ahead = phone.parameters(at=now - 3_600), phone.parameters(at=now + 3_600)
    for parameters in (forged, old, ahead, phone.parameters() | {"timestamp": "x"}, {}):
        assert phone.client.get("/wechat", params={**parameters, "echostr": "1"}).status_code == 403
        body = phone.xml("text", Content="幸福路路灯不亮")
        assert phone.client.post("/wechat", content=body, params=parameters).status_code == 403
    assert not events(wechat_site)


def test_what_is_not_encrypted_with_the_accounts_key_is_refused(phone: Phone, wechat_site: Site) -> None:
    parameters = phone.parameters()
    clear = phone.xml("text", Content="幸福路路灯不亮")
    assert phone.client.post("/wechat", content=clear, params=parameters).status_code == 400
    assert phone.crypto is not None
    encrypted = phone.crypto.encrypt_message(clear, parameters["nonce"], parameters["timestamp"])
    wrong = parameters | {"msg_signature": "0" * 40}
    assert phone.client.post("/wechat", content=encrypted, params=wrong).status_code == 403
    assert not events(wechat_site)


RUBBISH = [
    b"",
    b"<xml>",
    b"<a/>",
    b"<xml></xml>",
    b"\xff\xfe",
    b"<xml><MsgType/></xml>",
    b'<!DOCTYPE a [<!ENTITY b "c">]><xml><MsgType>&b;</MsgType></xml>',
]


@pytest.mark.parametrize("mode", ["clear"])
def test_rubbish_is_refused(phone: Phone) -> None:
    for body in RUBBISH:
        answer = phone.client.post("/wechat", content=body, params=phone.parameters())
        assert answer.status_code == 400, body
        assert answer.json()["detail"].startswith("expected a message")


@pytest.mark.parametrize("mode", ["clear", "encrypted"])
def test_a_text_becomes_a_request_with_a_receipt_and_a_promised_date(phone: Phone, wechat_site: Site) -> None:
    said = phone.say("幸福路12号门前有个大坑，电话13812345678")
    receipt = receipt_in(said)
    # A Wednesday morning and two working days: Friday.
    assert "事项：道路坑洼" in said
    assert "承诺在 2026年3月6日 10:00 前办结" in said
    (event,) = events(wechat_site)
    assert event["subject"] == receipt.rsplit("-", 2)[0]
    assert event["data"]["service"] == "pothole"
    assert event["data"]["personal"].startswith("sealed.")
    opened = wechat_site.context.sealer.open(event["data"]["personal"], event["subject"])
    assert opened == {"openid": phone.openid, "text": "幸福路12号门前有个大坑，电话13812345678"}
    assert phone.openid not in json.dumps(event)
    wechat_site.work()
    (state,) = wechat_site.context.reader.states([event["subject"]])
    assert state == event["subject"]


def test_a_message_that_is_sent_again_is_the_same_request_with_the_same_answer(
    phone: Phone, wechat_site: Site
) -> None:
    answers = {phone.say("东山镇下水道堵塞", 24_123) for _ in range(3)}
    assert len(answers) == 1
    wechat_site.work()
    assert phone.say("东山镇下水道堵塞", 24_123) in answers
    assert len(events(wechat_site)) == 1
    assert receipt_in(phone.say("东山镇下水道堵塞", 24_124)) not in answers.pop()


def test_its_words_say_which_service_it_is_about(phone: Phone, wechat_site: Site) -> None:
    asked = {
        "幸福路路灯不亮了": "street-light",
        "The LAMP is dark": "street-light",
        "路上有坑": "pothole",
        "我想问养老的事情": "question",
    }
    for text in asked:
        phone.say(text)
    assert [event["data"]["service"] for event in events(wechat_site)] == list(asked.values())


def test_what_asks_for_nothing_is_answered_with_how_to_ask(phone: Phone, wechat_site: Site) -> None:
    for text in ("你好", "帮助", "?", "在吗", "好", "  "):
        assert "请用文字描述您的诉求" in phone.say(text)
    assert not events(wechat_site)


def test_who_subscribes_is_greeted_and_other_events_are_taken_in_silence(phone: Phone) -> None:
    assert "欢迎关注" in phone.send("event", 0, Event="subscribe")
    assert phone.send("event", 0, Event="unsubscribe") == ""
    assert phone.send("event", 0, Event="LOCATION", Latitude="30", Longitude="120", Precision="1") == ""


@pytest.mark.parametrize("mode", ["clear", "encrypted"])
def test_a_receipt_number_is_looked_up_and_a_wrong_one_is_not(phone: Phone, wechat_site: Site) -> None:
    receipt = receipt_in(phone.say("幸福路12号门前有个大坑"))
    wechat_site.work()
    for text in (
        f"查询 {receipt}",
        f"查询{receipt.lower()}",
        f"status {receipt}",
        f"查询：{receipt}",
        "查询",
    ):
        said = phone.say(text)
        assert f"回执号：{receipt}" in said, text
        assert "承诺办结时间：2026年3月6日 10:00" in said
    assert "没有这个回执号" in phone.say("查询 W0000000000-AAAAA-BBBBB")
    assert len(events(wechat_site)) == 1


@pytest.mark.parametrize("mode", ["clear"])
def test_look_ups_are_limited_for_each_person(
    phone: Phone, wechat_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "LOOK_UPS_PER_MINUTE", 3)
    said = [phone.say("查询 W0000000000-AAAAA-BBBBB") for _ in range(5)]
    assert "请一分钟后再试" in said[-1]
    other = Phone(wechat_site, encrypts=False, openid=LI)
    with other.client:
        assert "没有查到您的诉求" in other.say("查询")


def test_after_it_is_done_the_person_says_whether_they_are_satisfied(phone: Phone, wechat_site: Site) -> None:
    assert "没有已办结" in phone.say("满意")
    receipt = receipt_in(phone.say("幸福路12号门前有个大坑"))
    wechat_site.work()
    assert "没有已办结" in phone.say("不满意")
    wechat_site.wait(HOUR)
    staff(wechat_site, receipt.rsplit("-", 2)[0], "resolved", outcome="fixed")
    assert "办理结果：已解决" in phone.say("查询")
    assert f"{receipt}：不满意" in phone.say("不满意！")
    assert f"{receipt}：满意" in phone.say("满意")
    rated = [event["data"] for event in events(wechat_site) if event["type"].endswith(".rated")]
    assert [data["satisfied"] for data in rated] == [False, True]
    other = Phone(wechat_site, encrypts=phone.crypto is not None, openid=LI)
    with other.client:
        assert "没有已办结" in other.say("满意")


def test_a_place_and_pictures_are_added_to_what_was_just_asked_for(phone: Phone, wechat_site: Site) -> None:
    place = {"Location_X": "30.274512", "Location_Y": "120.155123", "Scale": "16"}
    assert "请先用文字描述" in phone.send("location", **place, Label="明川市老城街道幸福路12号")
    assert "请先用文字描述" in phone.send("image", MediaId="m1", PicUrl="http://x/1")
    receipt = receipt_in(phone.say("门前有个大坑"))
    wechat_site.work()
    assert receipt in phone.send("location", **place, Label="明川市老城街道幸福路12号")
    for number in ("m1", "m2"):
        wechat_site.wait(SECOND)
        assert receipt in phone.send("image", MediaId=number, PicUrl="http://x/1")
    wechat_site.work()
    changes = [event["data"]["changes"] for event in events(wechat_site)[1:]]
    assert changes[0]["latitude"]["new"] == 30.275
    assert changes[0]["area"]["new"] == "old-town"
    first, second = "wechat:media/m1", "wechat:media/m2"
    assert changes[2]["attachments"] == {"old": [first], "new": [first, second]}
    assert "幸福路" not in json.dumps(events(wechat_site), ensure_ascii=False)
    issue = receipt.rsplit("-", 2)[0]
    assert unpack(wechat_site.context.reader.states([issue])[issue]).issue.area == "old-town"
    wechat_site.wait(HOUR)
    assert "请先用文字描述" in phone.send("image", MediaId="m3", PicUrl="http://x/1")


def test_speech_that_wechat_has_made_into_text_is_a_text(phone: Phone, wechat_site: Site) -> None:
    receipt_in(phone.send("voice", MediaId="v", Format="amr", Recognition="老城街道路灯不亮"))
    assert "请用文字描述您的诉求" in phone.send("voice", MediaId="v", Format="amr")
    assert len(events(wechat_site)) == 1


@pytest.fixture
def english(account: dict[str, Any]) -> None:
    account["language"] = "en"


@pytest.mark.parametrize("mode", ["clear"])
def test_an_account_may_answer_in_english(english: None, phone: Phone, wechat_site: Site) -> None:
    said = phone.say("The lamp in front of 12 Happiness Road is out")
    assert "Promised by 9 March 2026, 10:00" in said
    wechat_site.work()
    assert "waiting to be taken on" in phone.say("status")


@pytest.mark.parametrize("mode", ["clear"])
def test_when_the_log_cannot_take_it_in_time_it_is_kept_and_registered_later(
    phone: Phone, wechat_site: Site, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    monkeypatch.setattr(part, "AGAIN_SECONDS", 0.05)
    submit = Intake.submit
    away = [True]

    def refuse(self: Intake, prepared: Any) -> Any:
        if away:
            raise Unavailable("the log is away")
        return submit(self, prepared)

    monkeypatch.setattr(Intake, "submit", refuse)
    said = phone.say("幸福路12号门前有个大坑，电话13812345678", 24_900)
    assert "稍后完成登记" in said
    assert phone.say("幸福路12号门前有个大坑，电话13812345678", 24_900) == said
    kept = dict(wechat_site.context.vault.items("wechat-waiting"))
    assert list(kept) == ["24900"]
    assert b"13812345678" not in kept["24900"]
    away.clear()
    (event,) = until(lambda: events(wechat_site))
    opened = wechat_site.context.sealer.open(event["data"]["personal"], event["subject"])
    assert opened is not None
    assert opened["text"].endswith("13812345678")
    until(lambda: not list(wechat_site.context.vault.items("wechat-waiting")))
    wechat_site.work()
    assert receipt_in(phone.say("查询")).startswith(event["subject"])


@pytest.mark.parametrize("mode", ["clear"])
def test_a_log_that_is_slow_does_not_keep_wechat_waiting(
    phone: Phone, wechat_site: Site, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    monkeypatch.setattr(conversation, "LOG_SECONDS", 0.05)
    append = wechat_site.context.log.append
    open_again = Event()

    def slowly(records: Any) -> Any:
        assert open_again.wait(60)
        return append(records)

    monkeypatch.setattr(wechat_site.context.log, "append", slowly)
    assert "稍后完成登记" in phone.say("幸福路12号门前有个大坑")
    open_again.set()
    until(lambda: not list(wechat_site.context.vault.items("wechat-waiting")))
    # What the slow log took after all, and what was kept, are one event.
    wechat_site.work()
    assert len({event["id"] for event in events(wechat_site)}) == 1
    assert not wechat_site.context.topics.outgoing("dead_letter", 0, 0, 10)


def test_a_request_of_yesterday_is_still_found(phone: Phone, wechat_site: Site) -> None:
    receipt = receipt_in(phone.say("幸福路12号门前有个大坑"))
    wechat_site.wait(DAY + MINUTE)
    assert receipt in phone.say("查询")
