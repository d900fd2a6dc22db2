"""`livelihood stack`: Kafka and Valkey of this machine, for where there is no Docker."""

import re
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from backends.servers.kafka import Kafka
from backends.servers.valkey import Fsync, Valkey
from backends.sqlite.schema import LOG
from cli.failures import MISSING, USAGE, Failure
from cli.objects import json_text
from cli.safe import FOLDER, MASTER_KEY_FILE, make_master_key
from cli.settings import FILE_NAME, PREFIX, Loaded, Settings, load, shown
from cli.terminal import add_bar, answers, notes, plain, progress_bars
from cli.topics import make_topics


class Stack(NamedTuple):
    """The three servers, in one folder."""

    folder: Path
    kafka: Kafka
    valkey: Valkey
    #: The second Valkey: keys and accounts, apart from the states.
    vault: Valkey

    @property
    def settings(self) -> dict[str, str]:
        """The settings with which every command uses these servers."""
        return {"kafka": self.kafka.address, "redis": self.valkey.url, "vault": self.vault.url}


def stack_of(
    loaded: Loaded,
    folder: Path | None,
    *,
    kafka_port: int | None = None,
    redis_port: int | None = None,
    vault_port: int | None = None,
    fsync: Fsync = "always",
) -> Stack:
    """The servers kept in `folder`, by default in the data folder; nothing is started."""
    folder = (folder or loaded.settings.data / "stack").absolute()
    return Stack(
        folder,
        Kafka(folder / "kafka", port=kafka_port),
        Valkey(folder / "valkey", port=redis_port, fsync=fsync),
        # What it acknowledged must never be lost, whatever the states are worth.
        Valkey(folder / "vault", name="The vault's Valkey", port=vault_port),
    )


def run_up(
    *,
    folder: Path | None,
    data: Path | None,
    config: Path | None,
    kafka_port: int | None,
    redis_port: int | None,
    vault_port: int | None,
    fsync: Fsync,
) -> None:
    """Start what does not run, write the settings, make the topics; print lines for a shell to read."""
    loaded = load(config, data=data)
    stack = stack_of(
        loaded, folder, kafka_port=kafka_port, redis_port=redis_port, vault_port=vault_port, fsync=fsync
    )
    _check_settings(loaded, stack)
    console = notes()
    with progress_bars(console) as bars:
        bar = add_bar(bars, "fetching", "")
        stack.kafka.start(progress=lambda there, all_: bars.update(bar, completed=there, total=all_))
        bars.update(bar, visible=False)
    stack.valkey.start()
    stack.vault.process.folder.chmod(0o700)
    stack.vault.start()
    file = config or loaded.settings.data / FILE_NAME
    wanted = {**stack.settings, **_master_key(loaded.settings)}
    write_settings(file, wanted)
    make_topics(loaded.settings.model_copy(update=stack.settings), loaded.origins)
    versions = f"Kafka {stack.kafka.version} and Valkey {stack.valkey.version}"
    for line in (
        f"{versions} are up; data and logs are in {stack.folder}.",
        f"Commands that read {file} use them; for others:",
    ):
        console.print(Text(line), soft_wrap=True)
    plain("".join(f"export {PREFIX}{name.upper()}={quote(value)}\n" for name, value in wanted.items()))
    if (loaded.settings.data / LOG.file).is_file():
        text = "This folder also holds the log of the embedded engine: `livelihood migrate` moves it over."
        console.print(Text(text, "yellow"), soft_wrap=True)


def _check_settings(loaded: Loaded, stack: Stack) -> None:
    """Failure where the settings name other servers: a city's own are not silently changed for these."""
    for name, ours in stack.settings.items():
        set_to = getattr(loaded.settings, name)
        if set_to in ("", ours):
            continue
        in_environment = loaded.origins[name] == "environment"
        where = f"{PREFIX}{name.upper()}" if in_environment else f"`{name}` in {loaded.file}"
        raise Failure(
            f"{where} names another server than the one in {stack.folder} ({shown(name, set_to)}, not"
            f" {ours}): remove it to use this one, or name the folder of the other by --folder.",
            USAGE,
        )


def _master_key(settings: Settings) -> dict[str, str]:
    """The setting that names the master key, made where there is none; nothing where a variable holds it."""
    if settings.master_key:
        return {}
    file = (settings.master_key_file or settings.data / FOLDER / MASTER_KEY_FILE).absolute()
    if not file.is_file():
        make_master_key(file)
    return {"master_key_file": str(file)}


def write_settings(file: Path, settings: Mapping[str, str]) -> None:
    """Put the settings into a settings file and leave everything else in it as it is."""
    text = file.read_text("utf-8") if file.is_file() else ""
    # What stands behind the head of the first table belongs to that table.
    above = re.split(r"^(?=\[)", text, maxsplit=1, flags=re.MULTILINE)[0]
    below = text[len(above) :]
    for name in settings:
        above = re.sub(rf"^{name}\s*=.*\n?", "", above, flags=re.MULTILINE)
    text = "".join(f'{name} = "{value}"\n' for name, value in settings.items()) + above + below
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(file)


def run_down(*, folder: Path | None, data: Path | None, config: Path | None) -> None:
    """End all of them in order; their data stay."""
    stack = stack_of(load(config, data=data), folder)
    console = notes()
    for server in (stack.kafka, stack.valkey, stack.vault):
        name = server.process.name
        if server.process.pid is None:
            said = f"{name} was not running."
        elif server.stop():
            said = f"{name} has ended."
        else:
            said = f"{name} did not end when asked and was killed; it recovers when it is started again."
        console.print(Text(said), soft_wrap=True)


def run_status(format_: str, *, folder: Path | None, data: Path | None, config: Path | None) -> None:
    """Print how each server is; ends with status 3 where one does not answer."""
    stack = stack_of(load(config, data=data), folder)
    found = [_look(stack.kafka, "kafka"), _look(stack.valkey, "redis"), _look(stack.vault, "vault")]
    if format_ == "json":
        plain(json_text(found))
    else:
        _print_status(stack, found)
    if not all(server["answers"] for server in found):
        raise Failure("Not all of it is up: `livelihood stack up` starts it.", MISSING)


def _look(server: Kafka | Valkey, setting: str) -> dict[str, Any]:
    folder, pid = server.process.folder, server.process.pid
    files = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return {
        "server": server.process.name,
        "version": server.version if pid else None,
        "setting": setting,
        "address": (server.address if isinstance(server, Kafka) else server.url) if files else None,
        "process": pid,
        "answers": pid is not None and server.answers(),
        # As it is on the disk: Kafka's index files are long and hold next to nothing.
        "bytes": sum(file.st_blocks * 512 for file in files),
        "log": str(server.process.log),
    }


def _print_status(stack: Stack, found: list[dict[str, Any]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bright_black", padding=(0, 1))
    for name in ("server", "version", "address", "process", "on disk", ""):
        table.add_column(name, justify="right" if name in ("process", "on disk") else "left")
    for server in found:
        how = ("answers", "green") if server["answers"] else ("does not answer", "red")
        table.add_row(
            server["server"],
            server["version"] or "–",
            server["address"] or "–",
            str(server["process"] or "–"),
            f"{server['bytes'] / 1e6:,.1f} MB",
            Text(how[0] if server["process"] else "is not running", how[1]),
        )
    console = answers()
    console.print(table)
    console.print(Text(f"Data and logs are in {stack.folder}.", "bright_black"), soft_wrap=True)
