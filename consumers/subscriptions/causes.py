"""Why something is not delivered, in the reader's language, with what to do about it."""

from livelihood import causes
from web.languages import Message, _

#: Cause -> what is said of it.
WORDS: dict[str, Message] = {
    causes.UNKNOWN_NAME: _(
        "%(host)s leads nowhere: no address is known for it. See whether it is written right"
    ),
    causes.FORBIDDEN: _(
        "%(host)s is on a network that nothing is delivered to. Whoever keeps this server can allow it by the"
        " setting webhook_networks"
    ),
    causes.REFUSED: _("nobody listens at this address and port. See whether the program there is running"),
    causes.UNREACHED: _(
        "no connection came about (%(why)s). See whether a network or a firewall lies between"
    ),
    causes.NOT_IN_TIME: _(
        "there was no answer within %(seconds)s seconds. See whether the program there is running, and"
        " whether a"
        " firewall lies between"
    ),
    causes.CLOSED: _(
        "the connection was closed before there was an answer. Whoever looks after the program there"
        " finds out why"
    ),
    causes.CERTIFICATE: _(
        "the certificate there is not accepted (%(why)s). It must be valid, for that name, and from an"
        " authority"
        " that this server knows"
    ),
    causes.UNENCRYPTED: _("no encrypted connection came about (%(why)s). See what the server there offers"),
    causes.GONE: _(
        "it answered 410: it wants nothing any more. Give another address, or send again once that is settled"
    ),
    causes.REDIRECT: _(
        "it answered %(status)s and leads elsewhere, which is not followed. Give the address where it leads"
    ),
    causes.SAID_NO: _(
        "it answered %(status)s and did not take it: %(why)s. See whether key or token are right"
    ),
    causes.ANSWERED: _("it answered %(status)s. Whoever looks after the program there finds out why"),
    causes.MAILBOX: _(
        "the mail server refuses this address for good (%(why)s). See whether it is written right, then"
        " send again"
    ),
    causes.MAIL_LOGIN: _(
        "the mail server does not accept our user and password (%(why)s). Whoever keeps this server"
        " looks at the"
        " setting smtp_url"
    ),
    causes.MAIL_NOT_TAKEN: _(
        "the mail server did not take it (%(why)s). Whoever looks after it finds out why"
    ),
    causes.MAIL_UNREACHED: _("the mail server was not reached: %(why)s"),
    causes.NO_MAIL: _(
        "no mail server is set. Whoever keeps this server names one by the settings smtp_url and mail_sender"
    ),
    causes.ONE_ADDRESS: _("this is not one address of mail. Write it as head@town.example"),
    causes.NO_URL: _("this is no address. Write it as https://town.example/hooks"),
    causes.HTTPS: _(
        "write https:// before it. Whoever keeps this server can allow http by the setting webhook_http"
    ),
    causes.CREDENTIALS: _("leave out user and password: messages are signed"),
    causes.NO_WAY: _("write https://…, an address of mail, or the URL of a chat as wecombot://KEY"),
    causes.LOCAL_SERVICE: _("%(scheme)s:// speaks to this machine, not to people elsewhere"),
    causes.NO_SERVICE: _(
        "%(scheme)s:// is no service that is known, or what follows is not as that service has it"
    ),
}
#: Said of answers that mean more than that something was wrong.
_ANSWERS = {
    "401": _(
        "it answered 401 and does not accept the signature. See whether it has this subscription's secret"
    ),
    "403": _(
        "it answered 403 and lets nobody in. See whether it has this subscription's secret, and lets"
        " this server in"
    ),
    "404": _("it answered 404: there is nothing at this address. See whether it is written right"),
    "429": _("it answered 429: it gets more than it takes at a time. It is tried again"),
}


def says(problem: str) -> Message | str:
    """What is said to people of a problem; itself where it is none that is known."""
    found = causes.found_in(problem)
    if found is None:
        return problem
    cause, values = found
    message = WORDS[cause]
    if cause == causes.ANSWERED:
        status = values["status"]
        message = WORDS[causes.REDIRECT] if status.startswith("3") else _ANSWERS.get(status, message)
    # The one that lies beneath, where there is another.
    return message._replace(
        values={name: says(value) if name == "why" else value for name, value in values.items()}
    )
