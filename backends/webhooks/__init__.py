"""Webhooks: messages delivered over HTTP, signed, tried again, and only to where they may go.

By Standard Webhooks: an id, a timestamp and a signature. The ledger keeps what is under way in any vault, so
that whoever is killed goes on where it was; one deliverer works at a time, whoever holds the turn.

    addresses.py  which addresses may be connected to, and a transport that connects to no others
    sending.py    one attempt: signed, limited in time and size
    registry.py   which endpoints there are, with their secrets
    ledger.py     what is under way, what was given up, how far each feed was read
    endpoint.py   one endpoint's messages, in order, tried again
    deliverer.py  all endpoints

May import: livelihood, httpx, standardwebhooks. Must not import: other backends.
"""
