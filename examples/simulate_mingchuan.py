"""Print request events of a city that does not exist, up to a moment: work of two weeks, some of it late.

    python examples/simulate_mingchuan.py | livelihood publish -
    python examples/simulate_mingchuan.py --until 2026-03-04T10:00:00+08:00 > events.jsonl

The same at every run, for the same moment. Nobody is in it, so nothing is personal.
"""

import argparse
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
SEED = 20260304
DAYS, A_DAY = 14, 9
#: How likely each is, and how long it takes, in days.
SERVICES = {
    "pothole": (14, 1.6), "street-light": (12, 2.2), "manhole": (4, 0.1), "missed-collection": (16, 0.6),
    "bulky-item": (8, 3.0), "no-water": (5, 0.15), "blocked-drain": (8, 0.7), "lift": (7, 0.8),
    "roof-leak": (4, 4.5), "marriage": (5, 1.0), "elderly-allowance": (6, 7.0), "pension-transfer": (3, 11.0),
    "medical-card": (5, 3.0), "question": (9, 0.8),
}  # fmt: skip
CHANNELS = {"window": 30, "hotline": 40, "wechat": 20, "patrol": 10}
AREAS = {"old-town": 35, "riverside": 30, "new-station": 20, "east-hill": 15}
OUTCOMES = {"fixed": 70, "answered": 14, "scheduled": 8, "not_found": 5, "not_ours": 3}


def main() -> None:
    """Print the events, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--until", type=datetime.fromisoformat, default=datetime.now(ZONE))
    for event in events(parser.parse_args().until):
        print(json.dumps(event, ensure_ascii=False))


def events(until: datetime, days: int = DAYS, a_day: int = A_DAY) -> list[dict[str, Any]]:
    """The events of some days up to a moment, so many requests a day, in the order in which they happened."""
    chance = random.Random(SEED)
    found = []
    for number in range(days * a_day):
        asked = until.astimezone(ZONE) - timedelta(days=days * chance.random(), minutes=3)
        asked = asked.replace(
            hour=chance.choice((8, 9, 9, 10, 10, 11, 14, 15, 16, 20)), minute=chance.randrange(60)
        )
        found += [one for one in _of_issue(chance, f"MC-{1001 + number}", asked) if _time(one) < until]
    # An issue whose submission is still to come has no other events either.
    begun = {one["subject"] for one in found if one["type"].endswith("submitted")}
    return sorted((one for one in found if one["subject"] in begun), key=_time)


def _time(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["time"])


def _one(chance: random.Random, weights: dict[str, Any]) -> str:
    sizes = [one[0] if isinstance(one, tuple) else one for one in weights.values()]
    return chance.choices(list(weights), sizes)[0]


def _of_issue(chance: random.Random, issue: str, asked: datetime) -> Iterator[dict[str, Any]]:
    service, channel = _one(chance, SERVICES), _one(chance, CHANNELS)
    takes = timedelta(days=SERVICES[service][1] * chance.lognormvariate(0, 0.5))
    data: dict[str, Any] = {"service": service, "area": _one(chance, AREAS)}
    if chance.random() < 0.12:
        data["urgency"] = "urgent"

    def event(kind: str, at: datetime, actor: str = "", **data: Any) -> dict[str, Any]:
        stamp = at.isoformat(timespec="seconds")
        return {
            "specversion": "1.0", "type": f"livelihood.request.{kind}", "source": f"/channels/{channel}",
            "id": f"{issue}:{kind}", "subject": issue, "time": stamp, "recorded": stamp, "channel": channel,
            **({"actor": actor} if actor else {}), "data": data,
        }  # fmt: skip

    yield event("submitted", asked, **data)
    accepted = asked + timedelta(minutes=chance.randrange(5, 200))
    if chance.random() < 0.05:
        return
    yield event("accepted", accepted, "lin")
    if chance.random() < 0.35:
        yield event("assigned", accepted + timedelta(minutes=10), "lin")
    if chance.random() < 0.10:
        until = (asked + takes + timedelta(days=2)).isoformat(timespec="seconds")
        yield event(
            "extension_asked", accepted + takes / 3, "lin", until=until, reason="waiting-for-material"
        )
    elif chance.random() < 0.10:
        yield event("paused", accepted + takes / 4, "lin", reason="waiting-for-person")
        yield event("resumed", accepted + takes / 2, "lin")
    elif chance.random() < 0.06:
        yield event("transfer_offered", accepted + takes / 4, "lin", to="streets")
    if chance.random() < 0.3:
        yield event("visit_recorded", accepted + takes / 2)
    done = asked + takes
    if chance.random() < 0.04:
        yield event("rejected", done, "lin", reason="not-for-this-government")
        return
    yield event("resolved", done, "lin", outcome=_one(chance, OUTCOMES))
    if chance.random() < 0.6:
        answer = chance.random() < 0.85
        yield event("rated", done + timedelta(hours=5), solved=answer, satisfied=answer)
    elif chance.random() < 0.08:
        yield event("reopened", done + timedelta(hours=20), reason="came-back")


if __name__ == "__main__":
    main()
