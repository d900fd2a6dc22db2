"""`livelihood keys`: keys given out, listed, and taken back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from pydantic import ValidationError
from rich import box
from rich.table import Table
from rich.text import Text

from cli.engine import open_engine, system_clock
from cli.failures import REFUSED, USAGE, Failure
from cli.guarded import OPEN_AGAIN, is_guarded
from cli.objects import json_text
from cli.settings import load
from cli.terminal import answers, notes, plain
from livelihood.complaints import complaint, complaints
from livelihood.instants import iso
from livelihood.limits import Limit
from producers.channel_keys import PUBLISHABLE, ChannelKey
from producers.keyring import Keyring, ListedKey

#: What a person may leave off the end of a kind: submit, accept, assign, withdraw.
_ENDINGS = ("", "d", "ed", "ted", "n")
#: Columns whose cells are looked up or compared, so that none is broken.
_WHOLE = ("name", "added", "last used")
_KINDS = ", ".join(sorted(PUBLISHABLE))


def run_add(
    channel: str,
    may: str,
    departments: Sequence[str],
    claims: str | None,
    per_minute: int,
    name: str | None,
    *,
    sees_personal: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Add a key and print its token."""
    kinds = parse_kinds(may)
    limit = None if claims is None else _limit(claims)
    with _keyring(data, config) as keyring:
        taken = {listed.key.name for listed in keyring.listed()}
        # A token travels in a header, where many programs send nothing but ASCII.
        stem = channel if channel.isascii() else "key"
        names = iter([name]) if name else (f"{stem}-{number}" for number in count(1))
        chosen = next(one for one in names if name or one not in taken)
        if not chosen.isascii():
            raise Failure(f"--name: {chosen!r} is not of ASCII letters, which a token must be.", USAGE)
        try:
            key = ChannelKey(
                name=chosen, channel=channel, may=kinds, departments=frozenset(departments), claims=limit,
                per_minute=per_minute, sees_personal=sees_personal,
            )  # fmt: skip
            token = keyring.add(key, system_clock())
        except ValidationError as error:
            raise Failure(f"No such key can be: {'; '.join(complaints(error))}.", USAGE) from None
        except ValueError as error:
            raise Failure(f"{error}.", REFUSED) from None
    notes().print(f"The key {key.name!r} may publish {_listed(key.may)}. Its token, shown this once:")
    plain(token)


def run_list(format_: str, *, data: Path | None, config: Path | None) -> None:
    """Print all keys."""
    with open_engine(load(config, data=data).settings) as engine:
        keys, is_closed = Keyring(engine.vault).listed(), is_guarded(engine.vault)
    if format_ == "json":
        plain(json_text([_object(listed) for listed in keys]))
        return
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("name", "channel", "may", "departments", "claims", "per minute", "added", "last used"):
        table.add_column(
            column, justify="right" if column == "per minute" else "left", no_wrap=column in _WHOLE
        )
    for listed in keys:
        key = listed.key
        table.add_row(
            key.name,
            key.channel,
            _listed(key.may),
            ", ".join(sorted(key.departments)) or "any",
            "as the channel" if key.claims is None else str(key.claims),
            f"{key.per_minute:,}",
            iso(listed.added)[:10],
            "never" if listed.used is None else iso(listed.used)[:16].replace("T", " "),
        )
    may = "nobody may publish over HTTP" if is_closed else "whoever uses this machine may publish"
    answers().print(table if keys else f"There are no keys: {may}.")


def run_revoke(name: str, *, data: Path | None, config: Path | None) -> None:
    """Take a key back; Failure where there is none of that name."""
    with open_engine(load(config, data=data).settings) as engine:
        if not Keyring(engine.vault).revoke(name):
            raise Failure(f"There is no key {name!r}; livelihood keys list has them.", USAGE)
        is_last = not is_guarded(engine.vault)
    notes().print(f"The key {name!r} is revoked; servers that run refuse it within seconds.")
    if is_last:
        notes().print(Text(OPEN_AGAIN, "yellow"), soft_wrap=True)


def parse_kinds(text: str) -> frozenset[str]:
    """The kinds a person names, as "submit,rate" or "all"; Failure lists what there is."""
    if text.strip() == "all":
        return PUBLISHABLE
    found: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        meant = {
            kind for kind in PUBLISHABLE
            if kind in {word + ending for ending in _ENDINGS} or kind.startswith(f"{word}_")
        }  # fmt: skip
        if not meant:
            raise Failure(f"--may: {word!r} is no kind of event; there are {_KINDS}.", USAGE)
        found |= meant
    if not found:
        raise Failure(f"--may: name what the key may publish, of {_KINDS}; or all.", USAGE)
    return frozenset(found)


def _limit(text: str) -> Limit:
    try:
        return Limit.parse(text)
    except ValidationError as error:
        (wrong,) = error.errors(include_url=False)
        raise Failure(f"--claims: {complaint(wrong['type'], wrong['msg'])}.", USAGE) from None


@contextmanager
def _keyring(data: Path | None, config: Path | None) -> Iterator[Keyring]:
    # Made where it is missing: a key may come before the first event.
    with open_engine(load(config, data=data).settings) as engine:
        yield Keyring(engine.vault)


def _listed(kinds: frozenset[str]) -> str:
    return "everything" if kinds == PUBLISHABLE else ", ".join(sorted(kinds))


def _object(listed: ListedKey) -> dict[str, object]:
    return {
        **listed.key.model_dump(mode="json"),
        "may": sorted(listed.key.may),
        "departments": sorted(listed.key.departments),
        "added": iso(listed.added),
        "used": None if listed.used is None else iso(listed.used),
    }
