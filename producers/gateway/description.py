"""POST /v1/events as OpenAPI 3.1 describes it: what is taken, generated from the events' own models."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from livelihood.envelope import EVENT_MODELS, RequestEvent
from livelihood.events import Kind
from livelihood.safekeeping import PERSONAL_FIELDS
from producers.gateway.examples import example
from producers.gateway.modes import BATCH, STRUCTURED
from web.problems import MEDIA_TYPE, ProblemDetails

MAX_BATCH_EVENTS = 1_000
_REF = "#/components/schemas/{model}"


class EventReceipt(BaseModel):
    """The log holds the event durably. A repeat gets the same answer."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    status: int = Field(202, ge=202, le=202)
    issue: str
    source: str
    id: str
    receipt: str | None = None
    """Of a submission only: the number the person keeps. It cannot be guessed."""


#: Kinds a channel may publish.
_KINDS = [kind for kind in EVENT_MODELS if kind is not Kind.ABSORBED]
_EXAMPLES = {kind.word: {"summary": EVENT_MODELS[kind].__doc__, "value": example(kind)} for kind in _KINDS}

#: What FastAPI is told of the operation.
OPERATION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": {"$ref": _REF.format(model="Event")}, "examples": _EXAMPLES},
            BATCH: {
                "schema": {
                    "type": "array",
                    "maxItems": MAX_BATCH_EVENTS,
                    "items": {"$ref": _REF.format(model="Event")},
                },
                "examples": {
                    "two": {"value": [example(Kind.SUBMITTED), example(Kind.RESOLVED)]},
                },
            },
        },
    },
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Of a batch: what became of each event, in their order.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "items": {
                        "anyOf": [
                            {"$ref": _REF.format(model="EventReceipt")},
                            {"$ref": _REF.format(model="ProblemDetails")},
                        ]
                    },
                }
            }
        },
    },
    202: {
        "description": "The log holds the event durably.",
        "content": {"application/json": {"schema": {"$ref": _REF.format(model="EventReceipt")}}},
    },
    **{
        status: {
            "description": said,
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="ProblemDetails")}}},
        }
        for status, said in {
            400: "It is no such event; `field` names what is wrong.",
            401: "The token is missing, or none of a key.",
            403: "The key may not publish that.",
            409: "The same source and id came before with other content.",
            413: "The body, or an event, is too large.",
            415: "The body is in none of the three modes.",
            429: "The key has had its share; Retry-After says when there is more.",
            503: "The log cannot take it now. Nothing is acknowledged; repeat the same later.",
        }.items()
    },
}
DESCRIPTION = """
Publish request events. One is sent in structured mode (`application/cloudevents+json`) or in binary mode
(`application/json` with the data as the body, and the other attributes as `ce-` headers, each percent-encoded
where it is not ASCII); many are sent as a batch, and answered one by one.

An event is acknowledged once the log holds it durably. Until it is, repeat the same: the same `source` and
`id` with the same content takes effect once, however often it comes.
""".strip()


def add_schemas(app: FastAPI) -> None:
    """Have the application's description hold the events' schemas."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes,
                servers=app.servers or None,
            )  # fmt: skip
            found.setdefault("components", {}).setdefault("schemas", {}).update(schemas())
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]


def schemas() -> dict[str, Any]:
    """Of every kind of event as a channel sends it, and of the answers."""
    models: list[type[BaseModel]] = [EVENT_MODELS[kind] for kind in _KINDS]
    answers: list[type[BaseModel]] = [EventReceipt, ProblemDetails]
    _, found = models_json_schema([(model, "validation") for model in models + answers], ref_template=_REF)
    named: dict[str, Any] = found["$defs"]
    for model in models:
        assert issubclass(model, RequestEvent)
        schema, data = named[model.__name__], named[f"{model.__name__}Data"]
        # Stamped where it enters; and what a person says comes in clear, to be sealed.
        del schema["properties"]["recorded"]
        schema["required"] = ["specversion", "type", *schema["required"]]
        data["properties"]["personal"] = {"$ref": _REF.format(model="Personal")}
    named["Personal"] = _personal()
    named["Event"] = {
        "oneOf": [{"$ref": _REF.format(model=model.__name__)} for model in models],
        "discriminator": {
            "propertyName": "type",
            "mapping": {
                model.model_fields["type"].default: _REF.format(model=model.__name__) for model in models
            },
        },
    }
    return {name: _as_others_read(schema) for name, schema in named.items()}


def _as_others_read(schema: Any) -> Any:
    """A schema whose patterns mean to others what they mean here."""
    if isinstance(schema, dict):
        return {
            name: _pattern(one) if name == "pattern" and isinstance(one, str) else _as_others_read(one)
            for name, one in schema.items()
        }
    return [_as_others_read(one) for one in schema] if isinstance(schema, list) else schema


def _pattern(text: str) -> str:
    r"""Elsewhere \w is of English only, and \S knows fewer kinds of space."""
    text = text.replace(r"[\w", r"[\p{L}\p{N}_").replace(r"\w", r"[\p{L}\p{N}_]")
    return text.replace(r"\S", r"[^\s\u001c-\u001f\u0085]")


def _personal() -> dict[str, Any]:
    return {
        "description": "What identifies a person, in clear; sealed before it is kept.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "type": "string",
                "maxLength": most,
                "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$",
            }
            for name, most in PERSONAL_FIELDS.items()
        },
    }
