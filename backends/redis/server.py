"""Connections to one server or a cluster, scripts, and what to do when something is wrong."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

import redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from backends.redis.checks import check_server, syncs_always
from livelihood.ports import Unavailable

#: How long an answer is waited for. A commit takes milliseconds; a server that starts, or a disk that hangs,
#: takes longer. The URL may say otherwise (`?socket_timeout=30`).
ANSWER_SECONDS = 10.0
CONNECT_SECONDS = 5.0

#: Fields of a hash asked for at a time, about.
_STEP = 1_000

#: An error of the server begins with a word that says what it cannot do now, as MISCONF. Without one it is a
#: fault of this software.
_CANNOT_NOW = re.compile(r"(?!WRONGTYPE)[A-Z]{2,} ")
_PERMISSION = re.compile("has no permissions|ACL failure")


class Script(NamedTuple):
    """A script of the folder scripts/."""

    text: str
    sha: str


@cache
def script(name: str, *, writes: bool = False) -> Script:
    """A script by its name, with what it is built on. One that does not write runs where memory is full."""
    from hashlib import sha1

    folder = resources.files("backends.redis") / "scripts"
    parts = ("common", name) if writes else ("common", "reading", name)
    head = "#!lua\n" if writes else "#!lua flags=no-writes\n"
    text = head + "".join((folder / f"{part}.lua").read_text("utf-8") for part in parts)
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


class Server:
    """One Redis or Valkey, or a cluster of them. Each call is of one partition."""

    def __init__(self, url: str, *, checks: bool = True) -> None:
        """Connect; a cluster is recognised. Unavailable where none is or, with `checks`, none fit."""
        #: Without what is secret.
        self._where = re.sub(r"//[^@/]*@", "//", url).partition("?")[0]
        #: Whether what a server has acknowledged is on its disk.
        self.syncs_always = False
        options: dict[str, Any] = {
            "socket_timeout": ANSWER_SECONDS,
            "socket_connect_timeout": CONNECT_SECONDS,
            "decode_responses": False,
        }
        self._client: redis.Redis | RedisCluster
        try:
            # Whoever repeats a commit must know it, so the client repeats nothing by itself.
            self._client = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)
            if not self._client.info("cluster")["cluster_enabled"]:
                check_server(self._client, checks=checks)
                self.syncs_always = syncs_always(self._client)
            else:
                self._client.close()
                # It may have to ask several nodes who is who now.
                again = Retry(ExponentialBackoff(cap=0.4, base=0.05), 3)
                self._client = RedisCluster.from_url(url, retry=again, **options)
                self.syncs_always = all(_check_nodes(self._client, checks=checks))
        except (redis.RedisError, ValueError) as error:
            raise self._unavailable(error) from error

    def call(self, called: Script, key: str, *arguments: str | bytes | int) -> Any:
        """Run a script on a partition's keys. Unavailable when it cannot be; it may have been then."""
        with self._explaining():
            try:
                return self._client.evalsha(called.sha, 1, key, *arguments)
            except redis.exceptions.NoScriptError:
                # A server keeps scripts in memory only.
                return self._client.eval(called.text, 1, key, *arguments)

    def whole(self, key: str) -> dict[bytes, bytes]:
        """A hash. A large one keeps the server busy for a tenth of the time that a script would take."""
        with self._explaining():
            return cast("dict[bytes, bytes]", self._client.hgetall(key))

    def in_steps(self, key: str) -> Iterator[tuple[bytes, bytes]]:
        """A hash, in steps that keep the server busy for a moment only; changes meanwhile may be missed."""
        with self._explaining():
            seen: set[bytes] = set()
            for name, value in self._client.hscan_iter(key, count=_STEP):
                if name not in seen:
                    seen.add(name)
                    yield name, value

    def fields(self, key: str, names: Sequence[str]) -> list[bytes | None]:
        """Fields of a hash; None for each that is not there."""
        with self._explaining():
            return cast("list[bytes | None]", self._client.hmget(key, names)) if names else []

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Unavailable for what a server cannot do now; a fault of this software stays what it is."""
        try:
            yield
        except redis.ResponseError as error:
            if type(error) is redis.ResponseError and not _CANNOT_NOW.match(str(error)):
                raise
            raise self._unavailable(error) from error
        except redis.RedisError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> Unavailable:
        return Unavailable(f"Redis at {self._where}: {str(error) or type(error).__name__}{_advice(error)}")

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_nodes(cluster: RedisCluster, *, checks: bool) -> Iterator[bool]:
    """Of each node with slots, whether it syncs always; of one that cannot be asked now, that it does not."""
    for node in cluster.get_primaries():  # type: ignore[no-untyped-call]
        server = cluster.get_redis_connection(node)
        try:
            check_server(server, checks=checks)
            yield syncs_always(server)
        except (redis.ConnectionError, redis.TimeoutError):
            yield False


def _advice(error: Exception) -> str:
    match error:
        case redis.exceptions.AuthenticationError():
            return "; check user and password in the URL"
        case redis.ResponseError() if _PERMISSION.search(str(error)):
            return "; give the user the permissions of docs/redis.md"
        case redis.exceptions.BusyLoadingError():
            return "; it is reading its data from disk, try again"
        case redis.exceptions.OutOfMemoryError():
            return "; give it more memory (maxmemory)"
        case redis.exceptions.ReadOnlyError():
            return "; the URL must lead to the primary"
        case redis.TimeoutError():
            return "; it did not answer in time, see whether it is busy or its disk is slow"
        case redis.ConnectionError():
            return "; see whether it runs and can be reached"
        case redis.ResponseError() if str(error).startswith("MISCONF"):
            return "; see its log, and whether its disk is full"
        case _:
            return ""
