"""Who hears of an alert: by what they chose, by default, in somebody's place, or because nobody else does."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from consumers.alerts import Told
from consumers.subscriptions.model import Subscription
from consumers.subscriptions.store import Kept
from livelihood.alerts import Alert
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import from_datetime
from livelihood.promises import Catalogue
from livelihood.recipients import recipients, upwards
from web.leave import Leave

Rule = Callable[[Alert], bool]
NO_LIMITS: Mapping[str, frozenset[str]] = {}


class Matcher:
    """By the subscriptions, the catalogue and the leaves of one moment."""

    def __init__(
        self,
        kept: Sequence[Kept],
        catalogue: Catalogue,
        leaves: Iterable[Leave],
        limits: Mapping[str, frozenset[str]] = NO_LIMITS,
    ) -> None:
        """`limits`: the departments at which an account's own subscriptions end, where they do."""
        self._catalogue = catalogue
        self._limits = limits
        self._named: dict[tuple[str, str, int, str], frozenset[str]] = {}
        self._above: dict[str, frozenset[str]] = {}
        #: Account -> its subscriptions, the first of which hears what comes to the account itself.
        self._of_account: dict[str, list[Subscription]] = {}
        for one, _ in kept:
            if one.account:
                self._of_account.setdefault(one.account, []).append(one)
        self._leaves: dict[str, list[Leave]] = {}
        for leave in leaves:
            self._leaves.setdefault(leave.deputy, []).append(leave)
        self._known = {one.id for one, _ in kept}
        self._judged: tuple[Subscription, Rule] | None = None
        self._heard = [
            (one.subscription, self._rule(one.subscription)) for one in kept if self._is_heard(one)
        ]

    def hears(self, subscription: Subscription, alert: Alert, told: Told | None = None) -> bool:
        """Whether an alert is for a subscription; by what was chosen when it was `told`, None: by now."""
        if subscription.is_operator:
            return self.is_unheard(alert, told)
        if subscription.id not in self._known:
            return False
        one = _at(subscription, told)
        # Many alerts are asked for of one subscription after the other.
        judged = self._judged
        if judged is None or judged[0] is not one:
            judged = self._judged = (one, self._rule(one))
        return judged[1](alert)

    def is_unheard(self, alert: Alert, told: Told | None = None) -> bool:
        """Whether an alert is for nobody who is told of any now."""
        for one, rule in self._heard:
            if (rule if not one.eras else self._rule(_at(one, told)))(alert):
                return False
        return True

    def recipients(self, alert: Alert) -> frozenset[str]:
        """Whom the catalogue names for an alert.

        A `cleared` is for all who may have heard of what it clears: the department's own, and whoever holds
        the roles of the rungs up to the one it names.
        """
        is_climbed = alert.kind in ("escalated", "cleared") and alert.level > 0
        key = (alert.department, alert.kind, alert.level if is_climbed else 0, f"{alert.to} {alert.service}")
        named = self._named.get(key)
        if named is None:
            named = self._named[key] = frozenset(self._look_up(alert))
        return named

    def above(self, department: str) -> frozenset[str]:
        """A department and those it belongs to."""
        found = self._above.get(department)
        if found is None:
            codes = (code for code, _ in upwards(self._catalogue.latest, department))
            # Itself also where it is in the catalogue no more: it can still be asked for.
            found = self._above[department] = frozenset((department, *codes))
        return found

    def _look_up(self, alert: Alert) -> Iterable[str]:
        if alert.kind == "escalated":
            yield from recipients(self._catalogue, alert.department, alert.to)
            return
        yield from recipients(self._catalogue, alert.department, None)
        if alert.kind == "cleared" and alert.level:
            roles = {alert.to, *_roles(self._catalogue.latest, alert.service)[: alert.level]}
            for role in roles - {""}:
                yield from recipients(self._catalogue, alert.department, role)

    def _is_heard(self, kept: Kept) -> bool:
        return kept.is_heard and not kept.subscription.is_operator

    def _rule(self, subscription: Subscription) -> Rule:
        if subscription.recipient:
            return lambda alert: subscription.recipient in self.recipients(alert)
        account = subscription.account
        if not account or self._of_account[account][0].id != subscription.id:
            return self._own(subscription)
        # The account's first also hears what the catalogue names the account for, and what those would whose
        # place it takes: they on the day an alert was raised.
        return lambda alert: (
            self._own(subscription)(alert)
            or account in self.recipients(alert)
            or any(self._would_hear(name, alert) for name in self._away(account, alert))
        )

    def _own(self, subscription: Subscription) -> Rule:
        wanted, limits = subscription.wanted, self._limits.get(subscription.account)

        def own(alert: Alert) -> bool:
            above = self.above(alert.department)
            return wanted.holds(alert, above) and (limits is None or not limits.isdisjoint(above))

        return own

    def _away(self, account: str, alert: Alert) -> Iterable[str]:
        raised = from_datetime(alert.raised)
        return (leave.account for leave in self._leaves.get(account, ()) if leave.lasts_at(raised))

    def _would_hear(self, account: str, alert: Alert) -> bool:
        return account in self.recipients(alert) or any(
            self._own(one)(alert) for one in self._of_account.get(account, ())
        )


def _at(subscription: Subscription, told: Told | None) -> Subscription:
    return subscription if told is None else subscription.at(told.partition, told.place)


def _roles(version: CatalogueVersion, service: str) -> list[str]:
    """The roles of a service's ladder, rung by rung."""
    entry = version.services.get(service)
    standard = None if entry is None or entry.standard is None else version.standards.get(entry.standard)
    return [] if standard is None else [step.to for step in standard.escalation]


def all_named(version: CatalogueVersion) -> Mapping[str, str]:
    """Everybody whom the catalogue names, with the department or role for which it does first."""
    found: dict[str, str] = {}
    for code, department in version.departments.items():
        for address in department.recipients:
            found.setdefault(address, code)
        for holder in department.roles.values():
            for address in holder.recipients:
                found.setdefault(address, code)
    for role, holder in version.roles.items():
        for address in holder.recipients:
            found.setdefault(address, role)
    return found
