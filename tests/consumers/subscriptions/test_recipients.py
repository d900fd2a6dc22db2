"""Whom the catalogue names has a subscription, for as long as it does; the operator always has one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.vaults.sqlite_vault import SqliteVault
from backends.webhooks.ledger import Ledger
from backends.webhooks.registry import Registry
from consumers.subscriptions.metrics import UnheardNumbers
from consumers.subscriptions.places import beginning, text_of
from consumers.subscriptions.recipients import RETRY, Recipients
from consumers.subscriptions.store import Subscriptions
from livelihood.catalogue_reading import parse_catalogue
from livelihood.endpoints import LOG
from livelihood.promises import Catalogue
from tests.consumers.subscriptions.towns import MORNING
from web.accounts import Account, Accounts, Role

CITY = """
version = "{version}"
title = {{zh = "市", en = "City"}}
time_zone = "Asia/Shanghai"
calendar = "monday-friday"
[departments]
works = {{title = "Works", recipients = {works}, roles = {{head = ["wang", "nobody"]}}}}
"""


class Office:
    """Keeps recipients by a catalogue that a test changes."""

    def __init__(self, vault: SqliteVault) -> None:
        self.vault = vault
        self.now = MORNING
        self.unreachable: set[str] = set()
        #: What it was asked of.
        self.asked: list[str] = []
        self.publish("1", "works@x", "https://x.example/hook")
        self.ledger = Ledger(vault)
        self.subscriptions = Subscriptions(vault, Registry(vault), self.ledger)
        self.operator = ""

    def publish(self, version: str, *works: str) -> None:
        listed = "[" + ", ".join(f'"{one}"' for one in works) + "]"
        self.catalogue = Catalogue([parse_catalogue(CITY.format(version=version, works=listed))])

    def objection(self, url: str) -> str:
        self.asked.append(url)
        return "cannot be reached" if url in self.unreachable else ""

    def recipients(self) -> Recipients:
        return Recipients(
            self.subscriptions, lambda: self.catalogue, Accounts(self.vault), self, lambda: (7, 9),
            lambda: self.now, self.operator, None,
        )  # fmt: skip

    def urls(self) -> set[str]:
        return {one.endpoint.url for one in self.subscriptions.all()}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with SqliteVault(tmp_path / "vault") as vault:
        Accounts(vault).add(Account(name="wang", role=Role.SUPERVISOR, password="x", created=MORNING))
        yield Office(vault)


def test_who_is_named_is_told_from_then_on_in_the_language_of_the_catalogue(
    office: Office, caplog: Any
) -> None:
    looking = office.recipients()
    for _ in range(3):
        looking.look()
    assert office.urls() == {"mailto:works@x", "https://x.example/hook", LOG}
    for kept in office.subscriptions.all():
        assert kept.endpoint.position == text_of(beginning((7, 9), MORNING))
        assert kept.subscription.language == "zh"
    # The head is an account; the other one is nobody, and that is said once.
    assert caplog.text.count("neither an address nor an account") == 1


def test_who_is_named_no_more_is_told_no_more_and_who_cannot_be_told_is_tried_again(office: Office) -> None:
    office.unreachable.add("mailto:parks@x")
    looking = office.recipients()
    looking.look()
    office.publish("2", "works@x", "parks@x")
    looking.look()
    assert office.urls() == {"mailto:works@x", LOG}
    office.unreachable.clear()
    looking.look()
    assert office.urls() == {"mailto:works@x", LOG}
    office.now += RETRY
    looking.look()
    assert office.urls() == {"mailto:works@x", "mailto:parks@x", LOG}


def test_the_operator_is_told_elsewhere_from_where_the_log_had_come_and_counted_on(office: Office) -> None:
    office.recipients().look()
    (operator,) = [one for one in office.subscriptions.all() if one.subscription.is_operator]
    assert not operator.subscription.at_once
    office.ledger.take_in(
        operator.endpoint.id, [], 1, '{"told":[8,9],"digested":[8,9],"looked":5,"count":41}'
    )
    office.operator = "mailto:ops@x"
    for _ in range(2):
        office.recipients().look()
    (operator,) = [one for one in office.subscriptions.all() if one.subscription.is_operator]
    assert operator.endpoint.url == "mailto:ops@x"
    assert operator.subscription.at_once
    (unheard,) = UnheardNumbers(office.subscriptions).collect()
    assert [one.value for one in unheard.samples] == [41]


def test_a_wrong_url_of_the_operators_is_said_once_and_not_looked_at_with_every_look(
    office: Office, caplog: Any
) -> None:
    office.operator = "mailto:ops@x"
    office.unreachable.add(office.operator)
    looking = office.recipients()
    for _ in range(3):
        looking.look()
    assert office.asked.count(office.operator) == 1
    office.now += RETRY
    looking.look()
    assert office.asked.count(office.operator) == 2
    assert caplog.text.count("the setting `operator`: cannot be reached") == 1
