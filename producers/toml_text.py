"""Writing TOML that people will read and edit: values on one line, keys quoted only where they must be."""

import json
import re
from collections.abc import Mapping
from datetime import date

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_value(value: object) -> str:
    """A value as TOML: text, number, truth, date, and lists and tables of them, on one line."""
    if isinstance(value, str):
        # A basic string; of the escapes TOML asks for, JSON lacks only that of DEL.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        items = (f"{toml_key(str(key))} = {toml_value(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no TOML form here")


def toml_key(key: str) -> str:
    """A key, quoted where it is not a bare one."""
    return key if _BARE.fullmatch(key) else toml_value(key)
