"""Messages delivered: by signed webhooks, by mail, to chats; tried again, and only to where they may go.

The scheme of an endpoint's URL says how. Webhooks are by Standard Webhooks: an id, a timestamp and a
signature. The ledger keeps what is under way in any vault, so that whoever is killed goes on where it was;
one deliverer works at a time, whoever holds the turn.

    addresses.py     which addresses may be connected to, and a transport that connects to no others
    senders.py       how something is sent, by the scheme of its URL
    failures.py      what is said of an attempt that failed on the way
    sending.py       one attempt by webhook: signed, limited in time and size
    mailing.py       one attempt by mail
    chat.py          one attempt by Apprise, to a chat or another service
    chat_process.py  the process that does it
    in_log.py        the operator, where no way is named
    registry.py      which endpoints there are, with their secrets
    ledger.py        what is under way, what was given up, how far each feed was read
    endpoint.py      one endpoint's messages, in order, tried again
    deliverer.py     all endpoints

May import: livelihood, httpx, standardwebhooks, aiosmtplib; chat_process.py alone apprise and requests.
Must not import: other backends.
"""
