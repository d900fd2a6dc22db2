"""Tables, series and lists over HTTP: what the command line says, in three formats, for those who may see."""

import csv
import io
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree

import httpx
import pytest

from consumers.api import models
from consumers.board.past import read_lines
from consumers.board.view import View
from consumers.objects import table_objects
from consumers.projects import read_projects
from livelihood.instants import DAY, HOUR, iso
from tests.consumers.api.conftest import Requests
from tests.sites import Site
from web.accounts import Role
from web.passes import Passes
from web.vocabulary import OUTCOME_WORDS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def expected(site: Site, view: View) -> list[dict[str, object]]:
    """What `livelihood table --format json` prints."""
    reader, catalogue = site.context.reader, site.context.catalogue()
    as_of = view.as_of or site.engine.stands_at
    projects = {} if view.by else read_projects(reader, catalogue, as_of)
    if view.commitment is not None:
        projects = {code: one for code, one in projects.items() if code == view.commitment}
    return table_objects(read_lines(reader, catalogue, view), projects, view.by, catalogue.latest)


@pytest.mark.parametrize(
    ("path", "view"),
    [
        ("all", View()),
        ("all?by=department,outcome", View(by=("department", "outcome"))),
        ("streets?by=area&period=2026-03", View(commitment="streets", by=("area",), period="2026-03")),
        ("*?by=origin&period=2026-W10", View(commitment="*", by=("origin",), period="2026-W10")),
        ("old-areas", View(commitment="old-areas")),
    ],
)
def test_a_table_is_that_of_the_command_line(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None], path: str, view: View
) -> None:
    requests.some(20)
    caught_up()
    answer = client.get(f"/v1/tables/{path}")
    assert answer.status_code == 200, answer.text
    table = answer.json()
    assert table["lines"] + table["projects"] == expected(site, view)
    assert table["as_of"] == iso(site.engine.stands_at, site.engine.zone)
    models.Table.model_validate(table)
    assert (table["position"] is None) == (view.period == "2026-W10")


def test_of_an_instant_that_has_passed_it_is_what_had_happened_by_then(
    site: Site, requests: Requests, client: httpx.Client
) -> None:
    requests.some(20)
    then = site.now[0] - 3 * DAY
    table = client.get("/v1/tables/all", params={"as_of": iso(then, site.engine.zone)}).json()
    assert table["lines"] == expected(site, View(as_of=then))[: len(table["lines"])]
    assert table["position"] is None
    known = client.get("/v1/tables/all", params={"known_at": iso(then, site.engine.zone)}).json()
    assert known["lines"] == table["lines"]


