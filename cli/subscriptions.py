"""`livelihood subscriptions`: who wants to be told of alerts, and what could not be delivered."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import anyio
from pydantic import ValidationError
from rich import box
from rich.table import Table

from backends.webhooks.ledger import Ledger
from backends.webhooks.registry import Registry
from backends.webhooks.senders import Targets
from cli.accounts import found_account
from cli.contexts import context_at
from cli.engine import Engine, open_engine
from cli.failures import MISSING, REFUSED, USAGE, Failure
from cli.objects import json_text
from cli.settings import Settings, load
from cli.terminal import answers, notes, plain
from cli.trying import trial_of
from cli.webhooks import addresses_of, mail_of
from consumers.alerts import KINDS
from consumers.subscriptions.causes import says
from consumers.subscriptions.creating import Changed, Draft, Wrong
from consumers.subscriptions.desk import Desk
from consumers.subscriptions.interface import shown, waiting
from consumers.subscriptions.model import Chosen
from consumers.subscriptions.part import Subscribing
from consumers.subscriptions.store import Kept
from consumers.tail import AlertTail
from livelihood.complaints import complaints
from web.languages import in_english
from web.shell import Shell

#: Field -> what its option says; None: it was not given.
Given = Mapping[str, str | int | bool | None]
#: Field of a draft -> the option that says it.
_OPTIONS = {
    "wanted.commitments": "commitment", "wanted.services": "service", "wanted.departments": "department",
    "wanted.areas": "area", "wanted.channels": "channel", "wanted.obligations": "obligation",
    "wanted.kinds": "kind", "wanted.level": "level", "at_once": "at-once", "time_zone": "time-zone",
    **{name: name for name in ("title", "digest", "morning", "quiet", "language", "line")},
}  # fmt: skip


class _Opened(NamedTuple):
    engine: Engine
    desk: Desk

    def get(self, identity: str) -> Kept:
        """One that there is; Failure for another."""
        kept = self.desk.subscriptions.find(identity)
        if kept is None:
            raise Failure(
                f"There is no subscription {identity!r}; livelihood subscriptions list  names all.", MISSING
            )
        return kept


@contextmanager
def _opened(data: Path | None, config: Path | None) -> Iterator[_Opened]:
    settings = load(config, data=data).settings
    with open_engine(settings) as engine:
        yield _Opened(engine, _desk(engine, settings))


def _desk(engine: Engine, settings: Settings) -> Desk:
    context = context_at(engine, settings, f"http://{settings.address}", is_local=True)
    tail = AlertTail(lambda: nullcontext(context.topics))
    part = Subscribing(
        Shell(context),
        tail,
        Registry(engine.vault),
        Ledger(engine.deliveries),
        Targets(addresses_of(settings), mail_of(settings)),
        trial_of(settings, engine.clock),
        operator=settings.operator,
        turn=None,
    )
    return part.desk


def run_add(
    url: str, chosen: Given, wanted: Given, *, account: str, data: Path | None, config: Path | None
) -> None:
    """Try it, keep it, and print its secret; Failure says which option is wrong."""
    with _opened(data, config) as (engine, desk):
        name = found_account(desk.accounts, account).name if account else ""
        document = {**_read(chosen), "url": url, "wanted": _listed(wanted)}
        document["time_zone"] = document["time_zone"] or engine.catalogue.latest.time_zone
        with _refusing():
            kept = anyio.run(desk.creating.create, Draft.model_validate(document), name)
    notes().print(
        f"The subscription {kept.subscription.id} tells {kept.endpoint.url} from now on.", soft_wrap=True
    )
    if kept.is_webhook:
        notes().print("The secret its messages are signed with, shown this once:")
        plain(kept.endpoint.secrets[0].value)


def run_change(
    identity: str, url: str, chosen: Given, wanted: Given, *, data: Path | None, config: Path | None
) -> None:
    """Change what is given of one, and nothing else; Failure says which option is wrong."""
    with _opened(data, config) as opened:
        kept = opened.get(identity)
        if not opened.desk.may_remove(kept):
            raise Failure(f"{identity} is as the catalogue has it: publish another catalogue.", REFUSED)
        document = kept.subscription.model_dump(mode="json", include=set(Chosen.model_fields))
        document["wanted"] |= _listed(wanted)
        with _refusing():
            changed = Changed.model_validate({**document, **_read(chosen), "url": url})
            anyio.run(opened.desk.creating.change, kept, changed)
    answers().print(f"The subscription {identity} is changed, for what is raised from now on.")


def run_list(*, as_json: bool, data: Path | None, config: Path | None) -> None:
    """List all, with what waits."""
    with _opened(data, config) as (_, desk):
        kept = desk.subscriptions.all()
        counts = desk.undelivered.counts(kept)
    listed = [{**shown(one), **waiting(counts[one.subscription.id])} for one in kept]
    if as_json:
        plain(json_text(listed))
        return
    table = Table("id", "title", "whose", "target", "waiting", "given up", "state", box=box.SIMPLE_HEAD)
    for one in listed:
        whose = one["account"] or one["recipient"]
        state = "paused" if one["paused"] else one["disabled"] or ""
        table.add_row(
            one["id"], one["title"], whose, one["target"], str(one["waiting"]), str(one["given_up"]), state
        )
    answers().print(table if kept else "There are no subscriptions; livelihood subscriptions add  makes one.")


def run_show(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Print one as JSON."""
    with _opened(data, config) as opened:
        kept = opened.get(identity)
        given_up = [message._asdict() for message in opened.desk.undelivered.of(kept)]
        told = opened.desk.subscriptions.told(kept)
    plain(json_text({**shown(kept), "told": told, "given_up": given_up}))


