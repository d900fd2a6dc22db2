"""Open311 over HTTP on both engines, asked by a client that is none of ours."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import pytest
from georeport import GeoReport
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from backends.kafka.connection import Connection
from backends.kafka.topics import init
from backends.redis.discarding import discard
from backends.sealing.master_keys import new_master_key
from cli.engine import open_engine
from cli.serving import serve
from cli.settings import Settings
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import parse
from livelihood.promises import Catalogue
from producers.channel_keys import ChannelKey
from producers.keyring import Keyring
from tests.patience import PATIENCE_SECONDS

CATALOGUE = """
version = "open311"
time_zone = "Asia/Shanghai"
[departments]
works = {title = {en = "Public Works", zh = "公共工程局"}}
[standards]
pothole = {resolution = "2 working_days"}
[services.pothole]
title = {en = "Pothole", zh = "路面坑洞"}
department = "works"
standard = "pothole"
[[services.pothole.attributes]]
code = "depth"
question = {en = "How deep is it?", zh = "有多深？"}
datatype = "singlevaluelist"
required = true
values = {shallow = "A hand", deep = "Deeper"}
[services.lamp]
title = "Street light out"
department = "works"
reply = "batch"
[services.noise]
title = "Noise at night"
department = "works"
listed = false
"""
#: The order in which the specification lists what is told of a request.
FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip
PHONE, WORDS = "13800138000", "A hole as deep as a well"
POTHOLE = {
    "service_code": "pothole", "lat": "30.25", "long": "120.16", "address_string": "5 West Lake Road",
    "phone": PHONE, "first_name": "小明", "last_name": "王", "description": WORDS,
    "media_url": "https://example.org/1.jpg", "attribute[depth]": "deep",
}  # fmt: skip
PARTITIONS = 2


class City:
    """A server that answers, and the keys of two channels."""

    def __init__(self, url: str, app: str, crew: str) -> None:
        self.url = f"{url}/open311/v2"
        self.app, self.crew = app, crew
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS)

    def post(self, path: str, **form: str) -> httpx.Response:
        return self.http.post(path, data=form)

    def report(self, **changed: str) -> str:
        answer = self.post("/requests.json", api_key=self.app, **{**POTHOLE, **changed})
        assert answer.status_code == 200, answer.text
        return str(answer.json()[0]["service_request_id"])

    def update(self, issue: str, status: str, update_id: str, key: str = "", **more: str) -> httpx.Response:
        at = datetime.now(UTC).isoformat()
        form = {"service_request_id": issue, "status": status, "update_id": update_id, "description": "Words"}
        form |= {"updated_datetime": at, "api_key": key or self.crew, **more}
        return self.post("/servicerequestupdates.json", **form)


@contextmanager
def serving(settings: Settings, catalogue: str = CATALOGUE) -> Iterator[City]:
    """`livelihood serve` from a thread, with workers where it does no work itself, until the block ends."""
    stop, said = threading.Event(), StringIO()
    with open_engine(settings) as engine:
        engine.publish(parse_catalogue(catalogue))
        keyring = Keyring(engine.vault)
        app = ChannelKey(name="app", channel="app", may=frozenset({"submitted", "commented", "reopened"}))
        crew = ChannelKey(name="crew", channel="crew", may=frozenset({"accepted", "resolved", "commented"}))
        tokens = [keyring.add(key, engine.clock()) for key in (app, crew)]
        console = Console(file=said, width=200)
        threads = [threading.Thread(target=serve, args=(engine, settings, stop, console))]
        if settings.distributed:
            threads.append(threading.Thread(target=work, args=(settings, stop)))
        for thread in threads:
            thread.start()
        try:
            city = City(listening(said, threads[0]), *tokens)
            with city.http:
                yield city
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def work(settings: Settings, stop: threading.Event) -> None:
    with open_engine(settings) as engine, engine.alone() as workers:
        while not stop.is_set():
            stepped = [worker.step() for worker in workers]
            if all(one.idle for one in stepped):
                stop.wait(0.05)


def listening(said: StringIO, server: threading.Thread) -> str:
    while server.is_alive():
        if found := re.search(r"Listening on (http://\S+?)[.]? ", said.getvalue()):
            return found[1]
        time.sleep(0.02)
    pytest.fail(f"nothing listens: {said.getvalue()}")


@pytest.fixture
def distributed(kafka_server: str, redis_server: str, tmp_path: Path) -> Iterator[Settings]:
    topics = f"t{uuid4().hex[:10]}"
    init(Connection(kafka_server, topics), partitions=PARTITIONS)
    yield Settings(
        kafka=kafka_server, redis=redis_server, topics=topics, data=tmp_path / "local", address="127.0.0.1:0",
        vault=str(tmp_path / "vault"), master_key=new_master_key(),
    )  # fmt: skip
    discard(redis_server, prefix=topics, partitions=PARTITIONS)


@pytest.fixture
def embedded(data: Path) -> Settings:
    return Settings(data=data, address="127.0.0.1:0")


@pytest.fixture
def city(embedded: Settings) -> Iterator[City]:
    with serving(embedded) as city:
        yield city


def until_told(ask: Callable[[], Any], told: Callable[[Any], bool]) -> Any:
    """What is answered once a worker has read what was sent."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not told(found := ask()):
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("engine", ["embedded", "distributed"])
@pytest.mark.parametrize("format_", ["json", "xml"])
def test_a_pothole_is_reported_followed_and_fixed(
    engine: str, format_: str, request: pytest.FixtureRequest
) -> None:
    with serving(request.getfixturevalue(engine)) as city:
        client = GeoReport(city.url, output_format=format_)
        listed = {one["service_code"]: one for one in client.get_service_list()}
        assert (listed["pothole"]["service_name"], listed["lamp"]["type"]) == ("Pothole", "batch")
        assert listed["pothole"]["metadata"] in (True, "true")
        asked = client.get_service_definition("pothole")["attributes"]
        (depth,) = asked if format_ == "json" else [asked["attribute"]]
        assert (depth["code"], depth["description"]) == ("depth", "How deep is it?")

        issue = city.report()
        told: Any = client.get_service_request(issue)
        assert list(told) == FIELDS
        assert (told["status"], told["service_code"]) == ("open", "pothole")
        assert told["agency_responsible"] == "Public Works"
        assert (float(told["lat"]), float(told["long"])) == (30.25, 120.16)
        calendar = Catalogue([parse_catalogue(CATALOGUE)])
        submitted, expected = parse(told["requested_datetime"]), parse(told["expected_datetime"])
        promise = calendar.promise(submitted, "pothole", None, "app", None)
        assert expected > submitted
        assert calendar.calendar.working_between(submitted, expected) > 0
        assert promise.resolution is not None
        # Nothing that a person wrote.
        assert told["description"] is told["address"] is told["media_url"] is None

        assert city.update(issue, "INVESTIGATING", "1").status_code == 200
        assert city.update(issue, "FIXED", "2").status_code == 200
        closed: Any = until_told(
            lambda: client.get_service_request(issue), lambda one: one["status"] == "closed"
        )
        assert closed["status_notes"] == "Fixed."
        other = city.report(service_code="pothole")
        until_told(
            lambda: city.http.get("/requests.json", params={"status": "open"}).json(),
            lambda found: [one["service_request_id"] for one in found] == [other],
        )
        found = client.get_service_requests(service_code="pothole", status="open,closed")
        assert [one["service_request_id"] for one in found] == [other, issue]
        updates = city.http.get("/servicerequestupdates.json").json()
        assert [(one["service_request_id"], one["status"]) for one in updates] == [
            (issue, "INVESTIGATING"),
            (issue, "FIXED"),
        ]


