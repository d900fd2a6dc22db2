"""The pages about commitments: the overview, one commitment, the issues behind a figure, the wall.

    router.py     the routes, and their place in the menu
    asking.py     what is asked for, as an address: period, filters, the instant, the order
    reading.py    what is asked of the board
    periods.py    what periods are called, and which are offered
    overview.py   one row for each commitment, and the projects
    commitment.py one commitment: why its number is what it is
    figures.py    what a rate says of its target, what is ranked, what codes are called
    charts.py     where lines, bars and labels stand
    charting.py   the charts of a commitment, asked for
    chart_data.py what each of them shows
    endings.py    how issues ended
    listing.py    issues behind a figure

All figures are the board's. Pages are made on the server, so that they work without scripts; the modules in
assets/ keep them true as events arrive.
"""
