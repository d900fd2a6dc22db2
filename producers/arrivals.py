"""Files that appear in a folder: which are complete, which were imported before, and in which order.

What was done is remembered by a file's content, in the data folder: the user's own files are neither moved
nor renamed, and one that is copied or touched is not imported again.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Literal, NamedTuple

from producers.mapping import Mapping
from producers.tables import TableError, digest

#: Names of files that are still being written, by the programs that do so.
UNFINISHED_SUFFIXES = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", "~")

#: What became of a file. One that could not be read is tried again when the mapping has changed.
Verdict = Literal["imported", "bad"]


class Arrival(NamedTuple):
    """A file to import."""

    path: Path
    digest: str


class _Look(NamedTuple):
    """A file as one look found it; equal at two looks, it is complete."""

    size: int
    modified: int
    inode: int


class Arrivals:
    """The files of one folder that are for one mapping."""

    def __init__(self, folder: Path, memory: Path, mapping: Mapping) -> None:
        """`memory` is where it is remembered what was done, made where it is missing."""
        self._folder = folder
        self._memory = memory / mapping.name
        self._mapping = hashlib.sha256(mapping.model_dump_json().encode()).hexdigest()
        self._looks: dict[str, _Look] = {}
        #: Of files as they were looked at: hashing a large one takes longer than looking.
        self._digests: dict[tuple[str, _Look], str] = {}

    def look(self) -> tuple[list[Arrival], bool]:
        """Files to import now, by name, and whether others are still being written.

        A file is complete when it is the same as at the last look. OSError where the folder cannot be read.
        """
        before, self._looks = self._looks, self._there()
        ready: list[Arrival] = []
        seen: set[str] = set()
        for name, found in sorted(self._looks.items()):
            if before.get(name) != found:
                continue
            content = self._digest(name, found)
            if content and content not in seen and not self._is_done(content):
                seen.add(content)
                ready.append(Arrival(self._folder / name, content))
        self._digests = {key: value for key, value in self._digests.items() if key[0] in self._looks}
        return ready, any(before.get(name) != found for name, found in self._looks.items())

    def remember(self, content: str, name: str, verdict: Verdict) -> None:
        """Remember what became of a file with that content, durably."""
        self._memory.mkdir(parents=True, exist_ok=True)
        path = self._memory / f"{content}.json"
        partial = path.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            json.dump({"file": name, "verdict": verdict, "mapping": self._mapping}, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def _there(self) -> dict[str, _Look]:
        found: dict[str, _Look] = {}
        for entry in os.scandir(self._folder):
            if entry.name.startswith(".") or entry.name.endswith(UNFINISHED_SUFFIXES):
                continue
            try:
                if entry.is_file():
                    at = entry.stat()
                    found[entry.name] = _Look(at.st_size, at.st_mtime_ns, at.st_ino)
            except FileNotFoundError:
                # Taken away while we looked.
                continue
        return found

    def _digest(self, name: str, found: _Look) -> str:
        """Of a file's content; empty where it cannot be read now."""
        if (name, found) not in self._digests:
            try:
                self._digests[name, found] = digest(self._folder / name)
            except TableError:
                return ""
        return self._digests[name, found]

    def _is_done(self, content: str) -> bool:
        try:
            held = json.loads((self._memory / f"{content}.json").read_text("utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        return bool(held["verdict"] == "imported" or held["mapping"] == self._mapping)