def test_xml_and_json_say_the_same_in_the_language_asked_for(city: City) -> None:
    issue = city.report()
    chinese = {"Accept-Language": "zh-CN,zh;q=0.9"}
    (told,) = city.http.get(f"/requests/{issue}.json", headers=chinese).json()
    root = ElementTree.fromstring(city.http.get(f"/requests/{issue}.xml", headers=chinese).content)
    assert (root.tag, root[0].tag) == ("service_requests", "request")
    in_xml = {element.tag: element.text for element in root[0]}
    assert in_xml == {name: None if value is None else str(value) for name, value in told.items()}
    assert (told["service_name"], told["status_notes"]) == ("路面坑洞", "已提交，等待接件。")
    assert told["requested_datetime"].endswith("+08:00")


def test_errors_have_the_specifications_form_and_status(city: City) -> None:
    for form, status, said in [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "app.wrong"}, 403, "api_key"),
        ({"api_key": city.crew}, 403, "may not publish submitted"),
        ({"service_code": ""}, 400, "service_code is required"),
        ({"service_code": "tunnel"}, 404, "'tunnel' was not found"),
        ({"attribute[depth]": ""}, 400, "attribute[depth] is required"),
        ({"phone": "1" * 41}, 400, "phone"),
    ]:
        answer = city.post("/requests.json", **{**POTHOLE, "api_key": city.app, **form})
        (error,) = answer.json()
        assert (answer.status_code, error["code"]) == (status, status)
        assert said in error["description"]
        assert PHONE not in answer.text
    for path, status in [
        ("/services/tunnel.xml", 404),
        ("/requests/none.xml", 404),
        ("/tokens/none.xml", 404),
        ("/requests.xml?start_date=nonsense", 400),
        ("/services.csv", 404),
        ("/nothing/here", 404),
    ]:
        answer = city.http.get(path)
        root = ElementTree.fromstring(answer.content)
        assert (answer.status_code, root.tag, root[0].findtext("code")) == (status, "errors", str(status))
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    for body, headers in [
        (b"{}", {"content-type": "application/json"}),
        (b"\xff=1", {"content-type": "application/x-www-form-urlencoded"}),
        (b"a" * 200_000, {"content-type": "application/x-www-form-urlencoded"}),
    ]:
        answer = city.http.post("/requests.json", content=body, headers=headers)
        assert answer.status_code in (400, 413)
        assert answer.json()[0]["description"]


