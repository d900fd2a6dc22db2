"""One Valkey with an append-only file, on the loopback interface."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from backends.servers.packages import valkey
from backends.servers.process import HOST, Background

Fsync = Literal["always", "everysec", "no"]

_ANSWER_SECONDS = 2.0
_STOP_SECONDS = 30.0


class User(NamedTuple):
    """Who may do what: a name, a password, and rules as ACL SETUSER takes them."""

    name: str
    password: str
    #: Keys, then commands, as "~livelihood:* +@read +@write".
    rules: str


class Valkey:
    """A server whose data, settings and log are in one folder. It evicts nothing.

    `fsync` is when the append-only file reaches the disk: `always` before a commit is acknowledged (one write
    to disk for a whole batch), `everysec` once a second. `settings` are added to the server's own. With
    `users` it lets in nobody else, and the first is asked whether it answers; without, whoever may use this
    machine.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "Valkey",
        port: int | None = None,
        fsync: Fsync = "always",
        settings: Mapping[str, str] | None = None,
        users: Sequence[User] = (),
    ) -> None:
        """Without `port` the server has the one it always had, or a free one. Nothing is started yet."""
        self.process = Background(folder, name)
        self._wanted = port
        self._fsync = fsync
        self._settings = dict(settings or {})
        self._users = users

    @property
    def address(self) -> str:
        """As 127.0.0.1:20124; the same over restarts."""
        return f"{HOST}:{self.process.ports(1, self._wanted)[0]}"

    @property
    def url(self) -> str:
        """For clients, as redis://127.0.0.1:20124/0; where there are users, of the first."""
        who = "".join(f"{name}:{quote(password, safe='')}@" for name, password, _ in self._users[:1])
        return f"redis://{who}{self.address}/0"

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
            # At a full rate the file grows by 50 MB a second: rewritten at its own 64 MB it would be all the
            # time, which costs a fifth of a core and the latency of every commit meanwhile.
            "auto-aof-rewrite-min-size": "1gb",
            # The append-only file is the persistence; snapshots beside it would only cost.
            "save": '""',
            # What does not fit is an error that somebody sees, not a state silently gone.
            "maxmemory-policy": "noeviction",
            **self._settings,
        }
        if self._users:
            settings["aclfile"] = f'"{self._write_users()}"'
        path = self.process.folder / "valkey.conf"
        path.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return path

    def _write_users(self) -> Path:
        path = self.process.folder / "users.acl"
        lines = [
            "user default off",
            *(f"user {name} on >{password} {rules}" for name, password, rules in self._users),
        ]
        path.touch(mode=0o600)
        path.write_text("".join(f"{line}\n" for line in lines))
        return path
