"""Which servers may be a vault, and which may not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from backends.servers.valkey import User, Valkey
from backends.vaults.redis_vault import RedisVault
from livelihood.ports import Unavailable
from livelihood.safekeeping import Place


@pytest.fixture
def server(vault_server: str) -> Iterator["redis.Redis"]:
    """The second Valkey; what a test sets on it is put back."""
    with redis.Redis.from_url(vault_server, decode_responses=True) as client:
        names = ("appendonly", "appendfsync", "maxmemory", "maxmemory-policy", "save")
        before = {name: client.config_get(name)[name] for name in names}
        yield client
        for name, value in before.items():
            client.config_set(name, value)


def test_the_server_with_the_states_is_refused_whatever_it_is_called(
    vault_server: str, redis_server: str
) -> None:
    for states in (vault_server, vault_server.replace("127.0.0.1", "localhost"), vault_server[:-1] + "1"):
        with pytest.raises(Unavailable, match="is the Redis with the states"):
            RedisVault(vault_server, states=states)
    RedisVault(vault_server, states=redis_server).close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"appendonly": "no"}, "set appendonly yes"),
        ({"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"}, "set maxmemory-policy noeviction"),
    ],
)
def test_a_server_that_may_lose_keys_is_refused(
    server: "redis.Redis", vault_server: str, settings: dict[str, str], said: str
) -> None:
    for name, value in settings.items():
        server.config_set(name, value)
    with pytest.raises(Unavailable, match=said):
        RedisVault(vault_server)


def test_what_never_reaches_the_disk_is_not_acknowledged(
    server: "redis.Redis", vault_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backends.vaults.redis_vault.DISK_SECONDS", 0.2)
    with RedisVault(vault_server) as vault:
        server.config_set("appendfsync", "no")
        with pytest.raises(Unavailable, match="appendfsync"):
            vault.put("a", "1", b"x")
        server.config_set("appendfsync", "everysec")
        monkeypatch.setattr("backends.vaults.redis_vault.DISK_SECONDS", 30)
        vault.put("a", "1", b"y")


def test_a_snapshot_is_written_anew_as_well(
    server: "redis.Redis", vault_server: str, vault_valkey: Valkey
) -> None:
    server.config_set("save", "3600 1")
    secret = b"a key that was in a snapshot " * 3
    with RedisVault(vault_server) as vault:
        vault.put("person", "ann", secret)
        server.save()
        files = [path for path in vault_valkey.process.folder.rglob("*") if path.is_file()]
        assert any(path.name == "dump.rdb" for path in files)
        vault.delete_all([Place("person", "ann")])
        vault.scrub()
    files = [path for path in vault_valkey.process.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if secret in path.read_bytes()]
    (dump,) = (path for path in files if path.name == "dump.rdb")
    dump.unlink()


def test_a_password_is_never_said() -> None:
    with pytest.raises(Unavailable) as refused:
        RedisVault("redis://vault:hunter2@127.0.0.1:1/0")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(Unavailable, match="URL"):
        RedisVault("redis://127.0.0.1:port")


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "valkey")
    server.start()
    try:
        with RedisVault(server.url) as vault:
            vault.add("person", "ann", b"key")
        server.process.kill()
        server.start()
        with RedisVault(server.url) as vault:
            assert vault.get("person", "ann") == b"key"
    finally:
        server.process.kill()


def test_the_rights_of_the_page_are_all_it_needs(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "security-of-the-wire.md").read_text("utf-8")
    found = re.search(r"^ACL SETUSER (vault) on >(\S+) (.*)$", page, re.MULTILINE)
    assert found
    server = Valkey(tmp_path / "valkey", users=[User(*found.groups())])
    server.start()
    try:
        with RedisVault(server.url) as vault:
            vault.add("person", "ann", b"key")
            vault.put("person", "bob", b"key")
            assert vault.replace("person", "bob", b"key", b"other")
            assert dict(vault.items("person")) == {"ann": b"key", "bob": b"other"}
            assert vault.drawers() == ["person"]
            assert vault.delete("person", "ann")
            vault.scrub()
    finally:
        server.process.kill()
