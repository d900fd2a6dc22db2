"""Acting on issues beside the window: by HTTP, by a command, and on a page of one's own cases, many at once.

What may be done, by whom, and with which fields is the window's own table (producers/window/actions.py). All
ends as events through the intake, with the account as the actor. docs/acting.md explains it.

    doing.py      one thing done to one issue, and what came of it
    interface.py  that over HTTP, by an account's pass
    cases.py      one's own cases, by when they are due
    many.py       one thing done to many
    pages.py      the page for that
    router.py     all of it, and its place in the menu

May import: livelihood, web, the rest of producers.
"""
