"""Subscriptions: supervisors choose what to hear, and hear it where they work, once and in order.

    model.py       what a subscription is: what it wants to hear, when, in which words
    times.py       quiet hours, and when the next digest is due
    store.py       those there are, kept in the vault
    places.py      how far a subscription's alerts were dealt with, as its endpoint's position
    matching.py    who hears of an alert: filters, default recipients, whoever stands in, or else the operator
    pace.py        when what is to be told becomes a message: at once, held, a digest, a flood
    wording.py     alerts in words, Chinese and English
    writing.py     a message written out for every way of delivery
    feed.py        the messages of each subscription, for deliveries
    looking_back.py what a message told, all of it
    creating.py    a subscription checked, tried and kept, or changed
    causes.py      why something was not delivered, in the reader's language
    limits.py      where an account's subscriptions end: at its departments
    recipients.py  a subscription for everybody whom the catalogue names, and for the operator
    links.py       links of messages: to one's cases without a password, and to end a subscription
    given_up.py    what could not be delivered, and sending it again
    desk.py        whose subscriptions are whose, and all that is done with them
    interface.py   HTTP: /v1/subscriptions
    forms.py       the form of one, new or changed
    metrics.py     how many alerts nobody heard, for Prometheus
    pages.py       pages: /subscriptions
    part.py        all of it, put together for a server

May import: livelihood, web.
"""
