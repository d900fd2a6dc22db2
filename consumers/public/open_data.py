"""What is published as open data: a row a commitment, month and row of its breakdown; what columns mean."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from consumers.public.figures import COUNTS, Figures
from consumers.public.releases import Release
from livelihood.instants import Instant, iso
from web.languages import Language, Message, _

#: Each column and what it means, in the order of the file.
DICTIONARY: dict[str, Message] = {
    "month": _("The month, by the jurisdiction's own calendar."),
    "as_of": _("The month's end (RFC 3339)."),
    "known_at": _("When the month was published; what became known later is not in it (RFC 3339)."),
    "commitment": _("The commitment's code."),
    "by": _("What the row is a part by: area, department, service, channel or origin; empty for the whole."),
    "row": _(
        "Which part: a code of the catalogue, “other” for what is in none of them; empty for the whole."
    ),
    "received": _("Issues submitted in the month; of the whole only."),
    "on_time": _("Of the issues whose deadline fell in the month, those answered at or before it."),
    "not_on_time": _("Of the issues whose deadline fell in the month, those not answered by then."),
    "on_time_rate": _(
        "on_time / (on_time + not_on_time): a share of 1. Where one of both is small, what the rate is at"
        " least or at most, as “bound” says."
    ),
    "bound": _("“exactly”, “at_least” or “at_most”: how on_time_rate is meant; empty where there is none."),
    "target": _("The share that was promised to be on time; empty where none was."),
    "small": _("Which of these counts are not shown because they are small."),
    "withheld": _("Which are not shown so that nobody can subtract a small one."),
}


def rows_of_release(release: Release, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """A month's rows, each commitment's whole before its parts. None: not shown, or of the whole only."""
    for figures in release.figures.values():
        target = release.version.commitments[figures.commitment].target
        for row in ("", *figures.rows):
            yield {
                "month": release.month,
                "as_of": iso(release.as_of, zone),
                "known_at": iso(release.known_at, zone),
                "commitment": figures.commitment,
                "by": figures.by if row else "",
                "row": row,
                **_figures(figures, row),
                "target": target,
                **_why_not(figures, row),
            }


def _figures(figures: Figures, row: str) -> dict[str, Any]:
    share = figures.share(row)
    return {
        "received": None if row else figures.received,
        **{name: figures.count(name, row) for name in COUNTS},
        "on_time_rate": None if share is None else round(share.value, 6),
        "bound": None if share is None else share.kind,
    }


def _why_not(figures: Figures, row: str) -> dict[str, list[str]]:
    """The counts that are not shown, by why."""
    missing = [name for name in COUNTS if figures.count(name, row) is None]
    small = [name for name in missing if figures.is_small(name, row)]
    received = ["received"] if not row and figures.received is None else []
    return {"small": received + small, "withheld": [name for name in missing if name not in small]}


def csv_of(rows: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV (RFC 4180); what is not shown is empty, lists have spaces between."""
    text = StringIO()
    writer = csv.DictWriter(text, list(DICTIONARY))
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: " ".join(value) if isinstance(value, list) else value for name, value in row.items()}
        )
    return text.getvalue()


def json_of(
    rows: Sequence[dict[str, Any]],
    missing: Sequence[str],
    languages: Sequence[Language],
    fewest: int,
    made: Instant,
    zone: ZoneInfo,
) -> str:
    """The same as JSON, with the dictionary in every language. `missing`: months still worked out."""
    document = {
        "published": iso(made, zone),
        "fewest": fewest,
        "being_worked_out": list(missing),
        "dictionary": {
            name: {language.code: language.said(meaning) for language in languages}
            for name, meaning in DICTIONARY.items()
        },
        "rows": list(rows),
    }
    return json.dumps(document, ensure_ascii=False, indent=1)
