"""The feed of alerts over HTTP: listed, followed and counted. Nothing is kept for it but the log of alerts.

    filters.py    which alerts are asked for
    places.py     where a reader of the feed stands, as the id that says so
    following.py  what follows a place, for one who asks or follows
    newest.py     the last alerts that were told
    standing.py   what stands now, and what nobody has said to act on
    routes.py     GET /v1/alerts, its stream, and the counts
    part.py       all of it, put together
    metrics.py    the same as numbers for Prometheus, and how long deliveries took

May import: livelihood, web, consumers.alerts, consumers.tail, consumers.api.asking.
"""
