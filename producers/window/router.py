"""All routes of the service window, and its place in the menu."""

from pathlib import Path

from fastapi import APIRouter

from producers.hearing.receipts import Holder
from producers.window.counter import Counter
from producers.window.desk_pages import desk_routes
from producers.window.filing_pages import filing_routes
from producers.window.issue_pages import AlertsOf, issue_routes
from producers.window.public_pages import public_routes
from web.accounts import Right
from web.languages import _
from web.pages import MenuEntry


def router(counter: Counter, holder: Holder, alerts_of: AlertsOf) -> APIRouter:
    """The routes. `alerts_of` reads what was told of an issue."""
    shell = counter.shell
    shell.add_part(
        "window",
        Path(__file__).parent,
        MenuEntry(path="/window", label=_("Service window"), right=Right.ACT, place=50),
        MenuEntry(path="/window/file", label=_("File a request"), right=Right.FILE, place=51),
    )
    made = APIRouter()
    # Paths that name something come before those that take any word.
    made.include_router(desk_routes(counter))
    made.include_router(filing_routes(counter))
    made.include_router(issue_routes(counter, alerts_of))
    made.include_router(public_routes(shell, holder))
    return made
