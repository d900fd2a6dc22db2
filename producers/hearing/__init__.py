"""Hearing back: what became of a channel's issues, followed, delivered and looked up.

    places.py       where a stream of changes stands, and the ids that say so
    words.py        what happened, in the words of the person who asked, Chinese and English
    documents.py    a change as JSON
    tail.py         what a partition's log and alerts say, read from any place on
    hub.py          the tail read once for all who follow
    views.py        one issue as a channel, or the person who asked, sees it
    asking.py       which channel asks
    following.py    HTTP: a channel's issues, and their changes as a stream and by long polling
    look_ups.py     how many receipt numbers an address may look up
    receipts.py     HTTP: what a receipt number shows, and what its holder may do
    registering.py  HTTP: a channel's own webhooks
    delivering.py   changes made into deliveries
    telling.py      the port for adaptors that pass changes on to people
    part.py         all of it, put together for a server

May import: livelihood, web.
"""
