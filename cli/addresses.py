"""Where a server listens, as people write it."""

import re
from typing import Annotated

from pydantic import AfterValidator

#: A machine's name or number, one of IPv6 in brackets; then a port.
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+):([0-9]{1,5})")
_LAST_PORT = 65_535


def _checked(text: str) -> str:
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > _LAST_PORT:
        raise ValueError(f"expected host:port, as 127.0.0.1:8080, the port at most {_LAST_PORT}")
    return text


Address = Annotated[str, AfterValidator(_checked)]
