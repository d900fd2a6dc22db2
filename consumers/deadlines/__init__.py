"""Coming deadlines as a calendar for each subscription, at an address that only its owner knows.

    coming.py  which deadlines, and how each is shown
    ical.py    deadlines as an iCalendar
    owners.py  whose calendar an address opens
    routes.py  GET /calendars/...

May import: livelihood, web, consumers.subscriptions.
"""
