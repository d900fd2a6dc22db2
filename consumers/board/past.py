"""What is read anew each time it is asked for: tables of an instant that has passed, and of short periods."""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from consumers.board.days import Counts, Days, key_counts
from consumers.board.view import View
from consumers.tables import clock_of, names_of, read_table
from livelihood.catalogue import ALL
from livelihood.contribution import Dimensions, Shape, sums_of
from livelihood.instants import Instant
from livelihood.measures import STOCK
from livelihood.movements import columns, counts_as_of
from livelihood.periods import Period
from livelihood.ports import Reader
from livelihood.promises import Catalogue
from livelihood.rollup import Line, add_sums

#: Commitment -> day -> what it added.
Added = dict[str, dict[int, Counts]]
_NOTHING: Counts = [0, 0, 0, 0]


def stands_at(reader: Reader) -> Instant:
    """The instant the tables of now stand for; 0 where nobody has worked yet."""
    return max(clock_of(reader, partition) for partition in range(reader.partitions))


def read_lines(reader: Reader, catalogue: Catalogue, view: View) -> list[Line]:
    """All lines of a view's table, in the catalogue's order. NotThere as read_table."""
    lines = read_table(reader, catalogue, view.table_query(catalogue.latest))
    return lines[:1] if view.commitment in catalogue.latest.projects else lines


def read_months(reader: Reader, catalogue: Catalogue, view: View) -> dict[str, Line]:
    """The line of a view's commitment, or of all traffic, for each month of its period that has anything.

    Stocks, which belong to no month, stand in each.
    """
    as_of = view.known_at if view.as_of is None else view.as_of
    counts: Counter[Shape] = Counter()
    for partition in range(reader.partitions):
        dimensions, shapes = names_of(reader, partition)
        wanted = {number for number, one in dimensions.items() if is_counted(one, catalogue, view)}
        for number, shape, count in counts_as_of(reader.movements(partition), as_of):
            if number in wanted:
                counts[shapes[shape]] += count
    months = months_of(counts.items(), view.span(catalogue.latest), view.commitment or ALL)
    if view.known_at is not None:
        for month in months:
            query = replace(view, by=(), period=month).table_query(catalogue.latest)
            lines = read_table(reader, catalogue, replace(query, instants=False))
            months[month] = next(line for line in lines if line.commitment == months[month].commitment)
    return months


def months_of(counts: Iterable[tuple[Shape, int]], period: Period, commitment: str) -> dict[str, Line]:
    """A line for each month, from how many issues are of each shape."""
    months: dict[str, Line] = {}
    stocks = Line(commitment, {})
    for shape, count in counts:
        for (month, measure), amount in sums_of(shape):
            if month == STOCK:
                add_sums(stocks, [(measure, amount)], count)
            elif period.has(month):
                line = months.get(month)
                if line is None:
                    line = months[month] = Line(commitment, {})
                add_sums(line, [(measure, amount)], count)
    for line in months.values():
        add_sums(line, stocks.sums.items())
    return dict(sorted(months.items()))


def is_counted(dimensions: Dimensions, catalogue: Catalogue, view: View) -> bool:
    """Whether issues of these dimensions count in the line of a view's commitment, or of all traffic."""
    if not view.filters.admits(dimensions, catalogue.latest):
        return False
    if view.commitment in (None, ALL):
        return not dimensions.part
    return dimensions.commitment == view.commitment


def read_days(reader: Reader, catalogue: Catalogue, view: View) -> Added:
    """What each day added, for all traffic and each commitment, of what the view's filters admit."""
    added: Added = {}
    for partition in range(reader.partitions):
        dimensions, shapes = names_of(reader, partition)
        days = Days(catalogue.latest.time_zone)
        for page in reader.movements(partition):
            instants, keys, submitted = columns(page)
            if view.as_of is not None:
                kept = [number for number, at in enumerate(instants) if at <= view.as_of]
                instants, keys, submitted = (
                    array("q", [column[number] for number in kept]) for column in (instants, keys, submitted)
                )
            days.count(instants, keys, submitted, key_counts(keys, shapes))
        for commitment, more in days_of(days, dimensions.items(), catalogue, view).items():
            total = added.setdefault(commitment, {})
            for day, counts in more.items():
                total[day] = [
                    one + other for one, other in zip(total.get(day, _NOTHING), counts, strict=True)
                ]
    return added


def days_of(
    days: Days, dimensions: Iterable[tuple[int, Dimensions]], catalogue: Catalogue, view: View
) -> Added:
    """What each day added to all traffic and to the commitments, of dimensions by their numbers."""
    added: Added = {}
    for number, one in dimensions:
        if number in days.added and view.filters.admits(one, catalogue.latest):
            whole = [] if one.part else [ALL]
            for commitment in [*whole, *([one.commitment] if one.commitment else [])]:
                days.add_to(added.setdefault(commitment, {}), number)
    return added
