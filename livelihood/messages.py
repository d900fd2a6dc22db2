"""Messages: what one subscription is told at a time, as every way of delivery gets it.

A webhook is sent the whole document as it is, by Standard Webhooks: `type`, `timestamp` and `data`. Mail and
chats take their words from `texts`, which are in the subscription's language and complete in themselves.
"""

from datetime import datetime

import msgspec

from livelihood.alerts import Alert

#: The feed of a subscription's messages, before its id in an endpoint's `feed`.
SUBSCRIPTION_FEED = "subscription:"

#: What a message is, its `type`. One alert, or several of one issue of which the last was to be told now:
#: ALERT and that one's kind, as "alert.overdue".
ALERT = "alert."
#: What is told together: TOGETHER and why. "alerts.digest" are those that were to wait for their hour or
#: their morning; "alerts.held" what was held, in quiet hours or while the subscription was paused;
#: "alerts.flood" so many at a time that they are counted and not told one by one.
TOGETHER = "alerts."
#: Nothing happened: somebody tries whether messages arrive.
TEST = "test"


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """The message in words; of each the receiver's way of delivery takes what it can show."""

    #: One line, for the subject of a mail or the title of a card in a chat.
    subject: str
    #: For mail: the whole message, with links written out.
    plain: str
    #: The same as a whole HTML page with its styles inline; it loads nothing.
    html: str
    #: For chats: some lines with the link, without markup, at most SHORTEST characters.
    short: str


#: What fits every chat: WeCom takes 2,048 bytes of text, a Chinese character is three.
SHORTEST = 600


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a message."""

    #: As the topic of alerts carries it; its id is what tells a repeat.
    alert: Alert
    #: What is said of it, in a line.
    text: str
    #: The issue's page.
    link: str


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts of a message are of a department or a kind."""

    #: The catalogue's code of the department, or the kind; `title` in the message's language.
    code: str
    title: str
    count: int


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What the message tells."""

    #: Whose message it is, and what that is called.
    subscription: str
    title: str
    language: str
    #: How many alerts it tells.
    count: int
    #: All of them, by issue in their order; of a flood only the oldest.
    alerts: list[Item]
    by_department: list[Count]
    by_kind: list[Count]
    #: Where all of them are to be seen.
    link: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one subscription."""

    #: The same however often it is made; also the id that a webhook's signature covers.
    id: str
    type: str
    #: When the alert was raised that is told at once; of what is told together, when that was decided.
    timestamp: datetime
    data: Data
    texts: Texts
    #: What belongs together in a mailbox: the same for all messages about one issue, or of one
    #: subscription's digests. Letters and digits only, so that it can stand in a Message-ID.
    thread: str
    #: Ends the subscription: by GET a page that asks, by POST (RFC 8058, `List-Unsubscribe=One-Click`) at
    #: once. Empty: it cannot be ended by whoever receives it.
    unsubscribe: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Message).decode


def body_of(message: Message) -> str:
    """A message as JSON, as it is kept and sent."""
    return _encode(message).decode()


def message_of(body: str | bytes) -> Message:
    """A message read back from its JSON; msgspec.DecodeError where it is none."""
    return _decode(body)
