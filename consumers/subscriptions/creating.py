"""A subscription checked, tried and kept, or changed: what would never be delivered is said at once."""

import secrets
from collections.abc import Callable, Mapping
from typing import Annotated

from anyio import to_thread
from pydantic import Field

from consumers.subscriptions.causes import says
from consumers.subscriptions.limits import beyond, limits_of_name
from consumers.subscriptions.model import Chosen, Subscription, Wanted
from consumers.subscriptions.places import beginning, text_of
from consumers.subscriptions.store import Kept, Subscriptions, new_id
from consumers.subscriptions.writing import Writer
from livelihood.catalogue import OTHER_AREA, CatalogueVersion
from livelihood.endpoints import Endpoint, Reach, Trial
from livelihood.instants import Instant
from livelihood.promises import Catalogue
from web.accounts import Accounts
from web.languages import Message, _

#: An account has at most so many.
MOST = 50
#: Answers of a webhook that is there: it checks signatures, and does not know the secret yet.
UNSIGNED = frozenset({400, 401, 403})
MAIL = "mailto:"
#: It is changed so often before its next digest.
MOST_CHANGES = 100
#: Of how many codes there are so many are named where one is not among them.
_NAMED = 12


class Draft(Chosen):
    """A subscription to be made."""

    url: Annotated[
        str, Field(max_length=2_000, examples=["https://town.example/alerts", "mailto:wang@town.example"])
    ]
    """Where it is told: https:// for a signed webhook, mailto:, or a URL of Apprise, as wecombot://KEY."""


class Changed(Chosen):
    """What a subscription is to be from now on, all of it."""

    url: Annotated[str, Field(max_length=2_000)] = ""
    """Where it is told; empty: where it is told now, which is not shown again."""


class Wrong(ValueError):
    """A subscription that cannot be made, or not be so; `problems` says of each field what was expected."""

    def __init__(self, problems: Mapping[str, Message | str]) -> None:
        super().__init__(next(iter(problems)))
        self.problems = problems


