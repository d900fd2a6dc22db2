"""The discovery document: where the interface is, in which formats, and whom to ask for a key."""

from typing import Any

from producers.open311.documents import JSON, MEDIA_TYPES, XML
from producers.open311.offering import Offering
from web.context import Context

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def discovery(context: Context, offering: Offering, path: str) -> dict[str, Any]:
    """What clients read first. The catalogue's version changes when services do."""
    version = context.catalogue().latest
    changeset = version.version if version.effective is None else version.effective.isoformat()
    return {
        "changeset": changeset,
        "contact": offering.contact or context.public_url,
        "key_service": offering.contact or context.public_url,
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{context.public_url}{path}",
                "changeset": changeset,
                "type": "production",
                "formats": [MEDIA_TYPES[name].partition(";")[0] for name in (XML, JSON)],
            }
        ],
    }
