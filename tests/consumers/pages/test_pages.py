"""The pages without a browser: each figure is the table's, and every link leads somewhere."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest

from consumers.tables import Query, read_table
from livelihood.instants import DAY, iso, parse
from livelihood.periods import parse_period
from livelihood.rollup import Line
from tests.sites import Site

ZONE = "Asia/Shanghai"
COUNTED = ("received", "open", "due_soon", "overdue")


class Figures(HTMLParser):
    """The counts and rates of a page, by the line they stand in; links and headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.counts: dict[str, dict[str, str]] = {}
        self.links: list[str] = []
        self._line: list[tuple[str, str]] = []
        self._want = ""
        self._tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if "data-line" in found:
            self._line = [(tag, found["data-line"])]
        elif self._line and tag == self._line[0][0]:
            self._line.append((tag, ""))
        if "data-count" in found:
            self._want = found["data-count"]
        if "data-rate" in found:
            self._tags.append(found["data-rate"])
        if "rate-value" in found.get("class", ""):
            self._want = self._tags[-1]
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])

    def handle_endtag(self, tag: str) -> None:
        if self._line and tag == self._line[-1][0]:
            self._line.pop()

    def handle_data(self, data: str) -> None:
        if self._want and self._line and data.strip():
            self.counts.setdefault(self._line[0][1], {})[self._want] = data.strip()
            self._want = ""


def looked_at(site: Site, path: str, language: str = "en") -> Any:
    answer = site.browser(language=language).get(path)
    assert answer.status_code == 200, answer.text
    return answer


def table(site: Site, **asked: Any) -> list[Line]:
    asked.setdefault("period", parse_period("all", ZONE))
    return read_table(site.engine.reader, site.context.catalogue(), Query(**asked))


def said(line: Line) -> dict[str, str]:
    measures = line.measures()
    found = {name: f"{measures[name]:,}" for name in COUNTED}
    for name in ("on_time_rate",):
        value = measures[name].value
        found[name] = "–" if value is None else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"
    return found


def shown(figures: Figures, key: str) -> dict[str, str]:
    return {name: figures.counts[key][name] for name in (*COUNTED, "on_time_rate")}


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", {}),
        ("?period=2026-02", {"period": parse_period("2026-02", ZONE)}),
        ("?as_of=2026-02-27", {"as_of": parse("2026-02-27T00:00:00+08:00")}),
        ("?as_of=2026-02-27T12:00&known=then", {"known_at": parse("2026-02-27T12:00:00+08:00")}),
    ],
)
def test_every_figure_of_the_overview_and_of_the_wall_is_the_tables(
    mingchuan: Site, query: str, asked: dict[str, Any]
) -> None:
    figures = Figures(looked_at(mingchuan, f"/commitments{query}").text)
    wall = Figures(looked_at(mingchuan, f"/wall{query}").text)
    lines = table(mingchuan, **asked)
    assert len(lines) == 6
    for line in lines:
        found = said(line)
        assert shown(figures, line.commitment) == found
        on_wall = wall.counts[line.commitment]
        assert on_wall == {name: found[name] for name in on_wall}
        assert on_wall.keys() >= {"open", "due_soon", "overdue"}
        assert "on_time_rate" in on_wall


@pytest.mark.parametrize("by", ["department", "service", "area", "channel", "origin"])
def test_every_figure_of_a_commitment_is_the_tables(mingchuan: Site, by: str) -> None:
    figures = Figures(looked_at(mingchuan, f"/commitments/streets?by={by}").text)
    (own,) = [one for one in table(mingchuan, commitment="streets") if one.commitment == "streets"]
    assert shown(figures, "streets") == said(own)
    broken = [one for one in table(mingchuan, commitment="streets", by=(by,)) if one.commitment == "streets"]
    assert broken
    for line in broken:
        assert shown(figures, f"streets/{line.dimensions[by]}") == said(line)


def test_what_the_slider_glances_at_says_the_same_without_what_costs_most(mingchuan: Site) -> None:
    for path in ("/commitments", "/commitments/streets", "/wall"):
        whole = Figures(looked_at(mingchuan, f"{path}?as_of=2026-02-28&known=then").text)
        glance = Figures(looked_at(mingchuan, f"{path}?as_of=2026-02-28&known=then&glance=1").text)
        assert glance.counts == whole.counts


def test_what_is_filtered_is_filtered_on_every_page(mingchuan: Site) -> None:
    whole = Figures(looked_at(mingchuan, "/commitments").text).counts["streets"]
    parts = [
        Figures(looked_at(mingchuan, f"/commitments?origin={origin}").text).counts["streets"]
        for origin in ("person", "staff")
    ]
    for name in COUNTED:
        assert sum(int(part[name]) for part in parts) == int(whole[name])
    link = next(
        one for one in Figures(looked_at(mingchuan, "/commitments?origin=staff").text).links
        if one.startswith("/commitments/streets")
    )  # fmt: skip
    assert Figures(looked_at(mingchuan, link).text).counts["streets"]["received"] == parts[1]["received"]


