"""Keys: kept as hashes, proved by their tokens, noticed by every server within seconds."""

from pathlib import Path

import pytest

from backends.vaults.sqlite_vault import SqliteVault
from livelihood.instants import HOUR, SECOND
from livelihood.safekeeping import CHANNEL_KEYS
from producers import keyring
from producers.channel_keys import ChannelKey
from producers.keyring import USE_STEP, Keyring

NOW = 1_700_000_000 * SECOND - (1_700_000_000 * SECOND) % USE_STEP


@pytest.fixture
def vault(tmp_path: Path) -> SqliteVault:
    return SqliteVault(tmp_path / "vault")


def key(name: str = "phone-1") -> ChannelKey:
    return ChannelKey(name=name, channel="phone", may=frozenset({"submitted"}))


def test_a_token_proves_its_key_and_nothing_else_does(vault: SqliteVault) -> None:
    ring = Keyring(vault)
    token = ring.add(key(), NOW)
    other = ring.add(key("phone-2"), NOW)
    assert ring.prove(token, NOW) == key()
    secret = token.rpartition(".")[2]
    for wrong in ("", secret, f"phone-2.{secret}", token[:-1], f"{token}x", f"{token}.", "phone-1."):
        assert ring.prove(wrong, NOW) is None
        assert ring.known(wrong, NOW) is None
        assert ring.recent(wrong) is None
    assert ring.recent(token) == ring.known(token, NOW) == key()
    assert ring.recent(other) is None


def test_the_vault_has_no_token(vault: SqliteVault) -> None:
    token = Keyring(vault).add(key(), NOW)
    (document,) = [value for _, value in vault.items(CHANNEL_KEYS)]
    assert token.rpartition(".")[2].encode() not in document
    assert b"$argon2id$" in document


def test_a_name_is_given_once(vault: SqliteVault) -> None:
    ring = Keyring(vault)
    token = ring.add(key(), NOW)
    with pytest.raises(ValueError, match="there is a key 'phone-1' already"):
        ring.add(key(), NOW)
    assert ring.prove(token, NOW) == key()


def test_another_server_notices_what_was_added_and_revoked(
    vault: SqliteVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = Keyring(vault), Keyring(vault)
    token = ours.add(key(), NOW)
    assert theirs.prove(token, NOW) == key()
    assert ours.revoke("phone-1")
    assert not ours.revoke("phone-1")
    # Within seconds, which pass here.
    monkeypatch.setattr(keyring, "LOOK_SECONDS", -1.0)
    assert theirs.recent(token) is None
    assert theirs.known(token, NOW) is None
    assert theirs.prove(token, NOW) is None


def test_the_last_use_is_noted_coarsely(vault: SqliteVault) -> None:
    ring = Keyring(vault)
    token = ring.add(key(), NOW - HOUR)
    assert [(one.added, one.used) for one in ring.listed()] == [(NOW - HOUR, None)]
    for later in (SECOND, 2 * SECOND, USE_STEP - SECOND):
        ring.prove(token, NOW + later)
        assert [one.used for one in ring.listed()] == [NOW]
    ring.known(token, NOW + USE_STEP + SECOND)
    assert [one.used for one in ring.listed()] == [NOW + USE_STEP]
