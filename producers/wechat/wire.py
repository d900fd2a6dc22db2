"""What travels between WeChat and us: signatures, encryption, and messages as XML, by wechatpy."""

import hmac
import struct
from collections.abc import Mapping
from xml.parsers.expat import ExpatError

from wechatpy import parse_message  # type: ignore[import-untyped]
from wechatpy.crypto import WeChatCrypto  # type: ignore[import-untyped]
from wechatpy.exceptions import WeChatException  # type: ignore[import-untyped]
from wechatpy.messages import BaseMessage  # type: ignore[import-untyped]
from wechatpy.replies import TextReply  # type: ignore[import-untyped]
from wechatpy.utils import WeChatSigner  # type: ignore[import-untyped]

from livelihood.instants import MINUTE, SECOND, Instant
from producers.wechat.account import Account
from web.problems import Problem

#: How far a callback's timestamp may be from now: one that is recorded cannot be sent again much later.
MOST_AWAY: Instant = 10 * MINUTE
#: What WeChat takes for an answer that says nothing to the person, and does not ask again.
SUCCESS = "success"

Parameters = Mapping[str, str]

#: Of a timestamp; of thousands Python makes no number.
_MOST_DIGITS = 12


class Wire:
    """Reads callbacks and writes answers for one account."""

    def __init__(self, account: Account) -> None:
        self._token = account.token
        self._crypto = (
            WeChatCrypto(account.token, account.aes_key, account.appid) if account.aes_key else None
        )

    def check(self, parameters: Parameters, now: Instant) -> None:
        """See that WeChat itself calls, and now; a problem, 403, where it does not."""
        timestamp, nonce = parameters.get("timestamp", ""), parameters.get("nonce", "")
        signer = WeChatSigner()
        signer.add_data(self._token, timestamp, nonce)
        if not hmac.compare_digest(signer.signature.encode(), parameters.get("signature", "").encode()):
            raise Problem(403, "signed otherwise than with this account's token", field="signature")
        is_number = timestamp.isdecimal() and len(timestamp) <= _MOST_DIGITS
        if not is_number or abs(int(timestamp) * SECOND - now) > MOST_AWAY:
            raise Problem(403, "signed too long ago, or this machine's clock is wrong", field="timestamp")

    def read(self, parameters: Parameters, body: bytes) -> BaseMessage:
        """The message of a callback that was checked; a problem where it cannot be read."""
        try:
            text = body.decode()
            if self._crypto is not None:
                signature = parameters.get("msg_signature", "")
                text = self._crypto.decrypt_message(
                    text, signature, parameters["timestamp"], parameters["nonce"]
                )
            message = parse_message(text)
            if message is None or not message.source or not message.target:
                raise Problem(400, "expected a message with FromUserName and ToUserName")
            return message
        except WeChatException:
            raise Problem(
                403, "encrypted otherwise than with this account's key", field="msg_signature"
            ) from None
        except (ExpatError, KeyError, TypeError, ValueError, AttributeError, IndexError, struct.error):
            expected = "an encrypted message" if self._crypto is not None else "a message in clear"
            raise Problem(400, f"expected {expected} of WeChat, as XML") from None

    def write(self, text: str, message: BaseMessage, parameters: Parameters) -> str:
        """The answer that says a text to whoever wrote; an empty text says nothing."""
        if not text:
            return SUCCESS
        # The end of a CDATA section in a text would be the end of the text.
        xml = TextReply(message=message, content=text.replace("]]>", "]] >")).render()
        if self._crypto is None:
            return str(xml)
        return str(self._crypto.encrypt_message(xml, parameters["nonce"], parameters["timestamp"]))
