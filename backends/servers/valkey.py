"""One Valkey with an append-only file, on the loopback interface."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from backends.servers.packages import valkey
from backends.servers.process import HOST, Background

Fsync = Literal["always", "everysec", "no"]

_ANSWER_SECONDS = 2.0
_STOP_SECONDS = 30.0


class Valkey:
    """A server whose data, settings and log are in one folder. It evicts nothing.

    `fsync` is when the append-only file reaches the disk: `always` before a commit is acknowledged (one write
    to disk for a whole batch), `everysec` once a second. `settings` are added to the server's own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        fsync: Fsync = "always",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Without `port` the server has the one it always had, or a free one. Nothing is started yet."""
        self.process = Background(folder, "Valkey")
        self._wanted = port
        self._fsync = fsync
        self._settings = dict(settings or {})

    @property
    def url(self) -> str:
        """For clients, as redis://127.0.0.1:20124/0; the same over restarts."""
        return f"redis://{HOST}:{self.process.ports(1, self._wanted)[0]}/0"

    @property
    def version(self) -> str:
        """As the running server says; empty if it does not answer."""
        import redis

        try:
            with redis.Redis.from_url(self.url, socket_timeout=_ANSWER_SECONDS) as client:
                said = client.info("server")
        except redis.RedisError:
            return ""
        return str(said.get("valkey_version") or said["redis_version"])

    def start(self, limit_seconds: float = 60.0) -> None:
        """Start it unless it runs, and wait until it answers, its data loaded.

        Unavailable where it cannot be started; the message says why.
        """
        ports = self.process.ports(1, self._wanted)
        command = [] if self.process.pid is not None else [valkey(), self._write_settings(ports[0])]
        self.process.start(command, ports, self.answers, limit_seconds)

    def stop(self, limit_seconds: float = _STOP_SECONDS) -> bool:
        """End it in order; False if it had to be killed."""
        return self.process.stop(limit_seconds)

    def answers(self) -> bool:
        """Whether it serves a client now; not while it loads its data."""
        import redis

        try:
            with redis.Redis.from_url(self.url, socket_timeout=_ANSWER_SECONDS) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _write_settings(self, port: int) -> Path:
        data = self.process.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        settings = {
            "bind": HOST,
            "port": str(port),
            "dir": f'"{data}"',
            "appendonly": "yes",
            "appendfsync": self._fsync,
            # The append-only file is the persistence; snapshots beside it would only cost.
            "save": '""',
            # What does not fit is an error that somebody sees, not a state silently gone.
            "maxmemory-policy": "noeviction",
            **self._settings,
        }
        path = self.process.folder / "valkey.conf"
        path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return path
