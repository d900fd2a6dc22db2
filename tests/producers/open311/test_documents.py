"""XML and JSON say the same, whatever is in them; XML is shaped as the specification's examples are."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.open311.documents import SINGULAR, Trouble, json_of, trouble_answer, xml_of

#: The specification's own examples, as JSON; beneath each, what their XML holds, element by element.
EXAMPLES: dict[str, tuple[str, Any, str]] = {
    "services": (
        "services",
        [{"service_code": "001", "metadata": True, "keywords": "lorem, ipsum", "group": None}],
        "services(service(service_code=001 metadata=true keywords=lorem, ipsum group=))",
    ),
    "definition": (
        "service_definition",
        {
            "service_code": "DMV66",
            "attributes": [
                {"variable": True, "order": 1, "values": [{"key": "123", "name": "Ford"}, {"key": "124"}]}
            ],
        },
        """service_definition(service_code=DMV66 attributes(attribute(variable=true order=1
        values(value(key=123 name=Ford) value(key=124)))))""",
    ),
    "requests": (
        "service_requests",
        [{"service_request_id": "638344", "lat": 37.762221815}, {"service_request_id": "638349"}],
        """service_requests(request(service_request_id=638344 lat=37.762221815)
        request(service_request_id=638349))""",
    ),
    "updates": (
        "service_request_updates",
        [{"update_id": "7", "status": "OPEN"}],
        "service_request_updates(request_update(update_id=7 status=OPEN))",
    ),
    "errors": (
        "errors",
        [{"code": 403, "description": "Invalid api_key received"}],
        "errors(error(code=403 description=Invalid api_key received))",
    ),
    "nothing": ("service_requests", [], "service_requests="),
}


def outline(element: ElementTree.Element) -> str:
    children = " ".join(outline(child) for child in element)
    return f"{element.tag}({children})" if children else f"{element.tag}={element.text or ''}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_document_is_shaped_as_in_the_specification(name: str) -> None:
    root, document, expected = EXAMPLES[name]
    body = xml_of(root, document)
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
    assert outline(ElementTree.fromstring(body)) == " ".join(expected.split())
    assert json.loads(json_of(document)) == document


def test_all_errors_are_said_in_both_formats_with_their_status() -> None:
    trouble = Trouble(400, "lat is wrong", "long <is> wrong", retry_after=7)
    as_xml, as_json = trouble_answer("xml", trouble), trouble_answer("json", trouble)
    assert as_xml.status_code == as_json.status_code == 400
    assert as_xml.headers["content-type"] == "text/xml; charset=utf-8"
    assert as_json.headers["content-type"] == "application/json; charset=utf-8"
    assert as_json.headers["retry-after"] == "7"
    assert outline(ElementTree.fromstring(bytes(as_xml.body))) == (
        "errors(error(code=400 description=lat is wrong) error(code=400 description=long <is> wrong))"
    )
    assert [one["description"] for one in json.loads(bytes(as_json.body))] == [
        "lat is wrong",
        "long <is> wrong",
    ]


@given(st.lists(st.text(), max_size=4))
def test_whatever_people_wrote_the_xml_can_be_read_and_says_it(texts: list[str]) -> None:
    body = xml_of("errors", [{"description": text} for text in texts])
    read = [element.text or "" for element in ElementTree.fromstring(body).iter("description")]
    # A parser joins line ends; what XML cannot hold at all is marked.
    expected = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    for said, sent in zip(read, expected, strict=True):
        assert len(said) == len(sent)
        assert all(one in (other, "\ufffd") for one, other in zip(said, sent, strict=True))
        assert [one for one in said if one.isalnum()] == [one for one in sent if one.isalnum()]


def test_every_list_has_a_name_for_its_entries() -> None:
    assert all(many != single for many, single in SINGULAR.items())
