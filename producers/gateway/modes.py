"""The three ways a CloudEvent travels over HTTP, read into documents; what cannot be read is a problem."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import unquote

from cloudevents.core.bindings.http import CE_PREFIX, HTTPMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from web.problems import Problem

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"

Document = dict[str, Any]


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of a body, without its parameters; 415 where they say another encoding than UTF-8."""
    name, *parameters = headers.get("content-type", "").lower().split(";")
    for parameter in parameters:
        key, _, value = parameter.strip().partition("=")
        if key == "charset" and value.strip('"') not in ("utf-8", "utf8", "us-ascii"):
            raise Problem(415, "expected UTF-8", field="content-type")
    return name.strip()


def is_binary(headers: Mapping[str, str]) -> bool:
    """Whether a request is in binary mode: the event's attributes are in its headers."""
    return f"{CE_PREFIX}specversion" in headers


def wrong_media_type() -> Problem:
    """What to say of a body that is in none of the three modes."""
    return Problem(
        415,
        f"expected Content-Type {STRUCTURED}, {BATCH}, or {JSON} with the attributes in ce- headers",
        field="content-type",
    )


def structured(body: bytes) -> Document:
    """The document of structured mode."""
    return one_of_batch(_json(body))


def batch(body: bytes) -> list[Any]:
    """The events of a batch, each yet to be looked at: one that is none of ours does not spoil the others."""
    documents = _json(body)
    if not isinstance(documents, list):
        raise Problem(400, "expected a JSON array of CloudEvents")
    return documents


def one_of_batch(document: Any) -> Document:
    """The document of one event of a batch."""
    if not isinstance(document, dict):
        raise Problem(400, "expected a JSON object, one CloudEvent")
    if "specversion" not in document:
        raise Problem(400, "is missing; expected 1.0", field="specversion")
    return with_data(document)


def binary(headers: Mapping[str, str], body: bytes) -> Document:
    """The document of binary mode; the library decodes what headers cannot hold as it is."""
    attributes = {name: value for name, value in headers.items() if name.startswith(CE_PREFIX)}
    # As a text, so that a time is judged as in the other modes.
    time = attributes.pop(f"{CE_PREFIX}time", None)
    found: Document = {}

    def note(attributes: Document, _: object) -> Any:
        found.update(attributes)

    from_binary(HTTPMessage(attributes, b""), JSONFormat(), note)
    if time is not None:
        found["time"] = unquote(time)
    return {**found, **({"data": _json(body)} if body else {})}


def with_data(document: Document) -> Document:
    """The document with its data as JSON, where they came as base64."""
    if "data_base64" not in document:
        return document
    rest = {name: value for name, value in document.items() if name != "data_base64"}
    if "data" in rest:
        raise Problem(400, "expected data or data_base64, not both", field="data_base64")
    try:
        return {**rest, "data": _json(base64.b64decode(document["data_base64"], validate=True))}
    except (ValueError, TypeError, binascii.Error, Problem):
        raise Problem(400, "expected JSON in base64", field="data_base64") from None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_constant, parse_float=_number)
    except UnicodeDecodeError:
        raise Problem(400, "expected UTF-8") from None
    except json.JSONDecodeError as error:
        raise Problem(
            400, f"expected JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise Problem(400, "expected JSON that is not nested so deep") from None
    except ValueError:
        raise Problem(400, "expected JSON: a number is out of range, or none") from None


def _number(text: str) -> float:
    """A number with a fraction; 1.0 is the integer it is equal to, which JSON Schema counts as one."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


#: Up to here every integer is a double of its own.
_EXACT = 2.0**53


def _constant(text: str) -> NoReturn:
    raise ValueError(text)
