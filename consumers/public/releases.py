"""The months that are out, each worked out once: a month is published as it was known then, and stays so.

Two looks at one month would differ by what became known between them, and whoever subtracts the one from the
other would see a single request. So there is one look: as of the month's end, known a day later.
"""

import threading
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import anyio
from anyio import to_thread

from consumers.projects import read_projects
from consumers.public.figures import Figures, figures_of
from consumers.public.publication import Publication, rows_of
from consumers.public.saying import EVERY
from consumers.tables import Query, read_table
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import DAY, MINUTE, Instant, to_datetime
from livelihood.ledger import unpack_ledger
from livelihood.periods import Period, parse_period
from livelihood.ports import Moved, Reader, Unavailable
from livelihood.projects import ProjectProgress
from livelihood.snapshots import of_one_moment
from web.context import Context
from web.patience import comes

#: So long after its end a month is published: what a channel tells a day late still counts in it.
KNOWN_AFTER: Instant = DAY
#: Events are stamped a moment before the log has them.
_SETTLED: Instant = MINUTE
#: So many months back anybody may ask; each costs a look through the movements, once for a process.
MOST_MONTHS = 24
#: How often it is looked whether another month is out, and whether somebody waits for one.
LOOK_SECONDS, ASKED_SECONDS = 60.0, 0.1
#: So long at most somebody waits for a month that is not worked out yet: a small one is, by then.
PATIENCE_SECONDS = 0.5
#: After a store that could not serve.
_PAUSE_SECONDS = 2.0
#: Working out months takes no more than a fifth of one processor from who is answered meanwhile.
_REST = 4.0


@dataclass(frozen=True, kw_only=True)
class Release:
    """All that is published of one month."""

    month: str
    #: The month's end, of which everything is.
    as_of: Instant
    #: What became known later is not in it.
    known_at: Instant
    #: The catalogue as it was known then: titles, targets, and the rows there are.
    version: CatalogueVersion
    figures: Mapping[str, Figures]
    projects: Mapping[str, ProjectProgress]


class Releases:
    """What is published of every month; one for a process. Threads may share it."""

    def __init__(self, context: Context, publication: Publication) -> None:
        self._context = context
        self._publication = publication
        self._lock = threading.Lock()
        self._found: dict[str, Release] = {}
        #: Months that somebody waits for, who asked first first.
        self._asked: dict[str, None] = {}
        self._first = ""

    @property
    def is_configured(self) -> bool:
        """Whether configuration names anything to publish."""
        return bool(self._publication.chosen)

    @property
    def publication(self) -> Publication:
        """What configuration publishes; while nobody has to sign in, everything, by area."""
        if not self._publication.chosen and self._context.is_open():
            return Publication(chosen={EVERY: "area"}, fewest=self._publication.fewest)
        return self._publication

    def months(self) -> list[str]:
        """The months that are out, the latest first."""
        if not self.publication.chosen:
            return []
        reader, zone = self._context.reader, self._context.catalogue().latest.time_zone
        self._first = self._first or _first_month(reader)
        worked = min(
            unpack_ledger(reader.position(partition).ledger).live for partition in range(reader.partitions)
        )
        month = _month_before(_month_of(min(worked, self._context.clock()), zone))
        found: list[str] = []
        while self._first and month >= self._first and len(found) < MOST_MONTHS:
            if _known_at(parse_period(month, zone)) + _SETTLED <= worked:
                found.append(month)
            month = _month_before(month)
        return found

    def release(self, month: str) -> Release:
        """What is published of a month that is out; worked out now where it was not yet."""
        # Who asks for a month that is there does not wait for another one that is being worked out.
        found = self.ready(month)
        if found is None:
            with self._lock:
                found = self.ready(month)
                if found is None:
                    found = self._found[month] = self._read(month)
        return found

    def soon(self, month: str) -> Release | None:
        """The same where it is worked out, or will be in a moment; else None, and it is what comes next."""
        found = self.ready(month)
        if found is None:
            self.ask(month)
            comes(lambda: self.ready(month) is not None, PATIENCE_SECONDS, ASKED_SECONDS)
            found = self.ready(month)
        return found

    def ask(self, month: str) -> None:
        """Have a month worked out before others, by `keep_ready`."""
        self._asked[month] = None

    def ready(self, month: str) -> Release | None:
        """The same where it was worked out before."""
        found = self._found.get(month)
        if found is None or set(found.figures) != set(self.publication.of(found.version)):
            return None
        return found

    async def keep_ready(self) -> None:
        """Work out what is asked for, then the other months, one by one, for as long as the server runs.

        Where configuration names nothing to publish, only what is asked for.
        """
        while True:
            begun = anyio.current_time()
            try:
                was_missing = await to_thread.run_sync(self._work_out_one)
            except (Unavailable, Moved):
                await anyio.sleep(_PAUSE_SECONDS)
                continue
            if was_missing:
                await anyio.sleep(_REST * (anyio.current_time() - begun))
                continue
            with anyio.move_on_after(LOOK_SECONDS):
                while not self._asked:
                    await anyio.sleep(ASKED_SECONDS)

    def _work_out_one(self) -> bool:
        """The first month that is not ready; whether there was one. Only one: a server must end soon."""
        asked = list(self._asked)
        if not (asked or self.is_configured):
            return False
        months = self.months()
        wanted = [*(month for month in asked if month in months), *(months if self.is_configured else ())]
        missing = next((month for month in wanted if self.ready(month) is None), None)
        if missing is not None:
            self.release(missing)
        for month in asked:
            if month not in months or self.ready(month) is not None:
                self._asked.pop(month, None)
        return missing is not None

    def _read(self, month: str) -> Release:
        context, catalogue = self._context, self._context.catalogue()
        period = parse_period(month, catalogue.latest.time_zone)
        assert period.end is not None
        as_of, known_at = period.end, _known_at(period)
        version = catalogue.published_by(known_at)[-1]
        chosen = self.publication.of(version)
        figures: dict[str, Figures] = {}
        with context.open_reader() if context.open_reader else nullcontext(context.reader) as reader:
            for by in dict.fromkeys(chosen.values()):
                query = Query(
                    period=period,
                    by=(by,) if by else (),
                    as_of=as_of,
                    known_at=known_at,
                    instants=False,
                )
                lines = of_one_moment(reader, partial(read_table, reader, catalogue, query))
                for code in (one for one, its in chosen.items() if its == by):
                    own = [line for line in lines if line.commitment == code]
                    rows = rows_of(version, code, by)
                    figures[code] = figures_of(code, month, by, rows, own, self.publication.fewest)
            projects = read_projects(reader, catalogue, as_of, known_at)
        return Release(
            month=month,
            as_of=as_of,
            known_at=known_at,
            version=version,
            figures={code: figures[code] for code in chosen},
            projects={
                code: one
                for code, one in projects.items()
                if code in version.projects and {code, EVERY} & set(self.publication.chosen)
            },
        )


def _known_at(period: Period) -> Instant:
    assert period.end is not None
    return period.end + KNOWN_AFTER


def _first_month(reader: Reader) -> str:
    """The first month anything counts in; empty: nothing does."""
    months = {month for number in range(reader.partitions) for (_, month), _ in reader.rows(number) if month}
    return min(months, default="")


def _month_of(instant: Instant, zone: str) -> str:
    return to_datetime(instant, ZoneInfo(zone)).strftime("%Y-%m")


def _month_before(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - (number == 1)}-{(number - 2) % 12 + 1:02}"
