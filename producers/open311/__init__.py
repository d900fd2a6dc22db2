"""Open311 GeoReport v2, and mySociety's servicerequestupdates: how apps report to a city and follow it.

docs/open311.md tells how to use it. The specification is github.com/open311/open311.github.io,
GeoReport/v2/index.md; names of fields, their order and the statuses of errors are its.

    documents.py    XML and JSON of one document, and of errors
    parameters.py   what a query asks for
    offering.py     what can be set
    discovery.py    where the interface is, and in which formats
    wording.py      where an issue stands, in sentences
    services.py     the list of services, and what each asks
    reporting.py    a form becomes an event
    receiving.py    that event goes in
    requests.py     an issue becomes a service request
    updates.py      events become updates, and updates events
    listing.py      which issues and updates there are by time
    texts.py        what people wrote, where it is published
    answers.py      requests and updates, from the states
    routes.py       the paths, and who may what

May import: livelihood, web, the rest of producers.
"""
