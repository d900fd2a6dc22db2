"""What is kept apart from the data, opened when first needed: the vault, and what seals with its keys."""

import os
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from cli.failures import MISSING, USAGE, Failure
from cli.settings import PREFIX, Settings
from cli.terminal import notes
from livelihood.safekeeping import Sealer, Vault

if TYPE_CHECKING:
    from backends.sealing.people import People

#: Folder and file of the embedded engine, where no others are set.
FOLDER, MASTER_KEY_FILE = "keys", "master.key"


class Safe:
    """The vault and the sealer of an engine. Commands that need neither open neither."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._held = ExitStack()

    @cached_property
    def vault(self) -> Vault:
        """The vault the settings name; Failure or Unavailable says what to do where there is none."""
        from backends.vaults.sqlite_vault import SqliteVault

        settings = self.settings
        if settings.distributed and not settings.vault:
            raise Failure(
                f"Keys and accounts need a vault apart from the data: set `vault` ({PREFIX}VAULT) to the URL"
                " of a second Redis or Valkey, or to a folder of this machine. `livelihood stack up` starts"
                " one.",
                USAGE,
            )
        return self._held.enter_context(SqliteVault(Path(settings.vault or settings.data / FOLDER)))

    @cached_property
    def people(self) -> "People":
        """Who is known, by the master key of the settings."""
        from backends.sealing.master_keys import MasterKeys
        from backends.sealing.people import People

        return People(self.vault, MasterKeys(self._master_keys))

    @cached_property
    def sealer(self) -> Sealer:
        """Seals personal data with the keys of the vault."""
        from backends.sealing.sealer import PersonSealer

        return PersonSealer(self.people)

    def _master_keys(self) -> str:
        settings = self.settings
        if settings.master_key:
            return settings.master_key
        file = settings.master_key_file or settings.data / FOLDER / MASTER_KEY_FILE
        if not file.is_file() and settings.master_key_file is None:
            if settings.distributed:
                raise Failure(
                    f"Personal data need a master key: set `master_key_file`, or {PREFIX}MASTER_KEY;"
                    " livelihood master-key new  makes one.",
                    USAGE,
                )
            _make_master_key(file)
        try:
            return file.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"The master key cannot be read from {file}: {error}.", MISSING) from None

    def close(self) -> None:
        """Give the vault back."""
        self._held.close()


def _make_master_key(file: Path) -> None:
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