class Creating:
    """Makes subscriptions."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        catalogue: Callable[[], Catalogue],
        accounts: Accounts,
        writer: Writer,
        reach: Reach,
        trial: Trial,
        ends: Callable[[], tuple[int, ...]],
        clock: Callable[[], Instant],
    ) -> None:
        """`ends` are the places of what was told by now; it blocks."""
        self._subscriptions = subscriptions
        self._catalogue = catalogue
        self._accounts = accounts
        self._writer = writer
        self._reach = reach
        self._trial = trial
        self._ends = ends
        self._clock = clock

    async def create(self, draft: Draft, account: str = "") -> Kept:
        """Try it, and keep it; Wrong, Unavailable."""
        await to_thread.run_sync(self._check_new, draft, account)
        chosen = draft.model_dump(exclude={"url"})
        subscription = Subscription(
            **chosen,
            id=new_id(),
            account=account,
            carries_pass=bool(account) and draft.url.startswith(MAIL),
            added=self._clock(),
        )
        endpoint = await to_thread.run_sync(self._subscriptions.endpoint_for, subscription, draft.url)
        await self._try(subscription, endpoint)

        def keep() -> Kept:
            position = text_of(beginning(self._ends(), subscription.added))
            return self._subscriptions.add(subscription, endpoint.model_copy(update={"position": position}))

        return await to_thread.run_sync(keep)

    async def change(self, kept: Kept, changed: Changed) -> Kept:
        """Try another destination, and keep what is chosen now, for what is told from now on.

        The id, the secrets, and how far its alerts were told stay. Wrong, Unavailable.
        """
        await to_thread.run_sync(self._check_changed, kept, changed)
        if changed.url and changed.url != kept.endpoint.url:
            chosen = {name: getattr(changed, name) for name in Chosen.model_fields}
            endpoint = kept.endpoint.model_copy(update={"url": changed.url})
            await self._try(kept.subscription.model_copy(update=chosen), endpoint)
        found = await to_thread.run_sync(self._subscriptions.change, kept, changed, changed.url)
        if found is None:
            raise Wrong({"": _("it was removed meanwhile")})
        return found

    async def test(self, kept: Kept) -> str:
        """Send a test message; what was wrong, and empty where it was taken."""
        return await self._tried(kept.subscription, kept.endpoint, frozenset())

    async def _try(self, subscription: Subscription, endpoint: Endpoint) -> None:
        if problem := await self._tried(subscription, endpoint, UNSIGNED):
            raise Wrong({"url": _("the test message was not taken: %(problem)s", problem=says(problem))})

    async def _tried(self, subscription: Subscription, endpoint: Endpoint, there: frozenset[int]) -> str:
        new = await to_thread.run_sync(self._writer.test, subscription, secrets.token_hex(8))
        tried = await self._trial(endpoint, new.id, new.body)
        return "" if tried.status in there else tried.problem

    def _check_new(self, draft: Draft, account: str) -> None:
        problems = self._wrong_with(draft.wanted, account)
        if wrong := self._reach.objection(draft.url):
            problems["url"] = says(wrong)
        if not problems and len(self._subscriptions.of(account)) >= MOST:
            problems["url"] = _("you have %(most)s subscriptions; remove one first", most=MOST)
        if problems:
            raise Wrong(problems)

    def _check_changed(self, kept: Kept, changed: Changed) -> None:
        one = kept.subscription
        problems = self._wrong_with(changed.wanted, one.account)
        if changed.url and changed.url != kept.endpoint.url:
            if one.carries_pass and not changed.url.lower().startswith(MAIL):
                # Those under way carry it already: it would go to a program.
                problems["url"] = _(
                    "its mails carry a link for their reader alone: give another address of mail, or"
                    " subscribe"
                    " anew and remove this one"
                )
            elif wrong := self._reach.objection(changed.url):
                problems["url"] = says(wrong)
        if not problems and len(one.eras) >= MOST_CHANGES:
            problems[""] = _(
                "it was changed %(most)s times; wait until its next digest was sent", most=MOST_CHANGES
            )
        if problems:
            raise Wrong(problems)

    def _wrong_with(self, wanted: Wanted, account: str) -> dict[str, Message | str]:
        version = self._catalogue().latest
        problems = wrong_with(wanted, version)
        limits = limits_of_name(self._accounts, account)
        if limits is not None and (others := beyond(version, wanted.departments, limits)):
            problems.setdefault(
                "wanted.departments",
                _(
                    "%(others)s is none of the account's departments, which are %(own)s, with those below"
                    " them",
                    others=", ".join(others),
                    own=", ".join(sorted(limits)),
                ),
            )
        return problems


def wrong_with(wanted: Wanted, version: CatalogueVersion) -> dict[str, Message | str]:
    """What is asked for and never comes, by field."""
    problems: dict[str, Message | str] = {}
    known = {
        "commitments": [*version.commitments, *version.projects],
        "services": list(version.services),
        "departments": list(version.departments),
        "areas": [*version.areas, OTHER_AREA],
        "channels": list(version.channels),
    }
    for part, codes in known.items():
        for code in sorted(getattr(wanted, part) - set(codes)):
            more = ", …" if len(codes) > _NAMED else ""
            there = ", ".join(codes[:_NAMED]) + more
            problems[f"wanted.{part}"] = _(
                "the catalogue has no %(code)s here; it has %(there)s", code=repr(code), there=there or "–"
            )
    if wanted.level and wanted.kinds and wanted.kinds.isdisjoint(("escalated", "cleared")):
        problems["wanted.level"] = _("only what was escalated, and its clearing, has a level above 0")
    elif wanted.level > (highest := _highest_rung(wanted, version)):
        problems["wanted.level"] = _(
            "no ladder climbs so high there: its highest rung is %(highest)s", highest=highest
        )
    if (
        wanted.obligations == {"acceptance"}
        and wanted.kinds
        and wanted.kinds.isdisjoint(("overdue", "cleared"))
    ):
        problems["wanted.kinds"] = _("of acceptance only overdue and cleared are told")
    return problems


def _highest_rung(wanted: Wanted, version: CatalogueVersion) -> int:
    """Of the ladders of what is wanted; 0 where nothing of it has one."""
    services = version.services.keys() & wanted.services if wanted.services else version.services.keys()
    if wanted.commitments:
        chosen = (version.commitments.get(code) for code in wanted.commitments)
        services &= {service for one in chosen if one is not None for service in one.services}
    standards = (version.services[code].standard for code in services)
    return max((len(version.standards[standard].escalation) for standard in standards if standard), default=0)
