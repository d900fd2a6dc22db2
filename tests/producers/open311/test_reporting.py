"""A form becomes an event that the domain accepts, or a list of all that is wrong with it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.catalogue import CatalogueVersion
from livelihood.envelope import parse_event
from livelihood.instants import parse
from livelihood.promises import Catalogue
from producers.channel_keys import ChannelKey
from producers.open311.documents import Trouble
from producers.open311.parameters import parameters_of
from producers.open311.reporting import service_notice, submission_event

NOW = parse("2024-04-01T15:00:00Z")
KEY = ChannelKey(name="app", channel="app", may=frozenset({"submitted"}))
#: The specification's example, with our town's service.
FORM = {
    "service_code": "pothole", "lat": "37.76524078", "long": "-122.4212043",
    "address_string": "1234 5th street", "address_id": "545483",
    "email": "smit333@sfgov.edu", "device_id": "tt222111", "account_id": "123456",
    "first_name": "john", "last_name": "smith", "phone": "111111111",
    "description": "A large sinkhole is destroying the street",
    "media_url": "http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg",
    "attribute[depth]": "deep", "attribute[lanes]": "2",
}  # fmt: skip


def event(version: CatalogueVersion, **changed: str) -> dict[str, Any]:
    form = {name.replace("__", "[").rstrip("_"): value for name, value in changed.items()}
    pairs = {**FORM, **{f"{name}]" if "[" in name else name: value for name, value in form.items()}}
    return submission_event(
        parameters_of(pairs.items()), "pothole", version.services["pothole"], KEY, "240401-A", NOW
    )


def test_what_the_specification_sends_is_kept_and_what_is_personal_is_apart(
    version: CatalogueVersion,
) -> None:
    made = event(version)
    personal = made["data"].pop("personal")
    assert made == {
        "specversion": "1.0",
        "type": "livelihood.request.submitted",
        "source": "/channels/app",
        "id": "open311-240401-A",
        "subject": "240401-A",
        "time": "2024-04-01T15:00:00Z",
        "channel": "app",
        "data": {
            "service": "pothole",
            "latitude": 37.76524078,
            "longitude": -122.4212043,
            "attachments": ["http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg"],
        },
    }
    assert personal == {
        "name": "john smith",
        "phone": "111111111",
        "email": "smit333@sfgov.edu",
        "account": "123456",
        "device": "tt222111",
        "address": "1234 5th street",
        "address_id": "545483",
        "text": "A large sinkhole is destroying the street",
        "answers": "depth: deep\nlanes: 2",
    }


def test_a_chinese_name_is_written_as_it_is_said(version: CatalogueVersion) -> None:
    assert event(version, first_name="小明", last_name="王")["data"]["personal"]["name"] == "王小明"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lat": "91"}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"long": ""}, "both"),
        ({"lat": "", "long": "", "address_string": "", "address_id": ""}, "location"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"description": "x" * 4001}, "description"),
        ({"attribute__depth": ""}, "attribute.depth. is required"),
        ({"attribute__depth": "bottomless"}, "shallow, deep"),
        ({"attribute__lanes": "many"}, "number"),
    ],
)
def test_each_thing_that_is_wrong_is_named(
    version: CatalogueVersion, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(Trouble, match=said) as trouble:
        event(version, **changed)
    assert trouble.value.status == 400


def test_all_that_is_wrong_is_said_at_once(version: CatalogueVersion) -> None:
    with pytest.raises(Trouble) as trouble:
        event(version, lat="north", description="x" * 4001, attribute__depth="")
    assert len(trouble.value.descriptions) == 3


def test_an_address_alone_is_a_location(version: CatalogueVersion) -> None:
    made = event(version, lat="", long="")
    assert "latitude" not in made["data"]


def test_what_will_be_done_and_until_when_is_told_at_once(
    version: CatalogueVersion, catalogue: Catalogue
) -> None:
    service = version.services["pothole"]
    said = service_notice(service, "pothole", "app", NOW, catalogue, "en")
    assert said == "A crew fills it. Promised by 3 April 2024, 10:00."
    assert service_notice(version.services["lamp"], "lamp", "app", NOW, catalogue, "zh") is None


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(sorted(FORM)), st.text(max_size=20), st.just("attribute[lanes][]")),
        st.one_of(st.text(max_size=60), st.sampled_from(sorted(FORM.values()))),
        max_size=20,
    )
)
def test_any_form_is_an_event_the_domain_accepts_or_an_error(
    version: CatalogueVersion, sent: dict[str, str]
) -> None:
    form = {**FORM, **sent}
    try:
        made = submission_event(
            parameters_of(form.items()), "pothole", version.services["pothole"], KEY, "240401-A", NOW
        )
    except Trouble:
        return
    # What a person wrote is nowhere but where it is sealed.
    personal = made["data"].pop("personal")
    assert all(isinstance(value, str) for value in personal.values())
    parse_event(json.dumps(made), NOW)
