"""The list of services and what each asks, from the catalogue as published last."""

from typing import Any

from livelihood.catalogue import Attribute, CatalogueVersion, Service
from livelihood.fields import LanguageCode
from producers.open311.documents import Trouble
from web.titles import text_in


def service_list(version: CatalogueVersion, language: LanguageCode) -> list[dict[str, Any]]:
    """GET services: what may be asked for."""
    return [_listed(code, service, language) for code, service in version.services.items()]


def service_definition(version: CatalogueVersion, code: str, language: LanguageCode) -> dict[str, Any]:
    """GET services/code: what a service asks; Trouble for a code that is none."""
    service = known_service(version, code)
    return {
        "service_code": code,
        "attributes": [
            _asked(order, attribute, language) for order, attribute in enumerate(service.attributes, 1)
        ],
    }


def known_service(version: CatalogueVersion, code: str) -> Service:
    """The service of a code; Trouble for a code that is none."""
    service = version.services.get(code)
    if service is None:
        raise Trouble(404, f"service_code {code[:80]!r} was not found; services.xml lists those there are")
    return service


def _listed(code: str, service: Service, language: LanguageCode) -> dict[str, Any]:
    name = text_in(service.title, language, code)
    return {
        "service_code": code,
        "service_name": name,
        "description": text_in(service.description, language, name),
        "metadata": bool(service.attributes),
        "type": service.reply,
        "keywords": ", ".join(service.keywords) or None,
        "group": service.category,
    }


def _asked(order: int, attribute: Attribute, language: LanguageCode) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "variable": attribute.variable,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": attribute.required,
        "datatype_description": text_in(attribute.hint, language) or None,
        "order": order,
        "description": text_in(attribute.question, language),
    }
    if attribute.values:
        asked["values"] = [
            {"key": key, "name": text_in(texts, language, key)} for key, texts in attribute.values.items()
        ]
    return asked
