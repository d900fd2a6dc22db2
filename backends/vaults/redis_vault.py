"""A vault in a Redis or Valkey of its own: never the one with the states, whose files are copied about.

Each drawer is a hash. A call returns when the server's append-only file has what it wrote on the disk.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from livelihood.ports import Unavailable
from livelihood.safekeeping import Drawer, Place

#: What the names of the keys begin with.
PREFIX = "livelihood:vault:"
ANSWER_SECONDS, CONNECT_SECONDS = 10.0, 5.0
#: How long the disk may take.
DISK_SECONDS = 10.0
#: How long the append-only file may take to be written anew.
SCRUB_SECONDS = 120.0
_PAUSE_SECONDS = 0.05
_PAGE_NAMES = 1_000
#: The oldest version with WAITAOF, Valkey's first as well as Redis's.
_LEAST = (7, 2)

_ADD = """
local held = {}
for number, key in ipairs(KEYS) do
    local name = ARGV[2 * number - 1]
    redis.call('HSETNX', key, name, ARGV[2 * number])
    held[number] = redis.call('HGET', key, name)
end
return held
"""
_REPLACE = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
    return {0}
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return {1}
"""
_DELETE = """
local removed = {}
for number, key in ipairs(KEYS) do
    removed[number] = redis.call('HDEL', key, ARGV[number])
end
return removed
"""


