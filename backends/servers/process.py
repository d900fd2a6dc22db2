"""A program in the background, known by files in its folder: any process may ask about it or end it."""

import fcntl
import json
import os
import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from livelihood.ports import Unavailable

LOG_NAME = "server.log"
HOST = "127.0.0.1"
#: Below the ports that systems give to outgoing connections (32768 and up on Linux, 49152 on others): one of
#: those may be taken by any connection while a server is down, even by a client that tries to reach it.
_PORTS = range(20_000, 32_000)
#: How far a process's start may seem to move when the machine's clock is set. A process number is not given
#: out again that soon.
_SAME_START_SECONDS = 2.0
_PAUSE_SECONDS = 0.05
#: Of the log, in an error.
_LAST_LINES, _LINE_LENGTH = 15, 300
#: A log longer than this is put aside when its server starts.
_LONGEST_LOG_BYTES = 16 * 1024 * 1024


class Background:
    """One program and its folder: `server.log`, its ports, and which process it is."""

    def __init__(self, folder: Path, name: str) -> None:
        """`name` is for messages, as "Kafka". Nothing is made yet."""
        self.folder = folder.absolute()
        self.name = name
        self.log = self.folder / LOG_NAME
        self._identity = self.folder / "process.json"

    def ports(self, count: int, wanted: int | None = None) -> list[int]:
        """The program's ports: those it always had, else free ones chosen now, `wanted` first."""
        path = self.folder / "ports.json"
        if path.is_file():
            ports: list[int] = json.loads(path.read_text())
            if wanted is None or wanted == ports[0]:
                return ports
        first = [] if wanted is None else [wanted]
        ports = [*first, *free_ports(count - len(first))]
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(ports))
        return ports

    @property
    def pid(self) -> int | None:
        """Its process, if it runs; never another program's that was given the same number."""
        process = self._process()
        return process.pid if process else None

    def start(
        self,
        command: Sequence[str | Path],
        ports: Sequence[int],
        answers: Callable[[], bool],
        limit_seconds: float,
    ) -> None:
        """Run the command, unless it runs already, and wait until it answers.

        It goes on when this process ends. Unavailable, with the end of its log, where it does not get ready.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            begun = False
            if self.pid is None:
                for port in ports:
                    self._check_free(port)
                self._run(command)
                begun = True
            try:
                self._wait(answers, limit_seconds)
            except BaseException:
                if begun:
                    self.kill()
                raise

    def stop(self, limit_seconds: float) -> bool:
        """Ask it to end and wait; False if it had to be killed, which loses nothing it has acknowledged."""
        limit = time.monotonic() + limit_seconds
        if process := self._process():
            process.terminate()
        while self._process():
            if time.monotonic() > limit:
                self.kill()
                return False
            time.sleep(_PAUSE_SECONDS)
        self._identity.unlink(missing_ok=True)
        return True

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if process := self._process():
            process.kill()
        while self._process():
            time.sleep(_PAUSE_SECONDS)
        self._identity.unlink(missing_ok=True)

    def _process(self) -> psutil.Process | None:
        try:
            said = json.loads(self._identity.read_text())
            process = psutil.Process(said["pid"])
            same = abs(process.create_time() - said["started"]) < _SAME_START_SECONDS
            # A dead one waits to be collected; while threads of its are still ending, it has its ports.
            dead = process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
            return process if same and not dead else None
        except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
            return None

    def _run(self, command: Sequence[str | Path]) -> None:
        if self.log.is_file() and self.log.stat().st_size > _LONGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        # A shell in between, so that the program is nobody's child and outlives the terminal: it starts it,
        # says its number and ends.
        script = '"$@" </dev/null >>"$LOG" 2>&1 & echo $!'
        began = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *map(str, command)],
            env={**os.environ, "LOG": str(self.log)},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=True,
        )
        pid = int(began.stdout)
        try:
            started = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return  # It has ended already; waiting for it says so, with its log.
        self._identity.write_text(json.dumps({"pid": pid, "started": started}))

    def _wait(self, answers: Callable[[], bool], limit_seconds: float) -> None:
        limit = time.monotonic() + limit_seconds
        while not answers():
            if self.pid is None:
                raise Unavailable(f"{self.name} ended while it started.{self._last_words()}")
            if time.monotonic() > limit:
                raise Unavailable(
                    f"{self.name} was not ready within {limit_seconds:.0f} s.{self._last_words()}"
                )
            time.sleep(_PAUSE_SECONDS)

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        except OSError:
            lines = []
        said = "".join(f"\n  {line[:_LINE_LENGTH]}" for line in lines) or "\n  (nothing)"
        return f" The end of its log, {self.log}:{said}\nCorrect what it complains of and start it again"

    def _check_free(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise Unavailable(
                    f"port {port} of {self.name} is used by another program: end that, or delete"
                    f" {self.folder / 'ports.json'} to have another port chosen"
                ) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses and no outgoing connection is given; Unavailable where there are not so many."""
    found: list[int] = []
    # Drawn, so that two who choose at the same moment rarely choose the same.
    for port in random.sample(_PORTS, len(_PORTS)):
        if len(found) == count:
            return found
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        found.append(port)
    raise Unavailable(f"no port from {_PORTS.start} to {_PORTS.stop} is free on this machine")
