"""WeCom, DingTalk and Feishu, as their documents say that they answer robots, on this machine."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from backends.webhooks import chat

KEY, TOKEN, SECRET, HOOK = "0d4d4c6a-key", "a1b2c3token", "SEC0123456789abcdef", "0f8e-hook_1"
WECOM, DINGTALK, FEISHU = f"wecombot://{KEY}", f"dingtalk://{SECRET}@{TOKEN}", f"feishu://{HOOK}"

Answer = tuple[int, dict[str, Any]]


def wecom(asked: dict[str, list[str]], _: str, said: dict[str, Any]) -> tuple[Answer, str]:
    if asked.get("key") != [KEY]:
        return (200, {"errcode": 93000, "errmsg": "invalid webhook url"}), ""
    assert said["msgtype"] == "text"
    return (200, {"errcode": 0, "errmsg": "ok"}), said["text"]["content"]


def dingtalk(asked: dict[str, list[str]], _: str, said: dict[str, Any]) -> tuple[Answer, str]:
    (timestamp,), (sign,) = asked["timestamp"], asked["sign"]
    signed = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    if asked.get("access_token") != [TOKEN] or sign != base64.b64encode(signed).decode():
        return (200, {"errcode": 310000, "errmsg": "sign not match"}), ""
    assert said["msgtype"] == "text"
    return (200, {"errcode": 0, "errmsg": "ok"}), said["text"]["content"]


def feishu(_: dict[str, list[str]], path: str, said: dict[str, Any]) -> tuple[Answer, str]:
    if HOOK not in path:
        return (
            200,
            {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}},
        ), ""
    assert said["msg_type"] == "text"
    return (200, {"code": 0, "msg": "success", "data": {}}), said["content"]["text"]


SERVICES: dict[str, Callable[..., tuple[Answer, str]]] = {
    "/cgi-bin/webhook/send": wecom,
    "/robot/send": dingtalk,
    "/open-apis/bot/v2/hook/": feishu,
}


@dataclass
class Chats:
    """All three; `behave` may answer in their place: a status, "hang", "close", or a "flood"."""

    behave: Callable[[], int | str] = lambda: 0
    #: Path, and the text that was shown to people.
    shown: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0
    #: Answers that nobody read to their end.
    cut: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        chats = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                chats.asked += 1
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                parts = urlsplit(self.path)
                behaviour = chats.behave()
                if behaviour == "hang":
                    chats.ended.wait(30)
                elif behaviour == "flood":
                    self.answer(200, b"x" * 50_000_000)
                elif isinstance(behaviour, int) and behaviour:
                    self.answer(behaviour, b"{}")
                elif not behaviour:
                    serve = next((one for path, one in SERVICES.items() if parts.path.startswith(path)), None)
                    answer, text = (
                        ((200, {}), said["message"])
                        if serve is None
                        else serve(parse_qs(parts.query), parts.path, said)
                    )
                    if text:
                        chats.shown.append((parts.path, text))
                    self.answer(answer[0], json.dumps(answer[1]).encode())

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{chats.url}/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    chats.cut += 1

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def chats(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chats]:
    """The services, and a process that believes them to be there."""
    chats = Chats()
    real = chat._environment
    monkeypatch.setattr(chat, "PROGRAM", "tests.backends.webhooks.imitated")
    monkeypatch.setattr(chat, "_environment", lambda: real() | {"IMITATED": chats.url})
    yield chats
    chats.close()
