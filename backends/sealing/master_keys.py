"""The master key, which wraps the keys of people, and the ones before it, which only unwrap."""

import base64
import binascii
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from livelihood.ports import Unavailable
from livelihood.safekeeping import INSTALLATION, PERSONS, Place, Vault

KEY_BYTES = 32
#: Under this name lies, wrapped too, the key of the hashes by which people are recognised.
RECOGNITION = "recognition"
NONCE_BYTES = 12
#: Names a master key in what it wrapped, and in messages; it tells nothing of the key.
ID_BYTES = 8
#: The first byte of what is wrapped: how it was done.
_LAYOUT = b"\x01"
_HEAD_BYTES = len(_LAYOUT) + ID_BYTES


def new_master_key() -> str:
    """A master key as it is written into a file or a variable."""
    return _text(secrets.token_bytes(KEY_BYTES))


def parse_master_keys(text: str) -> list[bytes]:
    """Master keys parted by space, newest first; ValueError says what is wrong, without quoting any."""
    keys = []
    for number, word in enumerate(text.split(), 1):
        try:
            key = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ValueError(
                f"master key {number} is none: expected {KEY_BYTES} bytes as 43 letters, digits, - and _;"
                " livelihood master-key new makes one"
            )
        keys.append(key)
    if not keys:
        raise ValueError("there is no master key in it")
    return keys


def key_id(key: bytes) -> bytes:
    """Names a master key without telling anything of it."""
    return sha256(b"livelihood master key\0" + key).digest()[:ID_BYTES]


class MasterKeys:
    """The master keys of an installation, read again when one appears that is not known yet."""

    def __init__(self, read: Callable[[], str]) -> None:
        """`read` gives their text. Unavailable where it is none."""
        self._read = read
        self._load()

    def _load(self) -> None:
        try:
            keys = parse_master_keys(self._read())
        except ValueError as error:
            raise Unavailable(str(error)) from None
        self._keys = {key_id(key): AESGCM(key) for key in keys}
        #: The one that wraps.
        self.current = key_id(keys[0])

    @property
    def ids(self) -> Sequence[bytes]:
        """The names of all of them, the one that wraps first."""
        return list(self._keys)

    def reload(self) -> None:
        """Read them again: they were changed."""
        self._load()

    def wrap(self, key: bytes, name: str) -> bytes:
        """A key under the master key, for one name only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = _LAYOUT + self.current
        return head + nonce + self._keys[self.current].encrypt(nonce, key, head + name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """What was wrapped for that name; Unavailable where no master key here opens it."""
        head, nonce = wrapped[:_HEAD_BYTES], wrapped[_HEAD_BYTES : _HEAD_BYTES + NONCE_BYTES]
        wrapped_by = wrapper_of(wrapped)
        if wrapped_by not in self._keys:
            # It may have been rotated since.
            self._load()
        master = self._keys.get(wrapped_by)
        if master is None or head[:1] != _LAYOUT:
            raise Unavailable(
                f"the keys in the vault were wrapped by the master key {wrapped_by.hex()}, and here is"
                f" {self.current.hex()}: set the right one; docs/personal-data.md says what is left without"
            )
        try:
            return master.decrypt(nonce, wrapped[_HEAD_BYTES + NONCE_BYTES :], head + name.encode())
        except InvalidTag:
            raise Unavailable(
                f"the key {name} in the vault is damaged; restore a backup of the vault"
            ) from None


def rewrap(vault: Vault, master: MasterKeys) -> int:
    """Wrap by the first master key whatever is wrapped by another; how many keys that were.

    What is made meanwhile by a process that does not know the first one yet is found by calling it again.
    Unavailable where something is wrapped by a master key that is not among these.
    """
    done = 0
    for place, wrapped in _wrapped(vault):
        if wrapper_of(wrapped) != master.current:
            again = master.wrap(master.unwrap(wrapped, place.name), place.name)
            # Not where it was deleted a moment ago: that person is forgotten.
            done += vault.replace(*place, wrapped, again)
    return done


def wrapped_by(vault: Vault) -> Counter[bytes]:
    """How many keys each master key wraps, by the names of master keys."""
    return Counter(wrapper_of(wrapped) for _, wrapped in _wrapped(vault))


def _wrapped(vault: Vault) -> Iterator[tuple[Place, bytes]]:
    yield from ((Place(PERSONS, name), wrapped) for name, wrapped in vault.items(PERSONS))
    wrapped = vault.get(INSTALLATION, RECOGNITION)
    if wrapped is not None:
        yield Place(INSTALLATION, RECOGNITION), wrapped


def wrapper_of(wrapped: bytes) -> bytes:
    """The name of the master key that wrapped it."""
    return wrapped[len(_LAYOUT) : _HEAD_BYTES]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