def test_why_a_number_is_what_it_is_adds_up_and_each_part_leads_to_its_issues(mingchuan: Site) -> None:
    html = looked_at(mingchuan, "/commitments/streets").text
    why = html[html.index('class="why-table"') : html.index('class="formula"')]
    links = re.findall(r'<a href="([^"]+)">(\d+)</a>', why)
    counts = [int(number) for number in re.findall(r'<td class="number">(?:<a [^>]*>)?(\d+)', why)]
    due, on_time, late, still_open = counts[:4]
    assert due == on_time + late
    assert still_open <= late
    (own,) = [one for one in table(mingchuan, commitment="streets") if one.commitment == "streets"]
    assert sum([due, *counts[4:]]) == own.measures()["received"]
    assert links
    for href, number in links:
        listed = looked_at(mingchuan, href.replace("&amp;", "&")).text
        assert re.search(r"<h1>[^<]*: (\d+)</h1>", listed)[1] == number  # type: ignore[index]
        assert listed.count('<th scope="row"><a href="/issues/') == min(int(number), 50)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_link_of_the_pages_leads_somewhere(mingchuan: Site, language: str) -> None:
    wanted, seen = ["/commitments"], set()
    pages = 0
    while wanted and pages < 60:
        path = wanted.pop()
        answer = looked_at(mingchuan, path, language)
        pages += 1
        for link in Figures(answer.text).links:
            link = urljoin(path, link).partition("#")[0]
            # Each kind of page once, with each of its parameters.
            kind = re.sub(r"=[^&]*", "=", re.sub(r"/commitments/[\w-]+", "/commitments/x", link))
            kind = re.sub(r"/issues/.*", "/issues/x", kind) if link.startswith("/issues") else kind
            if kind not in seen and link.startswith(("/commitments", "/wall", "/issues")):
                seen.add(kind)
                wanted.append(link)
    assert {"/commitments/x", "/wall", "/issues/x"} <= seen


def test_a_view_that_is_none_says_what_is_wrong_and_shows_the_figures_of_now(mingchuan: Site) -> None:
    now = Figures(looked_at(mingchuan, "/commitments").text).counts
    for query in ("period=yesterday", "as_of=soon", "page=zero"):
        answer = mingchuan.browser().get(f"/commitments?{query}")
        assert answer.status_code == 400
        assert f"look at “{query.partition('=')[0]}” in it" in answer.text
        assert Figures(answer.text).counts == now


@pytest.mark.parametrize(("language", "said"), [("en", "there is no “no-such”"), ("zh", "没有“no-such”")])
@pytest.mark.parametrize("name", ["department", "area", "channel", "service", "origin", "category"])
def test_a_filter_that_names_nothing_there_is_is_said_with_a_way_back(
    mingchuan: Site, name: str, language: str, said: str
) -> None:
    for path in ("/commitments", "/commitments/streets", "/commitments/streets/issues"):
        plain = looked_at(mingchuan, path, language).text
        answer = mingchuan.browser(language=language).get(f"{path}?{name}=no-such")
        assert answer.status_code == 400
        assert said in answer.text
        assert Figures(answer.text).counts == Figures(plain).counts
        back = re.search(r'role="alert">[^<]*<a href="([^"]+)"', answer.text)
        assert back is not None
        assert mingchuan.browser().get(back[1].replace("&amp;", "&")).status_code == 200


def test_a_project_is_counted_in_the_language_of_the_page(mingchuan: Site) -> None:
    for language, said, other in (("en", "of 120 areas", "个小区"), ("zh", "120 个小区", "areas")):
        html = looked_at(mingchuan, "/commitments", language).text
        projects = re.sub(r"<[^>]+>|\s+", " ", html[html.index('data-part="projects"') :])
        assert said in projects
        assert other not in projects


def test_what_is_not_there_is_not_there(mingchuan: Site) -> None:
    for path in (
        "/commitments/no-such",
        "/commitments/no-such/issues",
        "/commitments/streets/issues?of=wishes",
    ):
        assert mingchuan.browser().get(path).status_code == 404


def test_what_is_promised_stands_below_each_other_on_a_telephone(mingchuan: Site) -> None:
    # A service may be called "Missed Trash/Recycling/Yard Waste/Bulk Item": as a row it would be wider.
    promised = looked_at(mingchuan, "/commitments/streets").text.partition('class="card services"')[2]
    promised = promised.partition("</section>")[0]
    assert '<table class="stacks">' in promised
    cells = re.findall(r"<td[^>]*>", promised)
    assert cells
    assert all("data-name=" in cell for cell in cells)


def test_the_past_says_as_of_when_and_is_not_followed(mingchuan: Site) -> None:
    now = looked_at(mingchuan, "/commitments").text
    assert 'data-stream="/v1/tables/all/stream"' in now
    assert "Wed 4 Mar 2026, 10:20" in now
    then = looked_at(mingchuan, "/commitments?as_of=2026-02-27").text
    assert 'data-stream=""' in then
    assert "Fri 27 Feb 2026, 00:00" in then


def test_the_slider_goes_from_the_first_request_to_now(mingchuan: Site) -> None:
    html = looked_at(mingchuan, "/commitments").text
    first, last = re.search(r'data-first="([^"]+)" data-last="([^"]+)"', html).groups()  # type: ignore[union-attr]
    assert last == "2026-03-04"
    earliest = min(
        line for line in (parse(f"{first}T00:00:00+08:00"),)
    )  # fmt: skip
    assert table(mingchuan, as_of=earliest)[0].measures()["received"] == 0
    day_32 = table(mingchuan, as_of=earliest + 32 * DAY)[0].measures()["received"]
    assert day_32 > 0, iso(earliest)
