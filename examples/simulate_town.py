"""Write examples/town/requests.csv: a quarter of a town that does not exist, the same at every run.

python examples/simulate_town.py > examples/town/requests.csv
"""

import csv
import random
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from livelihood.instants import DAY, HOUR, MINUTE, from_datetime, to_datetime
from livelihood.limits import Limit, due_after
from livelihood.workcalendars import Calendar
from livelihood.worktime import WorkCalendar

ZONE = ZoneInfo("America/Chicago")
SEED = 20240101
REQUESTS = 300
FIRST = from_datetime(datetime(2024, 1, 2, 6, tzinfo=ZONE))
#: When the table was taken out of the town's system.
TAKEN = from_datetime(datetime(2024, 4, 1, tzinfo=ZONE))

#: What is asked for: weight, category, department, limit, how long it takes in shares of the limit.
KINDS = {
    "Pothole": (30, "Streets", "Public Works", "2 working_days", 0.7),
    "Street light out": (20, "Streets", "Public Works", "14 days_then_next_working", 0.8),
    "Missed collection": (28, "Waste", "Sanitation", "1 working_days", 0.5),
    "Bulky item": (12, "Waste", "Sanitation", "5 working_days", 0.6),
    "Tree": (14, "Parks", "Parks and Forestry", "20 working_days", 1.3),
    "Question": (10, "Questions", "Mayor's Office", None, 1.0),
}
SOURCES = {"Phone": 45, "Web": 30, "App": 20, "Inspector": 15}
AREAS = {"Riverside": 30, "Old Town": 25, "Hilltop": 20, "Mill District": 15}
COLUMNS = ["Case ID", "Opened", "Due", "Closed", "Status", "Source", "Request Type", "Category", "Department",
           "Neighborhood", "Resolution", "Caller Phone"]  # fmt: skip


def main() -> None:
    """Write the table to standard output."""
    chance = random.Random(SEED)
    calendar = WorkCalendar(
        Calendar.model_validate(
            {
                "code": "town",
                "time_zone": ZONE.key,
                "include": "us-federal",
                "opening": {"mon-fri": ["09:00-17:00"]},
            }
        )
    )
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    opened = sorted(FIRST + chance.randrange(89 * DAY // MINUTE) * MINUTE for _ in range(REQUESTS))
    for number, at in enumerate(opened, 1):
        kind = chance.choices(list(KINDS), [weight for weight, *_ in KINDS.values()])[0]
        _, category, department, limit, share = KINDS[kind]
        due = None if limit is None else due_after(at, Limit.parse(limit), calendar)
        took = round((4 * DAY if due is None else due - at) * share * chance.lognormvariate(-0.35, 0.6))
        closed = at + max(took, HOUR // 4) // MINUTE * MINUTE
        done = closed < TAKEN and chance.random() > 0.02
        writer.writerow(
            [
                f"T-{1000 + number}",
                _text(at),
                "" if due is None else _text(due),
                _text(closed) if done else "",
                "Closed" if done else "Open",
                chance.choices(list(SOURCES), list(SOURCES.values()))[0],
                kind,
                category,
                department,
                chance.choices(list(AREAS), list(AREAS.values()))[0],
                chance.choices(["Completed", "Duplicate", "Nothing found"], [88, 7, 5])[0] if done else "",
                f"({chance.randrange(200, 999)}) 555-01{chance.randrange(100):02}",
            ]
        )


def _text(instant: int) -> str:
    return f"{to_datetime(instant, ZONE):%Y-%m-%d %H:%M:%S}"


if __name__ == "__main__":
    main()
