"""Charts as pages draw them: where lines, areas, bars and their labels stand, in hundredths of a picture.

Templates make SVG of it. Only shapes are stretched to the width there is; letters keep their size. Everything
a chart shows is in a table beside it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: Labels along the axis: a telephone has room for no more.
MOST_LABELS = 6


@dataclass(frozen=True, kw_only=True)
class Label:
    """A label beside an axis."""

    #: From the left, or from above, in hundredths.
    at: float
    text: str
    #: "start", "middle" or "end": which part of the text stands there.
    anchor: str = "middle"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar from its left edge on, and from above."""

    x: float
    width: float
    y: float
    height: float


def round_top(most: float) -> int:
    """The end of an axis for values up to `most`: the next of 1, 2, 5, 10, 20, ... and at least 1."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if most <= factor * step:
                return factor * step
        step *= 10


def heights(values: Sequence[float], top: float) -> list[float]:
    """Values as distances from above, in hundredths of the picture."""
    return [round(100 - 100 * value / top, 2) for value in values]


def places(count: int) -> list[float]:
    """Where so many points stand from left to right, in hundredths."""
    return [0.0] if count == 1 else [round(100 * number / (count - 1), 2) for number in range(count)]


def line_path(values: Sequence[float], top: float) -> str:
    """A line through values, as SVG writes it; empty for none."""
    points = zip(places(len(values)), heights(values, top), strict=True)
    return " ".join(f"{'M' if not number else 'L'}{x:g},{y:g}" for number, (x, y) in enumerate(points))


def area_path(values: Sequence[float], top: float) -> str:
    """The area under that line; empty for none."""
    line = line_path(values, top)
    return f"{line} L{places(len(values))[-1]:g},100 L0,100 Z" if line else ""


def bars(values: Sequence[float], top: float, share: float = 0.7) -> list[Bar]:
    """A bar for each value, each `share` of its place wide."""
    step = 100 / max(len(values), 1)
    return [
        Bar(
            x=round(step * (number + (1 - share) / 2), 3),
            width=round(step * share, 3),
            y=y,
            height=round(100 - y, 2),
        )
        for number, y in enumerate(heights(values, top))
    ]


def centres(count: int) -> list[float]:
    """The middles of so many bars."""
    return [round(100 * (number + 0.5) / count, 3) for number in range(count)]


def labels(texts: Sequence[str], at: Sequence[float], most: int = MOST_LABELS) -> list[Label]:
    """Some of the labels, evenly chosen; the outer ones stand inside the picture."""
    if not texts:
        return []
    step = -(-len(texts) // most)
    # Counted from the last: that one is looked at first.
    chosen = list(range(len(texts) - 1, -1, -step))[::-1]
    return [
        Label(
            at=at[number],
            text=texts[number],
            anchor="start" if at[number] < _EDGE else "end" if at[number] > 100 - _EDGE else "middle",
        )
        for number in chosen
    ]


def grid(texts: Sequence[str]) -> list[Label]:
    """Lines across, evenly, each with its text: the first at the bottom."""
    last = len(texts) - 1
    return [Label(at=100 - 100 * number / last, text=text) for number, text in enumerate(texts)]


#: So near an edge a label in the middle would be cut.
_EDGE = 5.0


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bar of a histogram: how many took longer than `low` and no longer than `high`, in microseconds."""

    low: int
    #: None: any longer.
    high: int | None
    count: int


def gathered(counts: Sequence[int], bounds: Sequence[int], edges: Sequence[int]) -> list[Bucket]:
    """Fine buckets (one more than bounds) put together at edges; a fine one counts where its middle lies."""
    cuts = [0, *edges]
    found = [0] * len(cuts)
    lows = [0, *bounds]
    for number, count in enumerate(counts):
        high = bounds[number] if number < len(bounds) else lows[number] * 2
        middle = (lows[number] + high) // 2
        found[sum(edge < middle for edge in edges)] += count
    ends: list[int | None] = [*edges, None]
    return [
        Bucket(low=low, high=high, count=count) for low, high, count in zip(cuts, ends, found, strict=True)
    ]


def trimmed(buckets: Sequence[Bucket]) -> list[Bucket]:
    """Without the empty ones at both ends."""
    full = [number for number, bucket in enumerate(buckets) if bucket.count]
    return list(buckets[full[0] : full[-1] + 1]) if full else []


def place_in(buckets: Sequence[Bucket], length: int) -> float | None:
    """Where a length of time stands among bars, in hundredths; None where it lies beyond them."""
    for number, bucket in enumerate(buckets):
        if bucket.high is not None and bucket.low < length <= bucket.high:
            within = (length - bucket.low) / (bucket.high - bucket.low)
            return round(100 * (number + within) / len(buckets), 2)
    return None