def run_test(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Send a test message; Failure says why it was not taken."""
    with _opened(data, config) as opened:
        problem = anyio.run(opened.desk.creating.test, opened.get(identity))
    if problem:
        raise Failure(f"The test message was not taken: {in_english(says(problem))}.", REFUSED)
    answers().print("The test message was taken.")


def run_pause(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Send nothing for now."""
    with _opened(data, config) as opened:
        opened.desk.subscriptions.pause(opened.get(identity).subscription.id, opened.engine.clock())
    answers().print(f"The subscription {identity} is paused; livelihood subscriptions resume  ends that.")


def run_resume(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Send again."""
    with _opened(data, config) as opened:
        opened.desk.subscriptions.resume(opened.get(identity).subscription.id, opened.engine.clock())
    answers().print(f"The subscription {identity} is told again, what was held first.")


def run_resend(identity: str, message: str, *, data: Path | None, config: Path | None) -> None:
    """Try what was given up again."""
    with _opened(data, config) as opened:
        resent = opened.desk.undelivered.resend(opened.get(identity), message)
    answers().print(
        f"{resent.resent:,} messages are tried again, by whichever server delivers; {resent.left_out:,} were"
        " settled meanwhile, and that was told."
    )


def run_remove(identity: str, *, data: Path | None, config: Path | None) -> None:
    """Forget one, and what waits for it."""
    with _opened(data, config) as opened:
        if not opened.desk.may_remove(opened.get(identity)):
            raise Failure(
                f"{identity} is there because the catalogue names whoever hears it: pause it, or publish"
                " another catalogue.",
                REFUSED,
            )
        opened.desk.subscriptions.remove(identity)
    answers().print(f"The subscription {identity} is removed.")


@contextmanager
def _refusing() -> Iterator[None]:
    """Failure says what is wrong with a draft, by its options."""
    try:
        yield
    except ValidationError as error:
        raise Failure("\n".join(map(_with_option, complaints(error))), USAGE) from None
    except Wrong as wrong:
        said = [_of_option(field, in_english(message)) for field, message in wrong.problems.items()]
        raise Failure("\n".join(said), REFUSED) from None


def _of_option(field: str, said: str) -> str:
    return f"{_option(field)}: {said}." if field else f"{said}."


def _option(field: str) -> str:
    return f"--{_OPTIONS[field]}" if field in _OPTIONS else field


def _with_option(complaint: str) -> str:
    """A complaint about a draft, with the option in the place of the field, or of what lies in the field."""
    field, colon, said = complaint.partition(": ")
    found = next((name for name in _OPTIONS if field == name or field.startswith(f"{name}.")), field)
    return _option(found) + colon + said


def _read(chosen: Given) -> dict[str, Any]:
    """What was given, as a draft has it."""
    readers = {"at_once": _kinds, "quiet": _quiet}
    return {
        name: readers[name](str(given)) if name in readers else given
        for name, given in chosen.items()
        if given is not None
    }


def _listed(wanted: Given) -> dict[str, Any]:
    """What was given of what is wanted."""
    return {
        part: _split(given) if isinstance(given, str) else given
        for part, given in wanted.items()
        if given is not None
    }


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _kinds(text: str) -> list[str]:
    word = text.strip()
    return list(KINDS) if word == "all" else [] if word == "none" else _split(word)


def _quiet(text: str) -> dict[str, str] | None:
    if text in ("", "none"):
        return None
    since, _, until = text.partition("-")
    return {"since": since, "until": until}
