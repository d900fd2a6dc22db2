"""Whose subscriptions are whose, and all that is done with them; what HTTP, pages and commands work with."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from consumers.subscriptions.creating import Creating
from consumers.subscriptions.given_up import Undelivered
from consumers.subscriptions.limits import limits_of_name
from consumers.subscriptions.links import Links
from consumers.subscriptions.matching import Matcher
from consumers.subscriptions.store import Kept, Subscriptions
from livelihood.endpoints import Deliveries, Endpoints
from livelihood.fields import Code
from livelihood.instants import Instant
from livelihood.ports import Published
from web.accounts import Accounts, Right
from web.users import User


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Of one process."""

    subscriptions: Subscriptions
    endpoints: Endpoints
    deliveries: Deliveries
    creating: Creating
    undelivered: Undelivered
    accounts: Accounts
    links: Links
    #: One of the last seconds; it blocks.
    matcher: Callable[[], Matcher]
    #: Gives the alerts to one thread at a time.
    hold: Callable[[], AbstractContextManager[Published]]
    clock: Callable[[], Instant]

    def of(self, user: User) -> list[Kept]:
        """Those that a person may see and change: their own; an operator's are all."""
        found = self.subscriptions.all()
        return found if user.may(Right.OPERATE) else [one for one in found if _is_own(one, user)]

    def find(self, user: User, identity: str) -> Kept | None:
        """One of these."""
        kept = self.subscriptions.find(identity)
        return kept if kept is not None and (user.may(Right.OPERATE) or _is_own(kept, user)) else None

    def resend(self, endpoint: str, message: str = "") -> int:
        """Try what any endpoint was not told again, by its id; of a subscription's as its own page does."""
        for kept in self.subscriptions.all():
            if kept.endpoint.id == endpoint:
                return self.undelivered.resend(kept, message).resent
        return self.deliveries.resend(endpoint, message)

    def may_change(self, kept: Kept, user: User) -> bool:
        """Whether a person may say what it tells, and where: their own, an operator what is nobody's.

        Another's mails carry a link to that one's cases: who keeps the system running does not turn them
        to themselves.
        """
        if not self.may_remove(kept):
            return False
        return _is_own(kept, user) or (not kept.subscription.account and user.may(Right.OPERATE))

    def limits(self, kept: Kept) -> frozenset[Code] | None:
        """The departments at which it ends, those of its account; None: at none."""
        return limits_of_name(self.accounts, kept.subscription.account)

    def may_remove(self, kept: Kept) -> bool:
        """Whether it can be removed: what the catalogue names would come back."""
        return not (kept.subscription.recipient or kept.subscription.is_operator)


def _is_own(kept: Kept, user: User) -> bool:
    return bool(user.name) and kept.subscription.account == user.name