class RedisVault:
    """The hashes of one server."""

    def __init__(self, url: str, *, states: str = "") -> None:
        """Connect. `states` is the URL of the server with the states, which this one must not be.

        Unavailable where none answers, where it is that one, or where it may lose what it acknowledged.
        """
        self._where = re.sub(r"//[^@/]*@", "//", url).partition("?")[0]
        try:
            self._client = _client(url)
        except ValueError as error:
            raise Unavailable(f"the vault's URL is none: {error}") from None
        try:
            with self._explaining():
                info = _info(self._client)
                self._check(info)
                if states and info["run_id"] in _run_ids(states):
                    raise Unavailable(
                        f"the vault at {self._where} is the Redis with the states, whose copies would then"
                        " open themselves: give it a server of its own; `livelihood stack up` starts one"
                    )
        except BaseException:
            self._client.close()
            raise

    def _check(self, info: Mapping[str, Any]) -> None:
        where = f"the vault at {self._where}"
        product = "valkey_version" if "valkey_version" in info else "redis_version"
        if tuple(map(int, str(info[product]).split(".")[:2])) < _LEAST:
            raise Unavailable(f"{where} is too old: {'.'.join(map(str, _LEAST))} or newer is needed")
        if info.get("cluster_enabled"):
            raise Unavailable(f"{where} is a cluster; one server, with replicas if need be, is enough")
        if info.get("role") != "master":
            raise Unavailable(f"{where} is a replica; the URL must lead to the primary")
        if not info.get("aof_enabled"):
            raise Unavailable(f"{where} may lose keys, and with them what they open; set appendonly yes")
        if info.get("maxmemory") and info.get("maxmemory_policy") != "noeviction":
            raise Unavailable(f"{where} drops keys when its memory is full; set maxmemory-policy noeviction")

    def get(self, drawer: Drawer, name: str) -> bytes | None:
        """What lies under a name."""
        return self.get_all([Place(drawer, name)])[0]

    def get_all(self, places: Sequence[Place]) -> list[bytes | None]:
        """What lies at each place, at one moment."""
        with self._explaining(), self._client.pipeline(transaction=True) as pipe:
            for drawer, name in places:
                pipe.hget(PREFIX + drawer, name)
            return cast("list[bytes | None]", pipe.execute())

    def put(self, drawer: Drawer, name: str, value: bytes) -> None:
        """Keep a value, in place of what lay there; durable once this returns."""
        self._write("HSET", PREFIX + drawer, name, value)

    def add(self, drawer: Drawer, name: str, value: bytes) -> bytes:
        """Keep a value unless something lies there; what lies there then, the same for all who ask."""
        return self.add_all([(Place(drawer, name), value)])[0]

    def add_all(self, values: Sequence[tuple[Place, bytes]]) -> list[bytes]:
        """As `add` for each of them; durable all at once."""
        given = [part for (_, name), value in values for part in (name, value)]
        return cast("list[bytes]", self._run(_ADD, [place for place, _ in values], given))

    def replace(self, drawer: Drawer, name: str, old: bytes, new: bytes) -> bool:
        """Keep a value in place of that one; nothing is done where another lies there by now, or none."""
        return self._run(_REPLACE, [Place(drawer, name)], [name, old, new]) == [1]

    def delete(self, drawer: Drawer, name: str) -> bool:
        """Remove; whether there was anything."""
        return self.delete_all([Place(drawer, name)]) == 1

    def delete_all(self, places: Sequence[Place]) -> int:
        """Remove all of them, durably all at once; how many there were."""
        return sum(cast("list[int]", self._run(_DELETE, places, [name for _, name in places])))

    def scrub(self) -> None:
        """Return when the append-only file, and a snapshot if there is one, were written anew without it."""
        with self._explaining():
            limit = time.monotonic() + SCRUB_SECONDS
            # One that runs already may have begun before the last removal.
            self._await("aof_rewrite_in_progress", "aof_rewrite_scheduled", limit=limit)
            self._client.bgrewriteaof()
            self._await("aof_rewrite_in_progress", "aof_rewrite_scheduled", limit=limit)
            if _info(self._client).get("aof_last_bgrewrite_status") != "ok":
                raise Unavailable(f"the vault at {self._where} could not write its append-only file anew")
            saves = self._client.config_get("save").get("save")
            if saves:
                self._await("rdb_bgsave_in_progress", limit=limit)
                self._client.save()

    def items(self, drawer: Drawer) -> Iterator[tuple[str, bytes]]:
        """All of a drawer, by name; read in pages, so that the server is never busy for long."""
        with self._explaining():
            # A name may come twice while others are added.
            held = dict(self._client.hscan_iter(PREFIX + drawer, count=_PAGE_NAMES))
        for name in sorted(held):
            yield name.decode(), held[name]

    def drawers(self) -> list[Drawer]:
        """The drawers with something in them."""
        with self._explaining():
            keys = {key.decode() for key in self._client.scan_iter(f"{PREFIX}*", count=_PAGE_NAMES)}
        return sorted(key.removeprefix(PREFIX) for key in keys)

    def _await(self, *fields: str, limit: float) -> None:
        while any(_info(self._client).get(field) for field in fields):
            if time.monotonic() > limit:
                raise Unavailable(f"the vault at {self._where} takes long to write its file anew; try again")
            time.sleep(_PAUSE_SECONDS)

    def _run(self, script: str, places: Sequence[Place], arguments: Sequence[str | bytes]) -> list[Any]:
        if not places:
            return []
        keys = [PREFIX + drawer for drawer, _ in places]
        return cast("list[Any]", self._write("EVAL", script, len(keys), *keys, *arguments))

    def _write(self, *command: str | bytes | int) -> Any:
        with self._explaining(), self._client.pipeline(transaction=False) as pipe:
            pipe.execute_command(*command)  # type: ignore[no-untyped-call]
            # On the same connection: it waits for what that one has written.
            pipe.execute_command("WAITAOF", 1, 0, int(DISK_SECONDS * 1000))  # type: ignore[no-untyped-call]
            answer, (on_disk, _) = pipe.execute()
        if not on_disk:
            raise Unavailable(
                f"the vault at {self._where} did not bring it onto its disk in time; see appendfsync there"
            )
        return answer

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            said = str(error) or type(error).__name__
            raise Unavailable(f"the vault at {self._where}: {said}") from error

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        # A repeated call would be answered otherwise than the first.
        retry=Retry(NoBackoff(), 0),
        socket_timeout=ANSWER_SECONDS + DISK_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        decode_responses=False,
    )


def _info(client: redis.Redis) -> dict[str, Any]:
    return client.info()


def _run_ids(url: str) -> set[str]:
    """Who the servers behind a URL are; empty where none can be asked: then they are not used either."""
    try:
        with _client(url) as client:
            return {str(_info(client)["run_id"])}
    except (redis.RedisError, ValueError):
        return set()
