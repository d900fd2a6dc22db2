"""Acting on issues beside the window: by HTTP, by a command, and on a page of one's own cases, many at once.

What may be done, by whom, and with which fields is the window's own table (producers/window/actions.py). All
ends as events through the intake, with the account as the actor.
"""
