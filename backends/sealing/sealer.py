"""Sealing: AES-256 in Galois/Counter Mode under the person's key, bound to the person and the issue."""

import base64
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backends.sealing.fields import check
from backends.sealing.master_keys import NONCE_BYTES
from backends.sealing.people import People

#: What a sealed text begins with; then the person's id and the ciphertext, with dots between.
HEAD = "sealed"


class PersonSealer:
    """Seals and opens personal data."""

    def __init__(self, people: People) -> None:
        self._people = people

    def seal(self, personal: dict[str, str], issue: str) -> str | None:
        """The `personal` member of an event about that issue, from its clear fields.

        None where none of them says anything, or the person is forgotten. ValueError names a field that is
        none of the known ones, or is no text of its length.
        """
        fields = check(personal)
        if not fields:
            return None
        found = self._people.person_for(self._people.hashes(fields), issue)
        if found is None:
            return None
        person, key = found
        nonce = secrets.token_bytes(NONCE_BYTES)
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = nonce + AESGCM(key).encrypt(nonce, text, _bound_to(person, issue))
        return f"{HEAD}.{person}.{base64.urlsafe_b64encode(sealed).rstrip(b'=').decode()}"

    def open(self, sealed: str, issue: str) -> dict[str, str] | None:
        """The clear fields of an event about that issue; None where nobody here can read them any more."""
        head, _, rest = sealed.partition(".")
        person, _, text = rest.partition(".")
        key = self._people.key_of(person) if head == HEAD else None
        if key is None:
            return None
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            clear = AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound_to(person, issue))
        except (InvalidTag, ValueError):
            # Made up, or copied from another issue: it is nobody's.
            return None
        found: dict[str, str] = json.loads(clear)
        return found


def _bound_to(person: str, issue: str) -> bytes:
    return f"livelihood 1\0{person}\0{issue}".encode()
