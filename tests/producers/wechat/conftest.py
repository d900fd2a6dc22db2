"""WeChat as it calls us, over HTTP, by wechatpy's own signatures and encryption; in clear or encrypted."""

import secrets
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx
import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply, deserialize_reply
from wechatpy.utils import WeChatSigner

from cli.settings import Settings
from livelihood.instants import SECOND
from tests.patience import PATIENCE_SECONDS
from tests.sites import Site, running_site

APPID, TOKEN, AES_KEY = "wx0123456789abcdef", "a-token-of-ours", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ZHANG, LI = "oZhang6_openid_of_28_letters", "oLi-wei_openid_of_28_letters"


class Phone:
    """One person's WeChat, and the servers behind it."""

    def __init__(self, site: Site, *, encrypts: bool, openid: str = ZHANG) -> None:
        self.site, self.openid = site, openid
        self.client = httpx.Client(base_url=site.context.public_url, timeout=PATIENCE_SECONDS)
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, APPID) if encrypts else None
        self._ids = count(24_000_000_000_000_001 + secrets.randbelow(10**12))

    def parameters(self, at: int | None = None, token: str = TOKEN) -> dict[str, str]:
        timestamp = str(self.site.now[0] // SECOND if at is None else at)
        nonce = str(secrets.randbelow(10**9))
        signer = WeChatSigner()
        signer.add_data(token, timestamp, nonce)
        return {"timestamp": timestamp, "nonce": nonce, "signature": signer.signature}

    def xml(self, kind: str, message_id: int | None = None, **parts: str) -> str:
        """A message as WeChat writes it."""
        written = {"ToUserName": "gh_account", "FromUserName": self.openid, "MsgType": kind, **parts}
        body = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in written.items())
        number = next(self._ids) if message_id is None else message_id
        body += f"<CreateTime>{self.site.now[0] // SECOND}</CreateTime>"
        return f"<xml>{body}{f'<MsgId>{number}</MsgId>' if number else ''}</xml>"

    def post(self, xml: str, parameters: dict[str, str] | None = None) -> httpx.Response:
        """Call with a message."""
        told = self.parameters() if parameters is None else parameters
        if self.crypto is not None:
            xml = self.crypto.encrypt_message(xml, told["nonce"], told["timestamp"])
            told |= {"msg_signature": xml.partition("<MsgSignature><![CDATA[")[2].partition("]")[0]}
            told["encrypt_type"] = "aes"
        return self.client.post("/wechat", content=xml.encode(), params=told)

    def read(self, answer: httpx.Response) -> str:
        """The text of an answer; empty where it says nothing."""
        assert answer.status_code == 200, answer.text
        if answer.text == "success":
            return ""
        text = answer.text
        if self.crypto is not None:
            parts = dict(answer.request.url.params)
            signature = text.partition("<MsgSignature><![CDATA[")[2].partition("]")[0]
            text = self.crypto.decrypt_message(text, signature, parts["timestamp"], parts["nonce"])
        reply = deserialize_reply(text)
        assert isinstance(reply, TextReply)
        assert (reply.source, reply.target) == ("gh_account", self.openid)
        return str(reply.content)

    def say(self, text: str, message_id: int | None = None) -> str:
        return self.send("text", message_id, Content=text)

    def send(self, kind: str, message_id: int | None = None, **parts: str) -> str:
        return self.read(self.post(self.xml(kind, message_id, **parts)))


@pytest.fixture
def mode() -> str:
    """How messages come; a test may name the other way, or both."""
    return "encrypted"


@pytest.fixture
def account() -> dict[str, Any]:
    """What is configured beside the secrets; tests change it before the site is there."""
    return {"service": "question", "keywords": {"坑": "pothole", "lamp": "street-light"}}


@pytest.fixture
def secret() -> dict[str, str]:
    """What more is set where people are to be told."""
    return {}


@pytest.fixture
def wechat_site(tmp_path: Path, account: dict[str, Any], mode: str, secret: dict[str, str]) -> Iterator[Site]:
    settings = Settings(
        **secret,
        data=tmp_path / "data",
        wechat_appid=APPID,
        wechat_token=TOKEN,
        wechat_aes_key=AES_KEY if mode == "encrypted" else "",
        wechat=account,
    )
    with running_site(settings) as site:
        yield site


@pytest.fixture
def phone(wechat_site: Site, mode: str) -> Iterator[Phone]:
    phone = Phone(wechat_site, encrypts=mode == "encrypted")
    with phone.client:
        yield phone


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Wait for something that must come."""

    def wait(look: Callable[[], Any]) -> Any:
        limit = time.monotonic() + PATIENCE_SECONDS
        while not (found := look()):
            assert time.monotonic() < limit
            time.sleep(0.02)
        return found

    return wait
