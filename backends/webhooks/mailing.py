"""E-mail: a message as a letter in plain text and HTML, handed to the town's own mail server."""

import re
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from hashlib import blake2b
from urllib.parse import unquote, urlsplit

import aiosmtplib
import anyio
import msgspec

from backends.webhooks.failures import said_of
from backends.webhooks.sending import Outcome
from livelihood.causes import (
    MAIL_LOGIN,
    MAIL_NOT_TAKEN,
    MAIL_UNREACHED,
    MAILBOX,
    NOT_IN_TIME,
    ONE_ADDRESS,
    UNENCRYPTED,
)
from livelihood.endpoints import Endpoint
from livelihood.messages import Message, message_of

SCHEME = "mailto"
#: An attempt as a whole, and each answer of the server.
ATTEMPT_SECONDS, ANSWER_SECONDS = 60.0, 15.0
#: The longest address there is (RFC 5321).
_LONGEST_ADDRESS = 254
#: One address of a named domain: no list, no literal address, nothing that could end a header line.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]"
    r"[A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The server that takes letters, and who they are from."""

    host: str
    port: int
    #: From the first byte on; else it is switched to where the server offers it.
    is_encrypted: bool
    user: str = ""
    password: str = ""
    #: As people see it, with or without a name: Hotline <alerts@town.example>.
    sender: str
    #: The authorities to trust, where they are others than the machine's.
    tls: ssl.SSLContext | None = None

    @property
    def address(self) -> str:
        """Theirs, without the name."""
        return parseaddr(self.sender)[1]

    @property
    def domain(self) -> str:
        """What ids of letters end with."""
        return self.address.partition("@")[2]


def mail_server(url: str, sender: str) -> MailServer | None:
    """The server of a URL, smtp:// or smtps://; None where both are empty. ValueError says what is wrong."""
    if not url and not sender:
        return None
    if not url or not sender:
        raise ValueError("smtp_url and mail_sender are set together, or neither")
    if not _ADDRESS.fullmatch(parseaddr(sender)[1]) or not sender.isprintable():
        raise ValueError("mail_sender: expected an address, as Hotline <alerts@town.example>")
    try:
        parsed = urlsplit(url)
        port = parsed.port
    except ValueError:
        raise ValueError(_EXPECTED) from None
    if parsed.scheme not in ("smtp", "smtps") or not parsed.hostname or parsed.path.strip("/"):
        raise ValueError(_EXPECTED)
    is_encrypted = parsed.scheme == "smtps"
    return MailServer(
        host=parsed.hostname,
        port=port or (465 if is_encrypted else 587),
        is_encrypted=is_encrypted,
        user=unquote(parsed.username or ""),
        password=unquote(parsed.password or ""),
        sender=sender,
    )


_EXPECTED = "smtp_url: expected smtp://user:password@mail.town.example:587, or smtps://"


def recipient_of(url: str) -> str:
    """The address of a mailto: URL; ValueError where it is none, or more than that."""
    scheme, _, address = url.partition(":")
    address = unquote(address)
    if scheme.lower() != SCHEME or len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise ValueError(ONE_ADDRESS)
    return address


class MailSender:
    """Sends letters, each over a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, endpoint: Endpoint, identity: str, body: str) -> Outcome:
        """Try once. Delivered means that the server has taken it on."""
        server = self._server
        try:
            recipient = recipient_of(endpoint.url)
            letter = letter_of(identity, message_of(body), recipient, server)
        except (ValueError, msgspec.DecodeError) as error:
            return Outcome(f"cannot be sent by mail: {error}"[:200])
        try:
            with anyio.fail_after(ATTEMPT_SECONDS):
                await aiosmtplib.send(
                    # As bytes: it would be written anew by another policy.
                    letter.as_bytes(),
                    sender=server.address,
                    recipients=[recipient],
                    hostname=server.host,
                    port=server.port,
                    username=server.user or None,
                    password=server.password or None,
                    use_tls=server.is_encrypted,
                    # A password never goes in clear.
                    start_tls=False if server.is_encrypted else True if server.user else None,
                    tls_context=server.tls,
                    timeout=ANSWER_SECONDS,
                )
        except TimeoutError:
            late = NOT_IN_TIME.format(seconds=f"{ANSWER_SECONDS:.0f}")
            return Outcome(MAIL_UNREACHED.format(why=late))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _outcome(error, server.host)
        return Outcome()


def letter_of(identity: str, message: Message, recipient: str, server: MailServer) -> EmailMessage:
    """A message as a letter.

    Its Message-ID is made of the message's, so that a repeat is recognised; all letters of one thread answer
    one that was never sent, which is how mail programs keep them together whichever of them came first.
    """
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = server.sender
    letter["To"] = recipient
    letter["Subject"] = " ".join(message.texts.subject.split())
    letter["Date"] = format_datetime(message.timestamp)
    letter["Message-ID"] = _mail_id("message", identity, server)
    if message.thread:
        thread = _mail_id("thread", f"{message.data.subscription}/{message.thread}", server)
        letter["In-Reply-To"] = letter["References"] = thread
    if message.unsubscribe:
        letter["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        # RFC 8058: the mail program ends it by one POST, and asks no more; it is defined for https only.
        if message.unsubscribe.startswith("https:"):
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.texts.plain)
    letter.add_alternative(message.texts.html, subtype="html")
    return letter


class _Policy(EmailPolicy):
    """Python's own folding writes a long id or URL in a code that mail programs take for neither."""

    _UNFOLDED = frozenset({"in-reply-to", "references", "list-unsubscribe"})

    def fold(self, name: str, value: str) -> str:
        """A header as text."""
        if name.lower() in self._UNFOLDED:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """A header as bytes."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


#: Any mail server takes seven bits.
_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit")


def _mail_id(what: str, identity: str, server: MailServer) -> str:
    digest = blake2b(identity.encode(), digest_size=16).hexdigest()
    return f"<{what}.{digest}@{server.domain}>"


def _outcome(error: Exception, host: str) -> Outcome:
    """What came of an attempt that failed.

    An address that is refused with a code of 5xx is refused for good (RFC 5321); what is wrong between the
    servers, also with such a code, may be put right in an hour.
    """
    is_of_recipient = isinstance(error, aiosmtplib.SMTPRecipientsRefused)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = f"{error.code} {' '.join(error.message.split())}"[:_SAID_SYMBOLS]
        is_final = is_of_recipient and error.code >= _FOR_GOOD
        is_login = isinstance(error, aiosmtplib.SMTPAuthenticationError)
        cause = MAILBOX if is_final else MAIL_LOGIN if is_login else MAIL_NOT_TAKEN
        return Outcome(cause.format(why=said), is_final=is_final)
    if isinstance(error, TimeoutError):
        why = NOT_IN_TIME.format(seconds=f"{ANSWER_SECONDS:.0f}")
    elif isinstance(error, aiosmtplib.SMTPNotSupported):
        why = UNENCRYPTED.format(why="STARTTLS")
    else:
        why = said_of(error, host)
    return Outcome(MAIL_UNREACHED.format(why=why[:_SAID_SYMBOLS]))


_FOR_GOOD = 500
#: So much of what a server says is kept.
_SAID_SYMBOLS = 150
