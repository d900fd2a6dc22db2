"""A gateway served over HTTP on both engines, somebody at work, and who follows."""

from typing import Any

from tests import following

# Fixtures are found by their names here.
from tests.producers.gateway.conftest import Gateway, at_work, gateway, serve, settings

__all__ = ["Gateway", "at_work", "gateway", "serve", "settings"]


class Follower(following.Follower):
    """Follows a channel's changes."""

    def __init__(self) -> None:
        super().__init__("/v1/changes", {"channel": "phone"})

    @property
    def changes(self) -> list[dict[str, Any]]:
        return self.told
