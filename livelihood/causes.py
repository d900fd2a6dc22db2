"""Why something is not delivered, or cannot be: the texts that say so, with what they name in braces.

Whoever delivers says it in English, for programs, lists and logs; for people the same is said in their
language, with what to do about it, by whoever finds out which of these a text is.
"""

import re
from functools import cache
from typing import NamedTuple

#: The name of a host, and its network.
UNKNOWN_NAME = "{host} leads nowhere: no address is known for it"
FORBIDDEN = "{host} is on a network that nothing is delivered to; `webhook_networks` allows it"
#: The connection.
REFUSED = "the connection was refused"
UNREACHED = "no connection came about: {why}"
NOT_IN_TIME = "no answer within {seconds} seconds"
CLOSED = "the connection ended before there was an answer"
CERTIFICATE = "its certificate is not accepted: {why}"
UNENCRYPTED = "no encrypted connection came about: {why}"
#: The answer.
GONE = "answered 410: it wants nothing any more"
REDIRECT = "answered {status}: a redirect is not followed, register where it leads"
SAID_NO = "answered {status}: {why}"
ANSWERED = "answered {status}"
#: Mail.
MAILBOX = "the mail server refuses this address for good: {why}"
MAIL_LOGIN = "the mail server refuses our user and password: {why}"
MAIL_NOT_TAKEN = "the mail server does not take it: {why}"
MAIL_UNREACHED = "the mail server was not reached: {why}"
NO_MAIL = "no mail server is set; `smtp_url` and `mail_sender` name one"
ONE_ADDRESS = "expected one address, as mailto:head@town.example"
#: A URL.
NO_URL = "expected a URL, as https://town.example/hooks"
HTTPS = "expected https; `webhook_http` allows http"
CREDENTIALS = "leave out user and password: messages are signed"
NO_WAY = "expected https://..., mailto:..., or a URL of Apprise, as wecombot://KEY"
#: Chats.
LOCAL_SERVICE = "{scheme}:// speaks to this machine, not to people elsewhere"
NO_SERVICE = "{scheme}:// is no service that is known, or the rest of the URL is not as that service has it"

#: Of two that a text could be, the first.
ALL = (
    UNKNOWN_NAME, FORBIDDEN, REFUSED, UNREACHED, NOT_IN_TIME, CLOSED, CERTIFICATE, UNENCRYPTED, GONE,
    REDIRECT, SAID_NO, ANSWERED, MAILBOX, MAIL_LOGIN, MAIL_NOT_TAKEN, MAIL_UNREACHED, NO_MAIL, ONE_ADDRESS,
    NO_URL, HTTPS, CREDENTIALS, NO_WAY, LOCAL_SERVICE, NO_SERVICE,
)  # fmt: skip


class Found(NamedTuple):
    """Which cause a text says, and what it names."""

    cause: str
    values: dict[str, str]


def found_in(problem: str) -> Found | None:
    """The cause that a text says; None: it is none of these."""
    for cause in ALL:
        if match := _pattern(cause).fullmatch(problem):
            return Found(cause, match.groupdict())
    return None


@cache
def _pattern(cause: str) -> re.Pattern[str]:
    """What a text of a cause is like."""
    parts = re.split(r"\{(\w+)\}", cause)
    named = (
        f"(?P<{part}>{_LIKE.get(part, '.*')})" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    )
    return re.compile("".join(named), re.DOTALL)


#: What stands in braces, where it is not just anything.
_LIKE = {"status": r"\d+", "seconds": r"[\d.]+", "host": r"\S+", "scheme": r"[^:]*"}
