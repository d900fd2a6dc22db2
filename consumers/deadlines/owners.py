"""Whose calendar an address opens: that of the subscription its token names."""

from consumers.deadlines.coming import Owner
from consumers.subscriptions.desk import Desk


class Owners:
    """Of one server. Blocks; Unavailable."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, token: str) -> Owner | None:
        """The owner; None where the token is none of ours, or there is no such subscription any more."""
        identity = self._desk.links.calendar_of(token)
        subscription = None if identity is None else self._desk.subscriptions.get(identity)
        if subscription is None:
            return None
        matcher = self._desk.matcher()
        return Owner(
            title=subscription.title,
            language=subscription.language,
            hears=lambda alert: matcher.hears(subscription, alert),
        )
