"""Objects for programs, as JSON text; which objects there are is said by consumers/objects.py."""

import json
from typing import Any


def json_text(value: Any, indent: int | None = 2) -> str:
    """JSON for people and programs: indented, in the letters it is written in."""
    return json.dumps(value, ensure_ascii=False, indent=indent)
