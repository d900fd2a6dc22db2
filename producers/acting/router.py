"""All routes of acting, and its place in the menu."""

from pathlib import Path

from fastapi import APIRouter

from producers.acting.interface import interface
from producers.acting.pages import case_routes
from producers.window.counter import Counter
from web.accounts import Right
from web.languages import _
from web.pages import MenuEntry


def router(counter: Counter) -> APIRouter:
    """The routes."""
    counter.shell.add_part(
        "acting",
        Path(__file__).parent,
        MenuEntry(path="/cases", label=_("My cases"), right=Right.ACT, place=55),
    )
    made = APIRouter()
    made.include_router(interface(counter))
    made.include_router(case_routes(counter))
    return made
