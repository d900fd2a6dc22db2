"""The list of who was forgotten as a file beside the embedded engine's log: one entry a line."""

import fcntl
import os
from pathlib import Path

from livelihood.ports import Unavailable

FILE_NAME = "forgotten.jsonl"


class ForgottenFile:
    """A file that is only ever added to, and is backed up with the log."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def append(self, entry: bytes) -> None:
        """Add an entry, durably once this returns. Unavailable where it cannot be written."""
        try:
            handle = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                size = os.fstat(handle).st_size
                # A line that was cut off by a crash is ended, and is none.
                whole = size == 0 or os.pread(handle, 1, size - 1) == b"\n"
                os.write(handle, (b"" if whole else b"\n") + entry + b"\n")
                os.fsync(handle)
            finally:
                os.close(handle)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be written: {error.strerror}") from None

    def entries(self) -> list[bytes]:
        """All entries, in order. Unavailable where the file cannot be read."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be read: {error.strerror}") from None
        # What was cut off is no JSON object to its end.
        return [line for line in lines if line.startswith(b"{") and line.endswith(b"}")]
