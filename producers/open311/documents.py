"""Documents in the two formats: XML as the specification shows it, and JSON by its "Spark" convention.

A document is what JSON holds: lists, and objects whose members are in the specification's order. In XML a
list is an element, and each of its entries one of the singular name.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from starlette.responses import Response

Document = Mapping[str, Any] | Sequence[Any]

XML, JSON = "xml", "json"
MEDIA_TYPES = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}

#: The name of a list -> the name of one of its entries.
SINGULAR = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}

#: What XML 1.0 cannot hold, however it is written.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Trouble(Exception):
    """A request that cannot be answered; each of `descriptions` is for the person to read."""

    def __init__(self, status: int, *descriptions: str, retry_after: int | None = None) -> None:
        super().__init__("; ".join(descriptions))
        self.status = status
        self.descriptions = descriptions
        #: Seconds after which to try again.
        self.retry_after = retry_after


def xml_of(root: str, document: Document) -> bytes:
    """The XML of a document whose root element has that name."""
    element = ElementTree.Element(root)
    _fill(element, document)
    ElementTree.indent(element, "    ")
    body = ElementTree.tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'.encode()


def json_of(document: Document) -> bytes:
    """The JSON of a document: its root element has no name there."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def answer(format_: str, root: str, document: Document, status: int = 200) -> Response:
    """The document in a format, as a response."""
    body = json_of(document) if format_ == JSON else xml_of(root, document)
    return Response(body, status, {"Vary": "Accept-Language"}, MEDIA_TYPES[format_])


def trouble_answer(format_: str, trouble: Trouble) -> Response:
    """The errors in a format, as a response."""
    errors = [{"code": trouble.status, "description": one} for one in trouble.descriptions]
    response = answer(format_, "errors", errors, trouble.status)
    if trouble.retry_after is not None:
        response.headers["Retry-After"] = str(trouble.retry_after)
    return response


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, member in value.items():
            _fill(ElementTree.SubElement(element, name), member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for entry in value:
            _fill(ElementTree.SubElement(element, SINGULAR[element.tag]), entry)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("\ufffd", str(value)) or None
