"""A record of the log as an operator may see and correct it: what may be personal in it is withheld.

Whoever keeps the system running may not read what people said of themselves. A record that was refused may
hold it in clear, and anywhere: so only members that our events have are shown, and only plain values of
them. What was withheld is put back, unseen, into the corrected event.
"""

import json
from collections.abc import Callable
from typing import Any

from livelihood.envelope import InvalidEvent, RequestEvent, kind_of
from livelihood.events import DATA_MODELS

#: Stands in the place of what is not shown.
WITHHELD = "(withheld)"
_PERSONAL = "personal"
_ENVELOPE = frozenset(RequestEvent.model_fields) - {"data"}

#: Opens what is sealed for an issue, as livelihood.safekeeping.Sealer does.
Open = Callable[[str, str], dict[str, str] | None]


def shown(record: bytes) -> str:
    """A record as JSON for a form; empty where it is no JSON object, and so nothing of it may be shown."""
    document = _object(record)
    return "" if document is None else json.dumps(_shown(document), ensure_ascii=False, indent=2)


def restored(text: str, record: bytes, unseal: Open) -> bytes:
    """The corrected event, with what was withheld of the record put back.

    InvalidEvent says what is wrong with the text, or why it cannot be put back. What was sealed for another
    issue than it is now about comes in clear, to be sealed anew.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidEvent("", f"this is no JSON{line}: expected an object") from None
    if not isinstance(document, dict):
        raise InvalidEvent("", "expected a JSON object")
    original = _object(record) or {}
    document = _put_back(document, original, "")
    data, before = document.get("data"), original.get("data")
    if isinstance(data, dict) and isinstance(before, dict):
        data = _put_back(data, before, "data.")
        subject, earlier = document.get("subject"), original.get("subject")
        sealed = data.get(_PERSONAL)
        if isinstance(sealed, str) and sealed == before.get(_PERSONAL) and subject != earlier:
            opened = unseal(sealed, str(earlier))
            if opened is None:
                said = "was sealed for another issue and cannot be opened any more; leave it out"
                raise InvalidEvent("data.personal", said)
            data[_PERSONAL] = opened
        document["data"] = data
    return json.dumps(document, ensure_ascii=False).encode()


def _object(record: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(record)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    try:
        known = frozenset(DATA_MODELS[kind_of(document["type"])].model_fields) - {_PERSONAL}
    except (KeyError, TypeError):
        known = frozenset()
    found = {name: _plain(value) if name in _ENVELOPE else WITHHELD for name, value in document.items()}
    data = document.get("data")
    if isinstance(data, dict):
        found["data"] = {name: _plain(value) if name in known else WITHHELD for name, value in data.items()}
    return found


def _plain(value: Any) -> Any:
    """A value itself, where it is no object that may hold anything."""
    parts = value if isinstance(value, list) else [value]
    return WITHHELD if any(isinstance(part, dict | list) for part in parts) else value


def _put_back(document: dict[str, Any], original: dict[str, Any], place: str) -> dict[str, Any]:
    found = {}
    for name, value in document.items():
        if value == WITHHELD and name not in original:
            raise InvalidEvent(f"{place}{name}", f"{WITHHELD} stands for nothing here; leave it out")
        found[name] = original[name] if value == WITHHELD else value
    return found
