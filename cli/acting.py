"""`livelihood act`: something done to an issue by an account, from the command line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.text import Text

from cli.contexts import context_at
from cli.engine import Engine, open_engine
from cli.failures import REFUSED, USAGE, Failure, sentence
from cli.guarded import is_guarded
from cli.moments import parse_moment
from cli.objects import json_text
from cli.settings import Settings, load
from cli.terminal import notes, plain
from cli.work import working
from livelihood.instants import iso
from producers.acting.doing import Done, do
from producers.acting.interface import said
from producers.intake import Intake
from producers.receipts import Receipts
from producers.window.counter import Counter
from web.languages import in_english
from web.open_issues import OpenIssues
from web.problems import Problem
from web.shell import Shell
from web.users import ANYBODY, User

#: Options that say an instant.
_MOMENTS = ("until", "expected")


def run_act(
    issue: str, action: str, who: str | None, options: Mapping[str, Any], *,
    as_json: bool, data: Path | None, config: Path | None,
) -> None:  # fmt: skip
    """Do it, and say what came of it; Failure where it cannot be done."""
    settings = load(config, data=data).settings
    with open_engine(settings) as engine, _counter(engine, settings) as counter:
        user = _user(engine, counter, who)
        given = _data(engine, options)
        with working(engine, notes()) as work:
            work.catch_up()
            try:
                done = do(counter, user, issue, action, given, work=work.catch_up)
            except Problem as problem:
                field = f"{problem.field}: " if problem.field and problem.field != "action" else ""
                raise Failure(sentence(f"{field}{problem.detail}"), REFUSED) from None
    if as_json:
        plain(json_text(said(done)))
        return
    _say(done)


@contextmanager
def _counter(engine: Engine, settings: Settings) -> Iterator[Counter]:
    context = context_at(engine, settings, "", is_local=True)
    receipts = Receipts(engine.vault)
    intake = Intake(context, receipts)
    try:
        yield Counter(Shell(context), intake, receipts, OpenIssues(context))
    finally:
        intake.close()


def _user(engine: Engine, counter: Counter, who: str | None) -> User:
    """The account it is done by; anybody where there is none yet."""
    access = counter.shell.access
    if who is None:
        if is_guarded(engine.vault):
            raise Failure("Say by which account it is done:  --as NAME.", USAGE)
        return ANYBODY
    account = access.accounts.find(who.lower())
    if account is None:
        raise Failure(f"There is no account {who!r}; livelihood accounts list  lists them.", REFUSED)
    return access.user(account)


def _data(engine: Engine, options: Mapping[str, Any]) -> dict[str, Any]:
    """The event's data from the options that were given."""
    data = {name: value for name, value in options.items() if value is not None}
    for name in _MOMENTS:
        if name in data:
            data[name] = iso(parse_moment(data[name], engine.zone, f"--{name}"))
    text = data.pop("text", None)
    return {**data, "personal": {"text": text}} if text else data


def _say(done: Done) -> None:
    console = notes()
    if done.effect:
        console.print(f"Done: {done.issue} {done.action.kind.word.replace('_', ' ')}.")
    elif done.effect is None:
        console.print(f"Recorded safely; it takes effect when {done.issue} is worked on.", soft_wrap=True)
    else:
        why = "" if done.why_not is None else f": {in_english(done.why_not)}"
        console.print(Text(f"Recorded, but it has no effect{why}.", "yellow"), soft_wrap=True)
