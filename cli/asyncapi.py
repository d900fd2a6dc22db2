"""The topics as an AsyncAPI 3.1 document: what each carries, by which key, and how it is kept.

The payloads are the models' own schemas, so that the document cannot say anything but what the code does.
"""

from datetime import datetime
from importlib.metadata import version
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import models_json_schema

from cli.settings import Settings
from livelihood.alerts import Alert, AlertKind, Obligation
from livelihood.catalogue import CatalogueVersion
from livelihood.envelope import EVENT_MODELS
from livelihood.events import Kind
from livelihood.ports import CATALOGUE, IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END

ASYNCAPI_VERSION = "3.1.0"
#: Of the bindings' own specification.
_BINDING_VERSION = "0.5.0"
_EVENT_CONTENT = "application/cloudevents+json"
_FOREVER: dict[str, Any] = {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1}
_LATEST: dict[str, Any] = {"cleanup.policy": ["compact"]}
#: A state may be larger than a record of the requests, which becomes a part of one.
_LARGEST_STATE_BYTES = 16 * 1024 * 1024


class DeadLetter(BaseModel):
    """What could not be worked on, and why: a record of the log, or an issue as time passed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    key: str = Field(description="The root issue.")
    reason: str
    partition: int | None = Field(None, description="Where the record stays in the requests topic.")
    offset: int | None = None
    received: int | None = Field(None, description="Microseconds since 1970-01-01 UTC.")
    issue: str | None = Field(None, description="Instead of a record: the issue.")


class ImportMarker(BaseModel):
    """Where an import begins, how far its clock has come, where it ends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    run: str = Field(description="The id of the import.")
    name: str = Field(description="The mapping by which it is imported.")


class Topic(NamedTuple):
    """A topic: what its name ends in, and all that a client must know of it."""

    name: str
    description: str
    #: Names of messages in the components.
    messages: tuple[str, ...]
    #: What the tracker does with it, as AsyncAPI calls that.
    actions: tuple[str, ...]
    kept: dict[str, Any]
    #: None: as many as the requests topic has.
    partitions: int | None = None


_EVENTS = tuple(kind.word for kind in EVENT_MODELS)
TOPICS = (
    Topic(
        "requests",
        "Every request event, in the order in which it is worked on. Read it to the last stable offset.",
        (*_EVENTS, "import_marker", "catalogue_marker"),
        ("receive",),
        {**_FOREVER, "message.timestamp.type": "LogAppendTime"},
    ),
    Topic(
        "alerts",
        "What became due soon or overdue, was escalated, or is cleared again: each alert once for readers of"
        " committed records, an issue's in order, in the partition of the issue's requests.",
        ("alert",),
        ("send",),
        _FOREVER,
    ),
    Topic(
        "dead-letters", "What could not be worked on, with the reason.", ("dead_letter",), ("send",), _FOREVER
    ),
    Topic(
        "replay",
        "Request events put right, to be checked and appended to the requests once more.",
        _EVENTS,
        ("receive",),
        _FOREVER,
    ),
    Topic("catalogue", "Every version of the catalogue.", ("catalogue",), ("send", "receive"), _LATEST, 1),
    Topic(
        "progress",
        "How far each import and each outlet has come. Internal.",
        ("position",),
        ("send", "receive"),
        _LATEST,
        1,
    ),
    Topic(
        "forgotten",
        "Who was forgotten, by random names and keyed hashes, for vaults restored from backups. Internal.",
        ("forgotten",),
        ("send", "receive"),
        _LATEST,
        1,
    ),
    Topic(
        "closed",
        "States of issues that nothing more is due for. Internal.",
        ("packed_state",),
        ("send", "receive"),
        {**_FOREVER, "max.message.bytes": _LARGEST_STATE_BYTES},
    ),
)


def describe(settings: Settings) -> dict[str, Any]:
    """The document for the topics of these settings."""
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "livelihood",
            "version": version("livelihood"),
            "description": "Topics of the tracker of livelihood commitments on Apache Kafka.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            f"kafka{number}": {"host": host.strip(), "protocol": "kafka"}
            for number, host in enumerate((settings.kafka or "localhost:9092").split(","), 1)
        },
        "channels": {topic.name: _channel(topic, settings) for topic in TOPICS},
        "operations": {
            f"{action}-{topic.name}": _operation(topic, action)
            for topic in TOPICS
            for action in topic.actions
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channel(topic: Topic, settings: Settings) -> dict[str, Any]:
    return {
        "address": f"{settings.topics}.{topic.name}",
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.messages},
        "bindings": {
            "kafka": {
                "topic": f"{settings.topics}.{topic.name}",
                "partitions": topic.partitions or settings.partitions,
                "replicas": settings.replication,
                "topicConfiguration": topic.kept,
                "bindingVersion": _BINDING_VERSION,
            }
        },
    }


