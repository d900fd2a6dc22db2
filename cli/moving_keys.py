"""What is kept apart from the data goes along when the data are moved to the other engine."""

from itertools import islice
from pathlib import Path

from backends.sealing.master_keys import RECOGNITION, MasterKeys, wrapped_by
from backends.vaults.forgotten_file import ForgottenFile
from backends.vaults.sqlite_vault import FILE_NAME, SqliteVault
from cli.engine import Engine
from cli.failures import USAGE, Failure
from cli.safe import FOLDER, MASTER_KEY_FILE
from livelihood.safekeeping import INSTALLATION, Place, Vault

#: Values copied at a time.
_COPIED = 500


def move_keys(data: Path, target: Engine) -> None:
    """Copy a data folder's vault, and its list of the forgotten, to those of another engine.

    What was copied before is left as it is. Failure where the other vault is of another installation, or the
    other engine has not the master key.
    """
    folder = data / FOLDER
    if (folder / FILE_NAME).is_file() and not _is_same(folder, target):
        with SqliteVault(folder) as source:
            _check(source, folder, target)
            copy_vault(source, target.vault)
    there = set(target.safe.forgotten.entries())
    for entry in ForgottenFile(data).entries():
        if entry not in there:
            target.safe.forgotten.append(entry)


def remove_keys(data: Path, target: Engine) -> bool:
    """Remove what was copied: who is forgotten later is forgotten here too. Whether there was anything.

    What is sealed in the folder is opened with the other engine's vault from then on.
    """
    folder = data / FOLDER
    if not (folder / FILE_NAME).is_file() or _is_same(folder, target):
        return False
    with SqliteVault(folder) as source:
        copy_vault(source, target.vault)
        for drawer in source.drawers():
            source.delete_all([Place(drawer, name) for name, _ in source.items(drawer)])
        source.scrub()
    for suffix in ("", "-wal", "-shm"):
        (folder / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
    return True


def _is_same(folder: Path, target: Engine) -> bool:
    """Whether the other engine's vault is that very file."""
    return isinstance(target.vault, SqliteVault) and target.vault.path.samefile(folder / FILE_NAME)


def _check(source: Vault, folder: Path, target: Engine) -> None:
    ours, theirs = (vault.get(INSTALLATION, RECOGNITION) for vault in (source, target.vault))
    if theirs is not None and ours != theirs:
        raise Failure(
            "The vault that is set holds keys of another installation: set `vault` to an empty one.", USAGE
        )
    needed = set(wrapped_by(source))
    if needed and not needed <= set(MasterKeys(target.safe.master_keys).ids):
        raise Failure(
            "The master key that is set is not the one of the data folder: set `master_key_file` to"
            f" {folder / MASTER_KEY_FILE}, or to a copy of it.",
            USAGE,
        )


def copy_vault(source: Vault, target: Vault) -> None:
    """Copy all drawers; what lies in the target stays."""
    for drawer in source.drawers():
        items = source.items(drawer)
        while some := list(islice(items, _COPIED)):
            target.add_all([(Place(drawer, name), value) for name, value in some])
