"""Who hears of an alert: the nearest that is named, from the department upwards."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.catalogue import CatalogueError, CatalogueVersion
from livelihood.catalogue_reading import build_catalogue, parse_catalogue
from livelihood.promises import Catalogue
from livelihood.recipients import holder, recipients
from tests.livelihood.worlds import CATALOGUE_TEXT

#: A chain of departments from the lowest to the highest, each of which says something or nothing.
CHAIN = ("crew", "roads", "works", "city")
said = st.one_of(st.none(), st.lists(st.sampled_from(["a@x", "b@x", "c@x"]), min_size=1, max_size=2))


def city(own: list[Any], heads: list[Any], of_all: Any) -> CatalogueVersion:
    departments = {}
    for place, code in enumerate(CHAIN):
        entry: dict[str, Any] = {} if code == "city" else {"parent": CHAIN[place + 1]}
        if own[place] is not None:
            entry["recipients"] = own[place]
        if heads[place] is not None:
            entry["roles"] = {"head": heads[place]}
        departments[code] = entry
    document = {"version": "1", "time_zone": "UTC", "departments": departments}
    return build_catalogue(document if of_all is None else {**document, "roles": {"head": of_all}})


chains = st.lists(said, min_size=len(CHAIN), max_size=len(CHAIN))


@given(own=chains, heads=chains, of_all=said, place=st.integers(0, len(CHAIN) - 1))
def test_the_nearest_that_is_named_hears(own: list[Any], heads: list[Any], of_all: Any, place: int) -> None:
    catalogue = Catalogue([city(own, heads, of_all)])
    code = CHAIN[place]
    assert recipients(catalogue, code, None) == next((one for one in own[place:] if one), [])
    assert recipients(catalogue, code, "head") == next((one for one in [*heads[place:], of_all] if one), [])


def test_a_department_or_a_role_that_nobody_knows_has_nobody_but_who_holds_it_for_all() -> None:
    catalogue = Catalogue([city([["a@x"]] * 4, [["b@x"]] * 4, None)])
    assert recipients(catalogue, "unheard-of", None) == []
    assert recipients(catalogue, "crew", "mayor") == []
    assert recipients(Catalogue([city([None] * 4, [None] * 4, ["c@x"])]), "unheard-of", "head") == ["c@x"]


def test_an_office_may_have_a_name_of_its_own() -> None:
    office = {"title": {"en": "Office of supervision", "zh": "督查室"}, "recipients": ["ducha@x"]}
    version = city([None] * 4, [None] * 4, office)
    held = holder(version, "crew", "head")
    assert held is not None
    assert (held.title, held.recipients) == (office["title"], ["ducha@x"])


def test_a_step_to_a_role_that_nobody_holds_is_an_error_once_any_is_said_to_be_held() -> None:
    assert parse_catalogue(CATALOGUE_TEXT)
    named = CATALOGUE_TEXT.replace("[departments.roads]", '[departments.roads]\nroles = {head = ["h@x"]}')
    with pytest.raises(CatalogueError) as refused:
        parse_catalogue(named)
    assert refused.value.problems == [
        "standards.quick.escalation: nobody holds the role 'city' for roads, which owns pothole"
    ]
    assert parse_catalogue(named + '[roles]\ncity = ["c@x"]\n')