def test_csv_and_a_workbook_hold_the_same_figures_under_the_same_names(
    requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some(20)
    caught_up()
    address = "/v1/tables/all?by=department"
    json = client.get(address).json()
    text = client.get(address, headers={"accept": "text/csv"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.headers["content-disposition"].startswith('attachment; filename="livelihood-all-all-2026-03')
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert [row["received"] for row in rows] == [str(line["received"]) for line in json["lines"]]
    book = client.get(f"{address}&format=xlsx")
    assert book.headers["content-type"] == XLSX
    cells = cells_of(book.content)
    assert cells[0] == list(rows[0])
    place = cells[0].index("on_time_rate_denominator")
    assert [row[place] for row in cells[1:]] == [float(row["on_time_rate_denominator"]) for row in rows]


def cells_of(content: bytes) -> list[list[str | float | None]]:
    """The first sheet of a workbook."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(one.itertext()) for one in shared.iter(f"{space}si")]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows: list[list[str | float | None]] = []
    columns: list[str] = []
    for row in sheet.iter(f"{space}row"):
        found: dict[str, str | float] = {}
        for cell in row:
            value = cell.find(f"{space}v")
            column = (cell.get("r") or "").rstrip("0123456789")
            if value is not None and value.text:
                is_text = cell.get("t") == "s"
                found[column] = texts[int(value.text)] if is_text else float(value.text)
        columns = columns or list(found)
        rows.append([found.get(column) for column in columns])
    return rows


def test_who_has_the_answer_already_is_not_sent_it_again_until_a_figure_changes(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some(5)
    caught_up()
    first = client.get("/v1/tables/all")
    again = {"if-none-match": first.headers["etag"]}
    assert client.get("/v1/tables/all", headers=again).status_code == 304
    # The clock alone changes no figure.
    site.wait(0)
    assert client.get("/v1/tables/all", headers=again).status_code == 304
    assert client.get("/v1/tables/all?format=csv", headers=again).status_code == 200
    assert client.get("/v1/tables/all?sort=open", headers=again).status_code == 200
    requests.tell(requests.event("another", "submitted", service=requests.services[0]))
    caught_up()
    changed = client.get("/v1/tables/all", headers=again)
    assert changed.status_code == 200
    assert changed.json()["lines"][0]["received"] == 6


def test_lines_are_searched_sorted_and_paged_under_all_traffic(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some()
    caught_up()
    table = client.get("/v1/tables/*?by=service&sort=-received&size=3").json()
    assert table["lines"][0]["service"] is None
    assert len(table["lines"]) == 4
    assert table["total"] > 3
    received = [line["received"] for line in table["lines"][1:]]
    assert received == sorted(received, reverse=True)
    rest = client.get("/v1/tables/*?by=service&sort=-received&size=3&page=2").json()["lines"][1:]
    assert not {line["service"] for line in rest} & {line["service"] for line in table["lines"]}
    title = site.context.catalogue().latest.services[requests.services[0]].title["zh"]
    found = client.get("/v1/tables/*", params={"by": "service", "search": title}).json()["lines"]
    assert requests.services[0] in [line["service"] for line in found[1:]]


def test_a_rate_of_few_has_no_rank(
    requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some()
    caught_up()
    lines = client.get("/v1/tables/all?sort=-on_time_rate").json()["lines"][1:]
    # None of the commitments has thirty issues that fell due: the catalogue's order stays.
    assert [line["commitment"] for line in lines] == [
        line["commitment"] for line in client.get("/v1/tables/all").json()["lines"][1:]
    ]


@pytest.mark.parametrize("outcome", ["open", *OUTCOME_WORDS])
def test_the_issues_of_every_outcome_may_be_asked_for(client: httpx.Client, outcome: str) -> None:
    answer = client.get("/v1/tables/all/issues", params={"measure": "received", "outcome": outcome})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("all?by=colour", 422, "by"),
        ("all?perod=2026", 422, "perod"),
        ("all?size=" + "1" * 5_000, 422, "size"),
        ("all?as_of=9999-12-31T23:59:59-05:00", 422, "as_of"),
        ("all?period=9999-12-31", 422, "period"),
        ("all/stream?department=rods", 422, "department"),
        ("all/series?channel=carrier-pigeon", 422, "channel"),
        ("all/issues?area=atlantis", 422, "area"),
        ("all/issues?outcome=lost", 422, "outcome"),
        ("all/issues?page=" + "1" * 5_000, 422, "page"),
        ("all?sort=beauty", 422, "sort"),
        ("all?as_of=2026-03-05&known_at=2026-03-04", 422, "as_of"),
        ("all?format=pdf", 422, "format"),
        ("nothing", 404, "commitment"),
        ("all/stream?as_of=2026-03-01", 422, "as_of"),
        ("all/stream?period=2026-W10", 422, "period"),
        ("all/stream?after=yesterday", 422, "after"),
        ("all/series?unit=hour", 422, "unit"),
    ],
)
def test_what_cannot_be_answered_is_said_with_the_parameter(
    client: httpx.Client, path: str, status: int, field: str
) -> None:
    answer = client.get(f"/v1/tables/{path}")
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_filter_that_names_nothing_there_is_is_refused_with_what_there_is(client: httpx.Client) -> None:
    there = {
        "department": "streets", "area": "old-town", "channel": "hotline", "service": "pothole",
        "origin": "person, staff", "category": "old-age",
    }  # fmt: skip
    for name, known in there.items():
        for format_ in ("json", "csv", "xlsx"):
            answer = client.get("/v1/tables/all", params={name: "no-such", "format": format_})
            assert answer.status_code == 422
            problem = answer.json()
            assert problem["field"] == name
            assert problem["detail"].startswith(f"there is no {name} 'no-such'; there are ")
            assert known in problem["detail"]


def test_what_issues_came_with_that_no_catalogue_lists_may_be_asked_for(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    before = client.get("/v1/tables/all?channel=fax")
    assert (before.status_code, before.json()["field"]) == (422, "channel")
    record = requests.event("R-1", "submitted", service=requests.services[0])
    requests.tell(record._replace(value=record.value.replace(b'"channel":"hotline"', b'"channel":"fax"')))
    caught_up()
    assert client.get("/v1/tables/all?channel=fax").json()["lines"][0]["received"] == 1
    # Without an area, as this one is, and with one that is in none of the listed.
    assert client.get("/v1/tables/all?area=-").json()["lines"][0]["received"] == 1
    assert client.get("/v1/tables/all?area=other,-").json()["lines"][0]["received"] == 1


def test_a_parameter_or_a_commitment_there_is_none_of_is_refused_with_those_there_are(
    client: httpx.Client,
) -> None:
    for path, there in (
        ("/v1/commitments?lang=zh", "none"),
        ("/v1/health?deep=1", "none"),
        ("/v1/issues/R-1/history?asof=2026-03-01", "as_of"),
        ("/v1/tables/all/series?units=day", "period, department, area"),
    ):
        answer = client.get(path)
        name = path.partition("?")[2].partition("=")[0]
        assert (answer.status_code, answer.json()["field"]) == (422, name)
        assert answer.json()["detail"].startswith(f"there is no parameter {name!r}; there are {there}")
    detail = client.get("/v1/tables/nothing").json()["detail"]
    assert detail.startswith("there is no commitment 'nothing'; there are all, *, streets")


def test_a_series_and_a_list_say_what_the_table_says(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    requests.some()
    caught_up()
    line = client.get("/v1/tables/streets").json()["lines"][1]
    points = client.get("/v1/tables/streets/series").json()["points"]
    assert sum(point["received"] for point in points) == line["received"]
    assert (points[-1]["open"], points[-1]["overdue"]) == (line["open"], line["overdue"])
    for measure in ("open", "overdue", "on_time_rate.denominator"):
        rate, _, part = measure.partition(".")
        there = line[rate][part] if part else line[measure]
        listed = client.get("/v1/tables/streets/issues", params={"measure": measure, "size": 5}).json()
        assert listed["total"] == there > 0
        models.Issues.model_validate(listed)
        deadlines = [issue["deadline"] for issue in listed["issues"]]
        assert deadlines == sorted(deadlines)
    refused = client.get("/v1/tables/streets/issues?measure=beauty")
    assert (refused.status_code, refused.json()["field"]) == (422, "measure")


def test_an_issue_has_its_events_its_deadline_step_by_step_and_its_alerts(
    site: Site, requests: Requests, client: httpx.Client
) -> None:
    service = next(iter(site.context.catalogue().latest.commitments["streets"].services))
    data = {"service": service, "latitude": 30.1, "longitude": 120.2}
    requests.tell(requests.event("R-1", "submitted", **data))
    site.wait(30 * DAY)
    issue = client.get("/v1/issues/R-1/history").json()
    assert issue["state"] == "submitted"
    assert issue["deadline"]["steps"]
    assert "overdue" in {alert["kind"] for alert in issue["alerts"]}
    # Where exactly somebody is, is nobody's business here.
    assert issue["timeline"][0]["data"] == {"service": service}
    early = client.get("/v1/issues/R-1/history", params={"as_of": iso(site.now[0] - 30 * DAY + HOUR)}).json()
    assert early["alerts"] == []
    assert client.get("/v1/issues/R-2/history").status_code == 404
    assert client.get("/v1/issues/R-1/history?as_of=soon").json()["field"] == "as_of"


def test_health_says_what_nobody_has_worked_on(
    site: Site, requests: Requests, client: httpx.Client, caught_up: Callable[[], None]
) -> None:
    caught_up()
    site.engine.log.append([requests.event("R-1", "submitted", service=requests.services[0])])
    health = client.get("/v1/health").json()
    assert (health["lag"], health["partitions"][0]["lag"]) == (1, 1)
    site.work()
    assert client.get("/v1/health").json()["lag"] == 0


def test_commitments_are_those_published_last(site: Site, client: httpx.Client) -> None:
    version = site.context.catalogue().latest
    found = client.get("/v1/commitments").json()
    assert [one["commitment"] for one in found["commitments"]] == list(version.commitments)
    assert [one["commitment"] for one in found["projects"]] == list(version.projects)
    assert found["projects"][0]["unit"] == {"zh": "个小区", "en": "areas"}
    # A line of a table has one text, as its other cells.
    assert client.get("/v1/tables/old-areas").json()["projects"][0]["unit"] == "areas"
    models.Commitments.model_validate(found)


def test_with_accounts_a_session_or_a_pass_opens_it_and_nothing_else_does(
    site: Site, client: httpx.Client
) -> None:
    site.add_account("lin", Role.VIEWER)
    for path in (
        "/v1/commitments",
        "/v1/tables/all",
        "/v1/tables/all/stream",
        "/v1/issues/x/history",
        "/v1/health",
    ):
        for headers, begins in (
            ({}, "send an account's pass"),
            ({"authorization": "Bearer lin.99999999999.x"}, "this pass has ended, or is none of ours: send"),
        ):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401, path
            assert answer.json()["detail"].startswith(begins)
            assert "Authorization: Bearer PASS" in answer.json()["detail"]
            assert "livelihood accounts pass" in answer.json()["detail"]
            assert answer.headers["www-authenticate"].startswith("Bearer")
    # Whoever follows a link to a file in a browser is led to the sign-in, and from there to the file.
    led = site.browser().get("/v1/tables/all?format=csv").url
    assert (led.path, led.params["next"]) == ("/sign-in", "/v1/tables/all?format=csv")
    account = site.accounts.find("lin")
    assert account is not None
    token = Passes(site.context.vault, site.accounts).make(account, site.now[0])
    assert client.get("/v1/tables/all", headers={"authorization": f"Bearer {token}"}).status_code == 200
    assert site.browser("lin").get("/v1/tables/all").status_code == 200
