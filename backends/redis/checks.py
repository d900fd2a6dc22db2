"""Whether a server keeps what it is given."""

from typing import Any

import redis

from livelihood.ports import Unavailable

_LET_THROUGH = "; LIVELIHOOD_REDIS_CHECKS=false accepts it as it is"
#: The oldest versions with all that the scripts need.
_LEAST = {"redis": (7, 0), "valkey": (7, 2)}


def check_server(server: "redis.Redis", *, checks: bool) -> None:
    """Unavailable where the server is too old or, with `checks`, may evict or forget what it holds."""
    info: dict[str, Any] = server.info()
    product = "valkey" if "valkey_version" in info else "redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    if tuple(map(int, version.split(".")[:2])) < _LEAST[product]:
        least = ".".join(map(str, _LEAST[product]))
        raise Unavailable(f"{product.title()} {version} is too old; {least} or newer is needed")
    if not checks:
        return
    policy = info.get("maxmemory_policy")
    if policy != "noeviction":
        raise Unavailable(
            f"maxmemory-policy is {policy}: when memory is full this server would silently drop states;"
            f" set it to noeviction{_LET_THROUGH}"
        )
    if not info.get("aof_enabled"):
        save = _setting(server, "save")
        if save is None:
            raise Unavailable(f"whether this server saves to disk cannot be asked (CONFIG GET){_LET_THROUGH}")
        if not save:
            raise Unavailable(
                "this server writes nothing to disk, and a restart would cost a rebuild from the log;"
                f" set appendonly yes{_LET_THROUGH}"
            )


def syncs_always(server: "redis.Redis") -> bool:
    """Whether what this server acknowledges is on its disk; not where the user may not ask."""
    return _setting(server, "appendonly") == "yes" and _setting(server, "appendfsync") == "always"


def _setting(server: "redis.Redis", name: str) -> str | None:
    """A setting of the server; None where the user may not ask, or a service hides it."""
    try:
        found = server.config_get(name)
    except redis.ResponseError:
        return None
    return str(found.get(name, "")) if found else None
