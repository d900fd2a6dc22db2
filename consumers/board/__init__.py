"""The board: live tables, series and the issues behind them, kept in memory for pages and the API.

    board.table(view)        -> TableNow    the lines of a table, sorted and paged, with what they stand for
    board.months(view)       -> {month: Line}   the same measures month by month, of one commitment
    board.series(view, unit) -> Series      received, resolved, open and overdue per day, week or month
    board.sparks(view, unit, last)          -> {commitment: Series}
    board.issues(view, cell)                -> IssuePage   the issues behind a figure of a line
    board.projects(view)     -> {code: ProjectProgress}
    board.health()           -> [PartitionHealth]
    board.check(view)        -> None        NoView where it is narrowed to what there is not

A `View` says what is looked at; `View.parse(request.query_params, ...)` reads it from an address, and
`view.query()` writes it back: any view is an address. A `Line` is that of livelihood/rollup.py:
`line.measures()` has every measure of MEASURES.md by name, and `line.sums` the histograms beneath.

`cli/site.py` makes one `board` for the process and gives it to each part that shows figures.

    view.py        what is looked at, from and to an address
    known.py       what it may be narrowed to
    answers.py     what is answered
    board.py       the board itself
    keeper.py      follows the movements, and keeps the cube and the live tables current
    names.py       dimensions and shapes by numbers of the board's own
    cube.py        how many issues of each shape count under which dimensions
    days.py        what each day added
    oldest.py      the oldest open issue of some dimensions
    live.py        one table kept current
    shown.py       lines as they are shown, with their JSON
    places.py      where a stream of changes stands
    ordering.py    lines searched, sorted and paged
    past.py        what is read anew: instants that have passed, short periods
    cells.py       the issues behind a figure
    remembered.py  answers that cost something, kept for a while

The methods block, like all of Context: call them from threads, as FastAPI does with a plain `def` route.
"""
