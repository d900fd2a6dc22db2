"""The life cycle as data, and the page that mirrors it."""

from pathlib import Path

from livelihood.effects import HANDLERS
from livelihood.events import DATA_MODELS, Kind
from livelihood.lifecycle import OPEN, SETTLED, TRANSITIONS, State

PAGE = Path(__file__).resolve().parents[2] / "docs" / "life-cycle.md"


def table_on_the_page() -> tuple[list[State], dict[tuple[State, Kind], State]]:
    """The page's table: a row for each kind of event, a column for each state; "·" stays, "" is ignored."""
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in PAGE.read_text().split("## Transitions")[1].split("\n## ")[0].splitlines()
        if line.startswith("|")
    ]
    states = [State[word.upper()] for word in rows[0][1:]]
    table = {}
    for kind, *cells in rows[2:]:
        for state, cell in zip(states, cells, strict=True):
            if cell:
                table[state, Kind[kind.upper()]] = state if cell == "·" else State[cell.upper()]
    return states, table


def test_the_page_mirrors_the_table() -> None:
    _, table = table_on_the_page()
    assert table == {(State(state), Kind(kind)): after for (state, kind), after in TRANSITIONS.items()}


def test_the_page_shows_every_state_and_every_kind() -> None:
    states, table = table_on_the_page()
    assert states == list(State)
    # A correction changes what another event says, and by itself nothing.
    assert {kind for _, kind in table} == set(Kind) - {Kind.CORRECTED}


def test_every_state_is_before_submission_open_or_settled() -> None:
    assert {State.ORPHAN} | OPEN | SETTLED == set(State)
    assert not OPEN & SETTLED


def test_every_state_can_be_reached_and_the_settled_ones_can_be_left_only_by_reopening_or_closing() -> None:
    assert set(TRANSITIONS.values()) == set(State) - {State.ORPHAN}
    left = {
        (state, kind) for (state, kind), after in TRANSITIONS.items() if state in SETTLED and after != state
    }
    assert {kind for _, kind in left} == {Kind.REOPENED, Kind.CLOSED}
    assert {state for state, _ in left} == {State.RESOLVED, State.REJECTED}


def test_an_open_issue_can_always_be_ended() -> None:
    for state in OPEN:
        for kind in (Kind.RESOLVED, Kind.REJECTED, Kind.WITHDRAWN, Kind.MERGED):
            assert TRANSITIONS[state, kind] in SETTLED


def test_whoever_is_given_an_issue_can_accept_it() -> None:
    for state in OPEN - {State.ACCEPTED}:
        assert (state, Kind.ACCEPTED) in TRANSITIONS


def test_every_handler_belongs_to_a_kind_the_table_allows() -> None:
    assert set(HANDLERS) <= {kind for _, kind in TRANSITIONS}
    assert set(DATA_MODELS) | {Kind.PART} == set(Kind)