def test_a_form_may_come_in_parts_but_brings_no_files(city: City) -> None:
    form = {**POTHOLE, "api_key": city.app}
    fields = {name: (None, value) for name, value in form.items()}
    assert city.http.post("/requests.json", files=fields).status_code == 200
    answer = city.http.post("/requests.json", data=form, files={"media": b"picture"})
    assert (answer.status_code, "media_url" in answer.text) == (400, True)


def test_a_repeated_update_is_refused_and_a_key_updates_what_it_may(city: City) -> None:
    issue = city.report()
    assert city.update(issue, "IN_PROGRESS", "1").status_code == 200
    for status in ("IN_PROGRESS", "FIXED"):
        again = city.update(issue, status, "1")
        assert (again.status_code, "received before" in again.text) == (400, True)
    until_told(lambda: city.http.get("/servicerequestupdates.json").json(), lambda updates: len(updates) == 1)
    assert city.update(issue, "IN_PROGRESS", "1").status_code == 400
    # The same number of another channel is another update; what its key may not say is refused.
    assert city.update(issue, "UNCHANGED", "1", key=city.app).status_code == 200
    refused = city.update(issue, "FIXED", "2", key=city.app)
    assert (refused.status_code, "may not publish resolved" in refused.text) == (403, True)
    assert city.update("none", "FIXED", "3").status_code == 404
    assert city.update(issue, "LOST", "3").status_code == 400
    # Nothing of what was refused has taken effect, and it may be sent again put right.
    assert city.update(issue, "FIXED", "3").status_code == 200
    updates = until_told(
        lambda: city.http.get("/servicerequestupdates.json").json(), lambda updates: len(updates) == 3
    )
    assert [one["status"] for one in updates] == ["INVESTIGATING", "INVESTIGATING", "FIXED"]
    assert all(one["description"] != "Words" for one in updates)


def test_a_token_becomes_an_id(city: City) -> None:
    form = {**POTHOLE, "service_code": "lamp", "api_key": city.app}
    (answer,) = city.post("/requests.json", **form).json()
    assert "service_request_id" not in answer
    (found,) = city.http.get(f"/tokens/{answer['token']}.json").json()
    assert found["token"] == answer["token"]
    assert city.http.get(f"/requests/{found['service_request_id']}.json").json()[0]["service_code"] == "lamp"


