"""What is kept apart from the data, opened when first needed: the vault, and what seals with its keys."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from cli.failures import MISSING, USAGE, Failure, libraries
from cli.settings import PREFIX, Settings
from cli.terminal import notes
from livelihood.safekeeping import ForgottenList, Sealer, Vault

if TYPE_CHECKING:
    from backends.sealing.forgetting import Forgetting
    from backends.sealing.people import People

#: Folder and file of the embedded engine, where no others are set.
FOLDER, MASTER_KEY_FILE = "keys", "master.key"
#: Folder of what is under way to webhooks, of the embedded engine.
DELIVERIES = "deliveries"


class Safe:
    """The vault and the sealer of an engine. Commands that need neither open neither."""

    def __init__(self, settings: Settings, forgotten: Callable[[], ForgottenList]) -> None:
        """`forgotten` opens the list that is kept with the engine's data."""
        self.settings = settings
        self._open_list = forgotten
        self._held = ExitStack()

    @cached_property
    def vault(self) -> Vault:
        """The vault the settings name; Failure or Unavailable says what to do where there is none."""
        settings = self.settings
        if settings.distributed and not settings.vault:
            raise Failure(
                f"Keys and accounts need a vault apart from the data: set `vault` ({PREFIX}VAULT) to the URL"
                " of a second Redis or Valkey, or to a folder of this machine. `livelihood stack up` starts"
                " one.",
                USAGE,
            )
        if "://" in settings.vault:
            with libraries():
                from backends.vaults.redis_vault import RedisVault
            return self._held.enter_context(RedisVault(settings.vault, states=settings.redis))
        from backends.vaults.sqlite_vault import SqliteVault

        folder = Path(settings.vault).expanduser() if settings.vault else settings.data / FOLDER
        return self._held.enter_context(SqliteVault(folder))

    @cached_property
    def deliveries(self) -> Vault:
        """What is under way to webhooks: a file of the data folder; where servers share an engine, the vault.

        It is written with each delivery, and so is kept out of the file with the keys, whose backups expire.
        """
        if self.settings.distributed:
            return self.vault
        from backends.vaults.sqlite_vault import SqliteVault

        folder = self.settings.data / DELIVERIES
        return self._held.enter_context(SqliteVault(folder, name=f"{DELIVERIES}.sqlite"))

    @cached_property
    def people(self) -> "People":
        """Who is known, by the master key of the settings.

        A vault that was restored from a backup first hears who was forgotten since.
        """
        from backends.sealing.master_keys import MasterKeys
        from backends.sealing.people import People

        people = People(self.vault, MasterKeys(self.master_keys))
        if missed := self.forgetting_of(people).honour():
            text = f"The vault did not know of {missed:,} times that somebody was forgotten; now it does."
            notes().print(Text(text, "yellow"), soft_wrap=True)
        return people

    @property
    def forgetting(self) -> "Forgetting":
        """Forgets people."""
        return self.forgetting_of(self.people)

    def forgetting_of(self, people: "People") -> "Forgetting":
        """Forgets those people, with the list of the engine."""
        from backends.sealing.forgetting import Forgetting

        return Forgetting(people, self.forgotten)

    @cached_property
    def forgotten(self) -> ForgottenList:
        """The list of who was forgotten, which is kept with the data."""
        return self._open_list()

    @cached_property
    def sealer(self) -> Sealer:
        """Seals personal data with the keys of the vault."""
        from backends.sealing.sealer import PersonSealer

        return PersonSealer(self.people)

    @property
    def master_key_file(self) -> Path | None:
        """The file with the master keys; None: the setting holds them itself."""
        settings = self.settings
        return (
            None
            if settings.master_key
            else settings.master_key_file or settings.data / FOLDER / MASTER_KEY_FILE
        )

    def check_master_key(self) -> None:
        """Failure where the master key is the one made by itself, though other machines reach this one."""
        settings = self.settings
        if not settings.master_key and settings.master_key_file is None:
            raise Failure(
                "Other machines reach this server, so the master key must not lie beside what it opens: move"
                f" {settings.data / FOLDER / MASTER_KEY_FILE} to a place of its own and set `master_key_file`"
                f" to it, or {PREFIX}MASTER_KEY to what is in it.",
                USAGE,
            )

    def master_keys(self) -> str:
        """The text of the master keys, made where the embedded engine has none yet."""
        settings, file = self.settings, self.master_key_file
        if file is None:
            return settings.master_key
        if not file.is_file() and settings.master_key_file is None:
            if settings.distributed:
                raise Failure(
                    f"Personal data need a master key: set `master_key_file`, or {PREFIX}MASTER_KEY;"
                    " livelihood master-key new  makes one.",
                    USAGE,
                )
            make_master_key(file)
        try:
            return file.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"The master key cannot be read from {file}: {error}.", MISSING) from None

    def close(self) -> None:
        """Give the vault back."""
        self._held.close()


def make_master_key(file: Path) -> None:
    """Make the first master key, which one process does; the others read it."""
    from backends.sealing.master_keys import new_master_key

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as made:
        made.write(f"{new_master_key()}\n")
        made.flush()
        os.fsync(made.fileno())
    try:
        os.link(unfinished, file)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()
    text = (
        f"A master key was made: {file}. Back it up apart from the data and from {file.parent}: without it"
        " nobody reads personal data, not you either."
    )
    notes().print(Text(text, "yellow"), soft_wrap=True)
