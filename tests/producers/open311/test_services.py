"""The list of services and their definitions, as the specification orders them."""

import pytest

from livelihood.catalogue import CatalogueError, CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from producers.open311.documents import Trouble
from producers.open311.services import service_definition, service_list


def test_a_service_is_listed_with_all_that_helps_to_find_it(version: CatalogueVersion) -> None:
    pothole, lamp, *_ = service_list(version, "zh")
    assert list(pothole.items()) == [
        ("service_code", "pothole"),
        ("service_name", "路面坑洞"),
        ("description", "道路上的坑洞"),
        ("metadata", True),
        ("type", "realtime"),
        ("keywords", "road, hole"),
        ("group", "streets"),
    ]
    assert (lamp["service_name"], lamp["metadata"], lamp["type"]) == ("Street light out", False, "batch")


def test_a_definition_asks_its_questions_in_order(version: CatalogueVersion) -> None:
    definition = service_definition(version, "pothole", "en")
    depth, lanes = definition["attributes"]
    assert list(depth.items()) == [
        ("variable", True),
        ("code", "depth"),
        ("datatype", "singlevaluelist"),
        ("required", True),
        ("datatype_description", None),
        ("order", 1),
        ("description", "How deep is it?"),
        ("values", [{"key": "shallow", "name": "A hand"}, {"key": "deep", "name": "Deeper"}]),
    ]
    assert (lanes["order"], lanes["datatype_description"]) == (2, "as 2")
    assert "values" not in lanes
    assert service_definition(version, "lamp", "en")["attributes"] == []


def test_a_code_that_is_none_is_not_found(version: CatalogueVersion) -> None:
    with pytest.raises(Trouble, match="'tunnel'") as trouble:
        service_definition(version, "tunnel", "en")
    assert trouble.value.status == 404


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ('datatype = "singlevaluelist"', "needs values"),
        ('datatype = "text", values = {a = "A"}', "takes no values"),
        ("variable = false, required = true", "cannot be required"),
        ('datatype = "colour"', "datatype"),
    ],
)
def test_an_attribute_that_cannot_be_answered_is_an_error_of_the_catalogue(attribute: str, said: str) -> None:
    text = f"""
    version = "1"
    time_zone = "UTC"
    departments.works = {{title = "Works"}}
    services.hole = {{department = "works", attributes = [{{code = "a", question = "?", {attribute}}}]}}
    """
    with pytest.raises(CatalogueError, match=said):
        parse_catalogue(text)


def test_two_attributes_of_one_code_are_an_error_of_the_catalogue() -> None:
    asked = '{code = "a", question = "?"}'
    text = f"""
    version = "1"
    time_zone = "UTC"
    departments.works = {{title = "Works"}}
    services.hole = {{department = "works", attributes = [{asked}, {asked}]}}
    """
    with pytest.raises(CatalogueError, match="'a' is the code of 2"):
        parse_catalogue(text)