def _operation(topic: Topic, action: str) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in topic.messages],
    }


def _messages() -> dict[str, dict[str, Any]]:
    markers = [IMPORT_BEGIN, IMPORT_CLOCK, IMPORT_END]
    of_import = {"run": _text("The import it belongs to."), "received": _RECEIVED}
    its_id = {"id": _text("By which a repeat is recognised.")}
    packed: dict[str, Any] = {
        "contentType": "application/msgpack",
        "payload": {"type": "string", "format": "binary"},
    }
    return {
        **{
            kind.word: _message(
                f"{model.__doc__}{' Made by the tracker itself.' if kind is Kind.ABSORBED else ''}",
                _ROOT_KEY,
                _payload(model.__name__),
                of_import,
                name=model.model_fields["type"].default,
                contentType=_EVENT_CONTENT,
            )
            for kind, model in EVENT_MODELS.items()
        },
        "import_marker": _message(
            "A marker of an import, in every partition.",
            _NO_KEY,
            _payload("ImportMarker"),
            {"control": {**_text(), "enum": markers}, **of_import},
        ),
        "catalogue_marker": _message(
            "From here on this version of the catalogue applies; in every partition.",
            _NO_KEY,
            _payload("CatalogueVersion"),
            {"control": {**_text(), "const": CATALOGUE}},
        ),
        "alert": _message("An alert about a deadline of an issue.", _ROOT_KEY, _payload("Alert"), its_id),
        "dead_letter": _message("Something refused, and why.", _ROOT_KEY, _payload("DeadLetter"), its_id),
        "catalogue": _message(
            "A version of the catalogue.",
            _text("The version's number, from 1, in decimal digits."),
            _payload("CatalogueVersion"),
        ),
        "position": _message("How far something has come.", _text("What has come so far."), **packed),
        "forgotten": _message(
            "People who were forgotten.", _text("The SHA-256 of the payload."), _FORGOTTEN_PAYLOAD
        ),
        "packed_state": _message("An issue's state.", _text("The issue."), **packed),
    }


def _message(
    summary: str,
    key: dict[str, Any],
    payload: dict[str, Any],
    headers: dict[str, Any] | None = None,
    **more: str,
) -> dict[str, Any]:
    return {
        "summary": summary,
        "payload": payload,
        **({"headers": {"type": "object", "properties": headers}} if headers else {}),
        "bindings": {"kafka": {"key": key, "bindingVersion": _BINDING_VERSION}},
        **more,
    }


def _payload(model: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model}"}


def _text(description: str = "") -> dict[str, Any]:
    return {"type": "string", **({"description": description} if description else {})}


_NAMES = {"type": "array", "items": {"type": "string"}}
_FORGOTTEN_PAYLOAD = {"type": "object", "properties": {"persons": _NAMES, "names": _NAMES}}
_ROOT_KEY = _text("The root issue, UTF-8: a bundle's id for its children. Partition: murmur2 of it, modulo.")
_NO_KEY = {"type": "string", "maxLength": 0}
_RECEIVED = {
    "type": "string",
    "pattern": "^-?[0-9]+$",
    "description": "Of an import: microseconds since 1970.",
}


def alert_model() -> type[BaseModel]:
    """A model of what `Alert` is encoded to, field by field; its types say what its kinds may be."""
    narrower: dict[str, Any] = {"kind": AlertKind, "obligation": Obligation, "due": datetime}
    fields: dict[str, Any] = {
        field.encode_name: (
            narrower.get(field.name, field.type),
            ... if field.default is msgspec.NODEFAULT else field.default,
        )
        for field in msgspec.structs.fields(Alert)
    }
    return create_model("Alert", __doc__=Alert.__doc__, __config__=ConfigDict(extra="forbid"), **fields)


def _schemas() -> dict[str, Any]:
    models: list[type[BaseModel]] = [
        *EVENT_MODELS.values(),
        CatalogueVersion,
        DeadLetter,
        ImportMarker,
        alert_model(),
    ]
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    definitions: dict[str, Any] = schemas["$defs"]
    for model in EVENT_MODELS.values():
        # They tell one kind from another, so they are always there, though the models know them by default.
        definition = definitions[model.__name__]
        definition["required"] = ["specversion", "type", *definition["required"]]
    return definitions
