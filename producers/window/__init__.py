"""The page of a service window: requests filed, found, worked on, and receipts for the people who asked.

The smallest complete channel: a township can start with nothing else. What is done here is published as
events, through the same intake as every other channel's. docs/window.md shows the pages.

    counter.py        what the pages share, put together once for a process
    desk_pages.py     the desk: what is open, what waits for a decision
    filing.py         what is entered for a person, and the events it becomes
    filing_pages.py   the page for that, and the receipt
    case.py           an issue before somebody who may do something about it
    actions.py        what can be done to an issue, as data
    fields.py         the fields of an action's form
    acting.py         from such a form to an event
    issue_pages.py    an issue, what can be done to it, and what is personal in it
    public_pages.py   a receipt, for whoever holds its number
    router.py         all of it, and its place in the menu

May import: livelihood, web, the rest of producers.
"""
