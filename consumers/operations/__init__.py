"""The page of whoever keeps the system running: how far the work has come, and what wants a hand.

    watch.py        how far the work has come: lag, events a second, delay of alerts
    letters.py      dead letters, and which of them somebody has dealt with
    withholding.py  a record as it may be shown and corrected: without what may be personal in it
    standing.py     what else is looked after: orphans, calendars, versions, deliveries given up
    pages.py        the routes

May import: livelihood, web. What it sends back into the log goes by a port that cli/ hands it.
"""
