"""`livelihood master-key`: the key that wraps the keys of people, made and changed."""

import os
from pathlib import Path

from rich.table import Table
from rich.text import Text

from backends.sealing.master_keys import MasterKeys, new_master_key, parse_master_keys, rewrap, wrapped_by
from cli.engine import Reading, open_reading
from cli.failures import MISSING, USAGE, Failure
from cli.objects import json_text
from cli.settings import load
from cli.terminal import answers, plain
from livelihood.ports import Unavailable


def run_new() -> None:
    """Print a new master key."""
    plain(new_master_key())


def run_status(format_: str, *, data: Path | None, config: Path | None) -> None:
    """Print the names of the master keys, and how much each wraps."""
    with open_reading(load(config, data=data).settings) as reading:
        master, counts = MasterKeys(reading.safe.master_keys), wrapped_by(reading.vault)
    found = [
        {
            "master_key": name.hex(),
            "wraps": counts[name],
            "used": "for new keys" if name == master.current else "until retired" if name in master.ids
            else "missing here",
        }
        for name in dict.fromkeys([*master.ids, *counts])
    ]  # fmt: skip
    if format_ == "json":
        plain(json_text(found))
        return
    table = Table(box=None, header_style="bright_black", padding=(0, 2, 0, 0))
    for column, justify in (("master key", "left"), ("wraps", "right"), ("", "left")):
        table.add_column(column, justify="right" if justify == "right" else "left")
    for one in found:
        style = "red" if one["used"] == "missing here" else ""
        table.add_row(str(one["master_key"]), f"{one['wraps']:,}", Text(str(one["used"]), style))
    answers().print(table)


def run_rotate(*, data: Path | None, config: Path | None) -> None:
    """Put a new master key first, and wrap everything by it."""
    with open_reading(load(config, data=data).settings) as reading:
        master = MasterKeys(reading.safe.master_keys)
        file = reading.safe.master_key_file
        if not set(wrapped_by(reading.vault)) <= set(master.ids):
            raise Failure(
                "Some keys are wrapped by a master key that is not here; `livelihood master-key status`"
                " names it. Nothing was changed.",
                MISSING,
            )
        if file is not None:
            _write(file, [new_master_key(), *file.read_text("ascii").split()])
            master.reload()
        elif len(master.ids) == 1:
            raise Failure(
                "The master key is in a variable: put a new one (livelihood master-key new) before it, with a"
                " space between, start everything with both, and run this again.",
                USAGE,
            )
        done = _rewrap(reading, master)
    answers().print(
        f"{done:,} {'key is' if done == 1 else 'keys are'} wrapped by the master key {master.current.hex()}"
        " now. Back it up; `livelihood master-key retire` removes the old one.",
        soft_wrap=True,
    )


def run_retire(*, data: Path | None, config: Path | None) -> None:
    """Remove old master keys from the file, once nothing is wrapped by them."""
    with open_reading(load(config, data=data).settings) as reading:
        file = reading.safe.master_key_file
        if file is None:
            raise Failure("The master key is in a variable: remove the old ones from it.", USAGE)
        master = MasterKeys(reading.safe.master_keys)
        _rewrap(reading, master)
        first, *others = file.read_text("ascii").split()
        _write(file, [first])
    answers().print(f"{len(others):,} old master keys were removed from {file}.", soft_wrap=True)


def _rewrap(reading: Reading, master: MasterKeys) -> int:
    done = rewrap(reading.vault, master)
    # Once more: what another process made by the old one meanwhile.
    done += rewrap(reading.vault, master)
    reading.vault.scrub()
    return done


def _write(file: Path, keys: list[str]) -> None:
    """Replace the file, so that it is whole at every moment."""
    text = "".join(f"{key}\n" for key in keys)
    parse_master_keys(text)
    unfinished = file.with_name(f"{file.name}.new")
    try:
        with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        unfinished.replace(file)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}; correct its rights") from None
