"""One example of each kind of event a channel may publish, for the description of the interface."""

from typing import Any

from livelihood.envelope import type_of
from livelihood.events import Kind

#: The data of each.
DATA: dict[Kind, dict[str, Any]] = {
    Kind.SUBMITTED: {
        "service": "street-light",
        "area": "wulin",
        "number": "H-17",
        "personal": {"name": "王小明", "phone": "13800001234", "text": "路灯不亮 (the light is out)"},
    },
    Kind.ACCEPTED: {},
    Kind.ASSIGNED: {"to": "lighting-team"},
    Kind.TRANSFER_OFFERED: {"to": "power-company"},
    Kind.TRANSFER_ACCEPTED: {"to": "power-company"},
    Kind.RETURNED: {"reason": "not-ours"},
    Kind.RECLASSIFIED: {"service": "power-cut"},
    Kind.PAUSED: {"reason": "waiting-for-parts"},
    Kind.RESUMED: {},
    Kind.EXTENSION_ASKED: {"until": "2026-03-09T17:00:00+08:00", "reason": "weather"},
    Kind.EXTENSION_GRANTED: {"until": "2026-03-09T17:00:00+08:00"},
    Kind.EXTENSION_REFUSED: {"reason": "too-late"},
    Kind.PROGRESS_REPORTED: {"done": 120, "verified": 80},
    Kind.VISIT_RECORDED: {},
    Kind.COMMENTED: {"personal": {"text": "He rang to say that it flickers now."}},
    Kind.FOLLOWED_UP: {},
    Kind.RESOLVED: {"outcome": "fixed", "visits": 1},
    Kind.REJECTED: {"reason": "private-ground"},
    Kind.WITHDRAWN: {"confirmed_call": True},
    Kind.MERGED: {"into": "2026-000117"},
    Kind.CLOSED: {"confirmed_call": True},
    Kind.REOPENED: {"reason": "not-fixed"},
    Kind.RATED: {"solved": True, "satisfied": False},
    Kind.CORRECTED: {
        "corrects": "H-20260301-17",
        "changes": {"service": {"old": "street-light", "new": "power-cut"}},
    },
    Kind.NUMBERED: {"number": "CMS-2026-4711"},
    Kind.ACKNOWLEDGED: {"expected": "2026-03-05T17:00:00+08:00"},
    Kind.CONTESTED: {"reason": "wrong-owner"},
    Kind.CONTEST_ANSWERED: {"upheld": False},
}


def example(kind: Kind) -> dict[str, Any]:
    """A whole event of a kind."""
    return {
        "specversion": "1.0",
        "type": type_of(kind),
        "source": "/channels/hotline",
        "id": "H-20260301-17" if kind is Kind.SUBMITTED else f"H-20260301-17-{kind.word}",
        "subject": "2026-000123",
        "time": "2026-03-01T09:12:00+08:00",
        "channel": "hotline",
        "data": DATA[kind],
    }
