"""A town with staff, and issues of several departments, due at several times."""

import json
from dataclasses import dataclass

import pytest

from livelihood.envelope import parse_event
from livelihood.instants import Instant, iso, parse
from livelihood.ports import NewRecord
from tests.sites import Site
from web.accounts import Role
from web.passes import Passes


@dataclass
class Town:
    """The site, its people, and what is going on there."""

    site: Site

    def publish(self, issue: str, kind: str, at: str | Instant, actor: str = "", **data: object) -> None:
        """Something that happened by the hotline."""
        time = parse(at) if isinstance(at, str) else at
        document = {
            "specversion": "1.0", "type": f"livelihood.request.{kind}", "source": "/channels/hotline",
            "id": f"{issue}-{kind}-{time}", "subject": issue, "time": iso(time), "channel": "hotline",
            "data": data, **({"actor": actor} if actor else {}),
        }  # fmt: skip
        event = parse_event(json.dumps(document).encode(), time)
        self.site.engine.log.append([NewRecord(event.key, event.to_json())])

    def token(self, name: str, *, is_program: bool = False) -> str:
        """A pass of an account."""
        account = self.site.accounts.find(name)
        assert account is not None
        passes = Passes(self.site.engine.vault, self.site.accounts)
        return passes.make(account, self.site.now[0], is_program=is_program)


@pytest.fixture
def town(busy_site: Site) -> Town:
    """On Wednesday, 4 March 2026, 10:00: one overdue, one due today, one later; and another department's."""
    made = Town(busy_site)
    for name, role, *departments in (
        ("lin", Role.WINDOW, "streets"),
        ("wang", Role.SUPERVISOR, "streets"),
        ("zhao", Role.SUPERVISOR, "water"),
        ("mayor", Role.VIEWER),
        ("ops", Role.OPERATOR),
        ("chen", Role.ADMIN),
    ):
        busy_site.add_account(name, role, *departments)
    # Pothole: two working days. Blocked drain: one.
    for issue, service, at in (
        ("LATE", "pothole", "2026-02-27T10:00:00+08:00"),
        ("TODAY", "pothole", "2026-03-02T15:00:00+08:00"),
        ("LATER", "pothole", "2026-03-03T15:00:00+08:00"),
        ("DRAIN", "blocked-drain", "2026-03-03T15:00:00+08:00"),
    ):
        made.publish(issue, "submitted", at, service=service, area="riverside")
    return made
