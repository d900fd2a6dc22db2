"""The page of alerts: what was told, newest first, what still stands of it, and who has said to act on it.

    lines.py    the alerts of a list, each with what has become of its issue since
    pages.py    the page, and the list by itself for its script

May import: livelihood, web, the rest of consumers.
"""
