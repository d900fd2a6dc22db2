"""Exit statuses, and the one place where errors of every package become a line that says what to do.

A person never sees a traceback, unless LIVELIHOOD_DEBUG=1 asks for it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import typer

#: Everything went well.
WELL = 0
#: Some input was refused; what could be done with the rest was done.
REFUSED = 1
#: The command was called in a way that cannot work.
USAGE = 2
#: Something needed is missing or busy: the data folder, the disk, another process.
MISSING = 3
#: A fault of this software.
FAULT = 70
#: Stopped by Ctrl-C.
INTERRUPTED = 130


class Failure(Exception):
    """Ends the command with a message of one or two lines that says what to do, and a status."""

    def __init__(self, message: str, status: int = REFUSED) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Interrupted(Failure):
    """Ctrl-C, where something can be said about how to go on."""

    def __init__(self, message: str) -> None:
        super().__init__(message, INTERRUPTED)


#: Said where --follow is stopped.
LOOKED = "Stopped looking; nothing else has stopped."


@contextmanager
def going_on(message: str) -> Iterator[None]:
    """Within it, Ctrl-C ends the command with what to do to go on."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(message) from None


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return os.environ.get("LIVELIHOOD_DEBUG", "").lower() not in ("", "0", "false", "no", "off")


def failure_of(error: BaseException) -> Failure:
    """What an error of any package means to the person at the terminal."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return Interrupted("Stopped.")
    for found in (_of_input, _of_services):
        failure = found(error)
        if failure is not None:
            return failure
    return Failure(
        f"A fault of this software: {type(error).__name__}: {error}.\nNothing in the log is lost by it."
        " LIVELIHOOD_DEBUG=1 before the command shows where it happened; please report that.",
        FAULT,
    )


def _of_input(error: BaseException) -> Failure | None:
    # Imported here: by the time one of these is raised its module is loaded, and `--help` needs none.
    from consumers.tables import NotThere
    from livelihood.catalogue import CatalogueError
    from producers.importer import UnfinishedImport
    from producers.mapping import MappingError
    from producers.tables import TableError

    if isinstance(error, CatalogueError):
        problems = "\n".join(f"  {problem}" for problem in error.problems)
        return Failure(f"The catalogue cannot be used:\n{problems}")
    if isinstance(error, UnfinishedImport):
        return Failure(sentence(f"{error} by --abandon"))
    if isinstance(error, TableError | MappingError):
        return Failure(sentence(str(error)))
    if isinstance(error, NotThere):
        return Failure(sentence(str(error)), USAGE)
    return None


def _of_services(error: BaseException) -> Failure | None:
    from livelihood.ports import Fenced, Unavailable
    from livelihood.state import NewerData
    from producers.importer import ImportBusy
    from producers.spool import SpoolError

    if isinstance(error, Unavailable | NewerData | ImportBusy | SpoolError):
        return Failure(sentence(str(error)), MISSING)
    if isinstance(error, Fenced):
        return Failure("Another process has taken over the work on this data folder.", MISSING)
    if isinstance(error, sqlite3.OperationalError):
        return Failure(f"The data folder cannot be used now: {error}.", MISSING)
    if isinstance(error, ModuleNotFoundError):
        return Failure(
            f"The package {error.name} is not installed: the distributed engine needs"
            " pip install 'livelihood[distributed]', `livelihood stack` 'livelihood[stack]' too.",
            MISSING,
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Failure(f"{where}{error.strerror or error}.", MISSING)
    return None


def sentence(text: str) -> str:
    """A message of the domain's, which is lower case and open, as a sentence. A file it begins with stays."""
    text = text.strip()
    begin = text.partition(" ")[0].rstrip(",:;")
    first = text[:1].upper() if begin.isalpha() else text[:1]
    return f"{first}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


@contextmanager
def libraries() -> Iterator[None]:
    """Within it, libraries of the distributed engine are imported; Failure where one is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("backends", "cli", "livelihood", "streams"):
            raise
        raise Failure(
            f"Kafka and Redis need libraries that are not installed here ({error.name}):"
            " pip install 'livelihood[distributed]'",
            MISSING,
        ) from None