def test_requests_of_a_service_that_is_not_listed_are_seen_by_nobody(city: City) -> None:
    hidden, seen = city.report(service_code="noise"), city.report()
    until_told(lambda: city.http.get("/requests.json").json(), lambda found: len(found) == 1)
    assert city.http.get(f"/requests/{hidden}.json").status_code == 404
    found = city.http.get("/requests.json", params={"service_request_id": f"{hidden},{seen}"}).json()
    assert [one["service_request_id"] for one in found] == [seen]
    assert city.update(hidden, "FIXED", "1").status_code == 200
    assert city.update(seen, "FIXED", "2").status_code == 200
    updates = until_told(
        lambda: city.http.get("/servicerequestupdates.json").json(), lambda updates: len(updates) == 1
    )
    assert updates[0]["service_request_id"] == seen


def test_what_is_published_is_what_the_settings_say(embedded: Settings) -> None:
    shown = embedded.model_copy(update={"open311_public": "description, address,updates"})
    with serving(shown) as city:
        issue = city.report()
        assert city.update(issue, "FIXED", "1").status_code == 200
        (told,) = city.http.get(f"/requests/{issue}.json").json()
        assert (told["description"], told["address"]) == (WORDS, "5 West Lake Road")
        assert told["lat"] is told["media_url"] is None
        (update,) = until_told(lambda: city.http.get("/servicerequestupdates.json").json(), bool)
        assert update["description"] == "Words"
        assert PHONE not in str([told, update])


@pytest.fixture(scope="module")
def asked_much(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """One server for many questions."""
    with serving(Settings(data=tmp_path_factory.mktemp("asked"), address="127.0.0.1:0")) as city:
        city.report()
        yield city


NAMES = [
    *("service_request_id", "service_code", "status", "start_date", "end_date", "page", "page_size"),
    *("update_id", "updated_datetime", "jurisdiction_id", "attribute[depth][]", *POTHOLE),
]
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from([*POTHOLE.values(), "open", "FIXED", "1", "0", "-1", "1e999", "2024-04-01T00:00:00Z"]),
)
FORMS = st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=10)), VALUES, max_size=6)
PATHS = ["services", "services/pothole", "requests", "requests/1~2", "tokens/a-b-c", "servicerequestupdates"]


@given(
    path=st.sampled_from(PATHS),
    format_=st.sampled_from(["xml", "json", "csv", ""]),
    method=st.sampled_from(["GET", "POST"]),
    sent=FORMS,
)
def test_whatever_is_asked_the_answer_has_the_form_the_specification_says(
    asked_much: City, path: str, format_: str, method: str, sent: dict[str, str]
) -> None:
    if method == "GET":
        answer = asked_much.http.get(f"/{path}.{format_}", params=sent)
    else:
        form = {**POTHOLE, **sent, "api_key": asked_much.app}
        answer = asked_much.http.post(f"/{path}.{format_}", data=form)
    assert answer.status_code in (200, 400, 403, 404)
    if format_ == "json":
        is_error = isinstance(answer.json(), list) and any("code" in one for one in answer.json())
        assert is_error == (answer.status_code != 200)
    else:
        root = ElementTree.fromstring(answer.content)
        assert (root.tag == "errors") == (answer.status_code != 200)
    assert PHONE not in answer.text


def test_pages_of_others_may_read_and_no_more(city: City) -> None:
    assert city.http.get("/services.xml").headers["access-control-allow-origin"] == "*"
    assert city.http.get("/requests/none.xml").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in city.post("/requests.json").headers
    allowed = city.http.options("/requests.json").headers["access-control-allow-methods"]
    assert allowed == "GET"


def test_a_jurisdiction_that_is_another_is_not_found(embedded: Settings) -> None:
    with serving(embedded.model_copy(update={"open311_jurisdiction": "town.example"})) as city:
        for sent, status in [("town.example", 200), ("", 200), ("other.example", 404)]:
            assert city.http.get("/services.xml", params={"jurisdiction_id": sent}).status_code == status
        found = ElementTree.fromstring(city.http.get("/discovery.xml").content)
        assert found.findtext("endpoints/endpoint/url") == city.url
