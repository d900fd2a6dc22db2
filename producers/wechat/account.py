"""What is configured of a public account."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from livelihood.fields import Code, LanguageCode

#: Where WeChat's own interface is.
API = "https://api.weixin.qq.com"


class Account(BaseModel):
    """A public account, with its secrets as its administration page has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    appid: Annotated[str, StringConstraints(min_length=1)]
    """开发者ID (AppID)."""
    token: Annotated[str, StringConstraints(min_length=3, max_length=32)] = Field(repr=False)
    """服务器配置, 令牌 (Token): what callbacks are signed with."""
    aes_key: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9]{43})?$")] = Field("", repr=False)
    """消息加解密密钥 (EncodingAESKey). With it messages must be encrypted; empty: they come in clear."""
    secret: str = Field("", repr=False)
    """开发者密码 (AppSecret), for telling people of changes; empty: they are told only what they ask."""
    service: Code
    """What a request is of where no word of it says so."""
    keywords: dict[str, Code] = {}
    """Word in a person's text -> service; the first that is there counts, then the services' own titles."""
    channel: Code = "wechat"
    """The channel of its events."""
    language: LanguageCode = "zh"
    """What people are answered in."""
    api: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] = API
    """Where WeChat's interface is reached: another address where a proxy stands before it."""
    template: str = ""
    """The id of a message template, for people WeChat lets be written to in no other way; empty: never."""
