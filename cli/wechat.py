"""The WeChat account that the settings name, as one thing."""

from pydantic import ValidationError

from cli.failures import USAGE, Failure
from cli.settings import Settings
from producers.wechat.account import Account

#: Settings of their own, because they are secret or name the account.
_OWN = ("appid", "token", "aes_key", "secret")


def account_of(settings: Settings) -> Account | None:
    """The account; None where there is none. Failure names the setting that is wrong."""
    if not settings.wechat_appid:
        return None
    own = {name: getattr(settings, f"wechat_{name}") for name in _OWN}
    try:
        return Account(**{**settings.wechat, **own})
    except ValidationError as error:
        # What it was set to may be a secret.
        detail = error.errors(include_url=False, include_input=False)[0]
        first, *rest = map(str, detail["loc"])
        name = f"wechat_{first}" if first in _OWN else ".".join(["wechat", first, *rest])
        raise Failure(f"The setting `{name}`: {detail['msg']}.", USAGE) from None
