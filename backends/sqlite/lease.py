"""Who works: one process per data folder, by a lock the kernel takes back however the process ends."""

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from livelihood.instants import Instant
from livelihood.ports import Unavailable

#: The file that is locked; what it says is for people.
LEASE_FILE = "worker.lock"
#: `holder` locks the file for an instant to see whether it can; a try that meets it waits as long.
_TRIES, _PAUSE_SECONDS = 5, 0.01


class Holder(NamedTuple):
    """The process that has the lease."""

    pid: int
    command: str
    since: Instant


class Lease:
    """The right to work on a data folder. The store's epoch refuses a worker that lost it and goes on.

    The lock belongs to the open file: a process forked while it is held would hold it too.
    """

    def __init__(self, folder: Path, clock: Callable[[], Instant]) -> None:
        """`clock` says since when it is held. Nothing is opened yet."""
        self._path = folder / LEASE_FILE
        self._clock = clock
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object has it."""
        return self._file is not None

    def try_take(self) -> bool:
        """Take it if nobody else has it; Unavailable where the folder cannot be written."""
        if self._file is not None:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written: {error.strerror}; correct the folder's rights"
            ) from None
        for attempt in range(_TRIES):
            if _lock(file, fcntl.LOCK_EX):
                break
            if attempt == _TRIES - 1:
                os.close(file)
                return False
            time.sleep(_PAUSE_SECONDS)
        self._file = file
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
        holder = Holder(os.getpid(), command, self._clock())
        # The lock is what counts; a full disk must not keep the worker from saying so itself.
        with suppress(OSError):
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(holder._asdict()).encode(), 0)
        return True

    def release(self) -> None:
        """Let another have it."""
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def holder(self) -> Holder | None:
        """Who has it now, for messages; None: nobody."""
        try:
            file = os.open(self._path, os.O_RDONLY)
        except OSError:
            return None
        try:
            if _lock(file, fcntl.LOCK_SH):
                return None
            said = os.pread(file, 64 * 1024, 0)
        finally:
            os.close(file)
        try:
            return Holder(**json.loads(said))
        except (ValueError, TypeError):
            # It has the lock and has not yet said who it is.
            return Holder(0, "a process that is starting", self._clock())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
