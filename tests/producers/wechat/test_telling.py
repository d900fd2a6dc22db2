"""People told through WeChat's own interface, which a server of this machine stands for."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from livelihood.instants import HOUR, SECOND
from livelihood.ports import Unavailable
from producers.intake import Intake
from producers.wechat import part
from tests.producers.wechat.conftest import Phone
from tests.producers.wechat.test_callback import receipt_in, staff
from tests.sites import Site


class Api:
    """WeChat's interface: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        #: errcodes of the next answers to messages; then all is well.
        self.answers: list[int] = []
        self.tokens = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the library's name
                asked = parse_qs(urlsplit(self.path).query)
                assert asked["secret"] == ["an-app-secret"]
                api.tokens += 1
                self._answer({"access_token": f"t{api.tokens}", "expires_in": 7200})

            def do_POST(self) -> None:
                address = urlsplit(self.path)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                code = api.answers.pop(0) if api.answers else 0
                if code == 0:
                    api.told.append((address.path, body))
                self._answer({"errcode": code, "errmsg": "" if code == 0 else "no"})

            def _answer(self, document: Any) -> None:
                body = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "Api":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def texts(self) -> list[str]:
        return [body["text"]["content"] for path, body in self.told if path.endswith("/custom/send")]


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as api:
        yield api


@pytest.fixture
def account(api: Api) -> dict[str, Any]:
    return {"service": "pothole", "api": api.url, "template": "T1"}


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(part, "TELL_SECONDS", 0.05)
    monkeypatch.setattr(part, "PAUSE_SECONDS", 0.05)
    return {"wechat_secret": "an-app-secret"}


def asked(phone: Phone, site: Site, until: Any) -> str:
    """A request, made once people are told of what comes from now on."""
    until(lambda: list(site.context.vault.items("wechat-told")))
    receipt = receipt_in(phone.say("幸福路12号门前有个大坑"))
    site.work()
    return receipt


def test_people_are_told_what_becomes_of_their_requests(
    phone: Phone, wechat_site: Site, api: Api, until: Any
) -> None:
    receipt = asked(phone, wechat_site, until)
    issue = receipt.rsplit("-", 2)[0]
    wechat_site.wait(HOUR)
    staff(wechat_site, issue, "accepted")
    until(lambda: len(api.texts) == 1)
    wechat_site.wait(47 * HOUR + SECOND)
    until(lambda: len(api.texts) == 2)
    staff(wechat_site, issue, "resolved", outcome="fixed")
    until(lambda: len(api.texts) == 3)
    accepted, overdue, resolved = api.texts
    assert accepted == f"您的诉求（{receipt}）已由承办单位接件。承诺在 2026年3月6日 10:00 前办结。"
    assert "未能按承诺办结" in overdue
    assert f"/r/{receipt}" in resolved
    assert {body["touser"] for _, body in api.told} == {phone.openid}
    assert api.tokens == 1


def test_nobody_is_told_twice_though_wechat_was_busy_or_the_server_began_anew(
    phone: Phone, wechat_site: Site, api: Api, until: Any
) -> None:
    receipt = asked(phone, wechat_site, until)
    api.answers += [-1, -1]
    staff(wechat_site, receipt.rsplit("-", 2)[0], "accepted")
    until(lambda: len(api.texts) == 1)
    assert not api.answers
    other = receipt_in(phone.say("另一条路上也有大坑"))
    wechat_site.work()
    staff(wechat_site, other.rsplit("-", 2)[0], "accepted")
    until(lambda: len(api.texts) == 2)
    assert [receipt in text for text in api.texts] == [True, False]


def test_whom_wechat_lets_be_written_to_by_a_template_only_is_written_to_by_it(
    phone: Phone, wechat_site: Site, api: Api, until: Any
) -> None:
    receipt = asked(phone, wechat_site, until)
    api.answers += [45015]
    staff(wechat_site, receipt.rsplit("-", 2)[0], "accepted")
    (path, body) = until(lambda: api.told)[0]
    assert path == "/cgi-bin/message/template/send"
    assert (body["template_id"], body["touser"]) == ("T1", phone.openid)
    assert receipt in body["data"]["first"]["value"]
    assert body["url"].endswith(f"/r/{receipt}")


def test_a_message_that_wechat_refuses_does_not_hold_up_the_next(
    phone: Phone, wechat_site: Site, api: Api, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = asked(phone, wechat_site, until)
    api.answers += [43004]
    staff(wechat_site, receipt.rsplit("-", 2)[0], "accepted")
    until(lambda: "WeChat does not pass a message on: 43004" in caplog.text)
    staff(wechat_site, receipt.rsplit("-", 2)[0], "resolved", outcome="fixed")
    assert "已办结" in until(lambda: api.texts)[0]
    assert phone.openid not in caplog.text


def test_what_had_to_wait_for_the_log_is_told_its_receipt_number_when_it_is_registered(
    phone: Phone, wechat_site: Site, api: Api, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "AGAIN_SECONDS", 0.05)
    submit, away = Intake.submit, [True]

    def refuse(self: Intake, prepared: Any) -> Any:
        if away:
            raise Unavailable("the log is away")
        return submit(self, prepared)

    monkeypatch.setattr(Intake, "submit", refuse)
    assert "稍后完成登记" in phone.say("幸福路12号门前有个大坑")
    away.clear()
    (text,) = until(lambda: api.texts)
    assert "承诺在 2026年3月6日 10:00 前办结" in text
    wechat_site.work()
    assert receipt_in(text) in phone.say("查询")
