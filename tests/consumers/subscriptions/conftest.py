"""A town whose server may deliver to this machine, with staff, and somebody who listens there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from backends.webhooks import deliverer, endpoint
from cli.settings import Settings
from consumers.subscriptions import part
from tests.backends.webhooks.conftest import Receiver, chats, mailbox, receiver
from tests.producers.acting.conftest import Town
from tests.sites import running_site
from web.accounts import Role

__all__ = ["Receiver", "chats", "mailbox", "receiver"]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """On Wednesday, 4 March 2026, 10:00; nothing has happened yet."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("web.accounts.PasswordHasher", lambda: quick)
    monkeypatch.setattr(deliverer, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(endpoint, "RETRY_SECONDS", (0.02,) * 7)
    monkeypatch.setattr(part, "LOOK_SECONDS", 0.1)
    settings = Settings(data=tmp_path / "data", webhook_networks="127.0.0.0/8", webhook_http=True)
    with running_site(settings) as site:
        made = Town(site)
        for name, role, *departments in (
            ("wang", Role.SUPERVISOR, "streets"),
            ("zhao", Role.SUPERVISOR, "water"),
            ("ops", Role.OPERATOR),
        ):
            site.add_account(name, role, *departments)
        yield made


class Program:
    """Asks by an account's pass, a new one each time: days pass."""

    def __init__(self, town: Town, name: str, *, by_link: bool = True) -> None:
        """`by_link`: as a mail's link gives one; else made for a program."""
        self._by_link = by_link
        self._client = town.site.browser().client
        self._town = town
        self._name = name

    def __call__(self, method: str, path: str = "", **body: Any) -> Any:
        """The answer to a request below /v1/subscriptions."""
        headers = {"accept": "application/json"}
        if self._name:
            token = self._town.token(self._name, is_program=not self._by_link)
            headers["authorization"] = f"Bearer {token}"
        return self._client.request(
            method, f"/v1/subscriptions{path}", headers=headers, **({"json": body} if body else {})
        )
