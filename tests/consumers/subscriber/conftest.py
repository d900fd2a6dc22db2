"""A server on both engines, and alerts as a worker publishes them."""

# Fixtures are found by their names here.
from tests.consumers.feed.conftest import at_work, gateway, kept, serve, settings, telling

__all__ = ["at_work", "gateway", "kept", "serve", "settings", "telling"]
