"""`livelihood webhooks`: where channels want to be told, and what could not be delivered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.table import Table

from backends.webhooks.addresses import Addresses
from backends.webhooks.endpoint import Noted
from backends.webhooks.ledger import Ledger, Message
from backends.webhooks.mailing import MailServer, mail_server
from backends.webhooks.registry import Registry
from backends.webhooks.senders import scheme_of
from backends.webhooks.sending import Outcome
from cli.engine import Engine, open_engine, system_clock
from cli.failures import MISSING, REFUSED, USAGE, Failure
from cli.moments import moment_text
from cli.objects import json_text
from cli.settings import Settings, load
from cli.terminal import answers, notes, plain
from consumers.feed.metrics import DeliveryNumbers
from livelihood.endpoints import CHANNEL_FEED, Endpoint, Endpoints
from producers.hearing.places import text_of
from producers.hearing.registering import shown
from producers.hearing.tail import ends_of


class _Webhooks(NamedTuple):
    engine: Engine
    endpoints: Endpoints
    ledger: Ledger
    addresses: Addresses

    def get(self, identity: str) -> Endpoint:
        """One that there is; Failure for another."""
        endpoint = next((one for one in self.all() if one.id == identity), None)
        if endpoint is None:
            raise Failure(f"There is no webhook {identity!r}; livelihood webhooks list  names all.", MISSING)
        return endpoint

    def all(self) -> list[Endpoint]:
        """Those of channels; where supervisors are told is with their subscriptions."""
        return [one for one in self.endpoints.all() if one.feed.startswith(CHANNEL_FEED)]


def addresses_of(settings: Settings) -> Addresses:
    """Where webhooks may go, by the settings; Failure where a network is none."""
    try:
        return Addresses(settings.webhook_networks.split(","), http=settings.webhook_http)
    except ValueError as error:
        raise Failure(f"webhook_networks: {error}; expected networks as 10.1.0.0/16.", USAGE) from None


def mail_of(settings: Settings) -> MailServer | None:
    """The mail server of the settings, if one is named; Failure says what is wrong with it."""
    try:
        return mail_server(settings.smtp_url, settings.mail_sender)
    except ValueError as error:
        raise Failure(f"{error}.", USAGE) from None


def noted_in(numbers: DeliveryNumbers) -> Noted:
    """Counts what came of attempts to deliver."""

    def noted(endpoint: Endpoint, message: Message, outcome: Outcome) -> None:
        numbers.attempted(scheme_of(endpoint.url), message.body, outcome.problem, is_given_up=message.is_dead)

    return noted


@contextmanager
def _opened(data: Path | None, config: Path | None) -> Iterator[_Webhooks]:
    settings = load(config, data=data).settings
    addresses = addresses_of(settings)
    with open_engine(settings) as engine:
        yield _Webhooks(engine, Registry(engine.vault), Ledger(engine.deliveries), addresses)


def run_add(channel: str, url: str, *, data: Path | None, config: Path | None) -> None:
    """Register a URL, and print its secret."""
    with _opened(data, config) as (engine, endpoints, _, addresses):
        if wrong := addresses.objection(url):
            raise Failure(f"{url}: {wrong}.", REFUSED)
        position = text_of(ends_of(engine.reader, engine.topics))
        endpoint = endpoints.add(CHANNEL_FEED + channel, url, position, system_clock())
    notes().print(
        f"The webhook {endpoint.id} tells {url} what happens to issues of {channel} from now on. Its secret,"
        " shown this once:",
        soft_wrap=True,
    )
    plain(endpoint.secrets[0].value)


def run_list(*, as_json: bool, data: Path | None, config: Path | None) -> None:
    """List all webhooks, and how much waits for each."""
    with _opened(data, config) as webhooks:
        kept, zone = list(webhooks.ledger.waiting()), webhooks.engine.zone
        found = webhooks.all()
    waiting = {one.id: [message for message in kept if message.endpoint == one.id] for one in found}
    dead = {name: sum(message.is_dead for message in messages) for name, messages in waiting.items()}
    if as_json:
        counts = {name: {"waiting": len(waiting[name]) - dead[name], "given_up": dead[name]} for name in dead}
        plain(json_text([{**shown(one), **counts[one.id]} for one in found]))
        return
    table = Table("id", "channel", "URL", "added", "waiting", "given up", "disabled", box=box.SIMPLE_HEAD)
    for one in found:
        table.add_row(
            one.id,
            one.feed.removeprefix(CHANNEL_FEED),
            one.url,
            moment_text(one.added, zone),
            str(len(waiting[one.id]) - dead[one.id]),
            str(dead[one.id]),
            one.disabled,
        )
    answers().print(table if found else "There are no webhooks; livelihood webhooks add  makes one.")


def run_remove(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Forget a webhook and what waits for it."""
    with _opened(data, config) as webhooks:
        webhooks.endpoints.remove(webhooks.get(identity).id)
        webhooks.ledger.forget(identity)
    answers().print(f"The webhook {identity} is removed.")


def run_rotate(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Give a webhook a new secret."""
    with _opened(data, config) as webhooks:
        endpoint = webhooks.endpoints.rotate(webhooks.get(identity).id, system_clock())
    assert endpoint is not None
    notes().print("Both secrets sign for a day from now. The new one, shown this once:")
    plain(endpoint.secrets[0].value)


def run_enable(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Deliver again what was disabled."""
    with _opened(data, config) as webhooks:
        webhooks.endpoints.disable(webhooks.get(identity).id, "")
    answers().print(f"The webhook {identity} is delivered to again, from where it stopped.")


def run_dead(*, as_json: bool, data: Path | None, config: Path | None) -> None:
    """List what was given up after the last attempt."""
    with _opened(data, config) as webhooks:
        names = {one.id for one in webhooks.all()}
        dead = [one for one in webhooks.ledger.waiting() if one.is_dead and one.endpoint in names]
    if as_json:
        listed = [{"webhook": one.endpoint, "id": one.id, "problem": one.problem} for one in dead]
        plain(json_text(listed))
        return
    table = Table("webhook", "message", "attempts", "problem", box=box.SIMPLE_HEAD)
    for one in dead:
        table.add_row(one.endpoint, one.id, str(one.attempts), one.problem)
    answers().print(table if dead else "Nothing was given up.")


def run_resend(identity: str, message: str, *, data: Path | None, config: Path | None) -> None:
    """Try what was given up again."""
    with _opened(data, config) as webhooks:
        count = webhooks.ledger.resend(webhooks.get(identity).id, message)
    answers().print(f"{count:,} messages are tried again, by whichever server delivers.")
