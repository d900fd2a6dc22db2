"""The public pages over HTTP: what anybody sees and nobody does, who may frame a table, open data."""

import csv
import io
import re
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from consumers.public.open_data import DICTIONARY
from consumers.public.pages import MISSING
from consumers.public.releases import Release, Releases
from tests.consumers.public.conftest import worked_out
from tests.patience import until
from tests.sites import Site
from web.accounts import Role


@pytest.fixture
def open_town(town: Any) -> Site:
    """A town with accounts, so that nothing is open, which publishes its streets and its water."""
    site: Site = town(
        lived=True,
        public="streets by area, water",
        public_embed="https://paper.example http://localhost:9000",
    )
    site.add_account("lin", Role.WINDOW)
    return site


def test_nothing_is_published_where_configuration_names_nothing_and_somebody_must_sign_in(town: Any) -> None:
    site = town(lived=True)
    # Before the first account everything is open, and all commitments are shown to whoever reaches it.
    until(lambda: 'href="/public/commitments/streets"' in site.browser().get("/public").text)
    site.add_account("lin", Role.VIEWER)
    page = site.browser().get("/public")
    assert page.status_code == 200
    assert "Nothing is published here." in page.text
    assert "Streets are whole and lit" not in page.text
    for path in ("/public/commitments/streets", "/embed/streets", "/public?month=2026-02"):
        assert site.browser().get(path).status_code == 404, path
    assert site.browser().get("/public/data.csv").text.strip() == ",".join(DICTIONARY)


def test_anybody_sees_what_is_named_and_nothing_else(open_town: Site) -> None:
    page = open_town.browser().get("/public").text
    assert "Streets are whole and lit" in page
    assert "Waste is gone the same day" not in page
    assert "February 2026, as of its end (Sun 1 Mar 2026, 00:00)" in page
    assert open_town.browser().get("/public/commitments/streets").status_code == 200
    assert open_town.browser().get("/public/commitments/cleanliness").status_code == 404
    assert "2026年2月" in open_town.browser(language="zh").get("/public").text


@pytest.mark.parametrize("month", ["2026-03", "2025-12", "2025-13", "x"])
def test_a_month_that_is_not_out_is_said(open_town: Site, month: str) -> None:
    answer = open_town.browser().client.get("/public", params={"month": month})
    assert answer.status_code == 404
    assert "is not published" in answer.text


def test_no_small_count_stands_anywhere(open_town: Site) -> None:
    browser = open_town.browser()
    for path in ("/public", "/public/commitments/streets", "/public/commitments/water", "/embed/streets"):
        page = browser.get(path).text
        cells = re.findall(r'<(?:td class="number"|dd)[^>]*>(.*?)</(?:td|dd)>', page, re.DOTALL)
        counts = [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in cells]
        assert counts, path
        assert not [count for count in counts if re.fullmatch("[0-4]", count)], path
    assert "not shown" in browser.get("/public/commitments/streets").text
    # Of January there is one day.
    assert "under 5" in browser.get("/public?month=2026-01").text


def test_a_table_may_be_framed_by_the_sites_that_are_named_and_no_other_page_may(open_town: Site) -> None:
    browser = open_town.browser()
    answer = browser.get("/embed/streets")
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors https://paper.example http://localhost:9000" in policy
    assert "default-src 'self'" in policy
    assert "set-cookie" not in answer.headers
    for path in ("/public", "/public/commitments/streets", "/r"):
        assert "frame-ancestors 'none'" in browser.get(path).headers["content-security-policy"]
    assert "道路平整" in browser.get("/embed/streets?lang=zh").text


def test_without_configuration_nobody_may_frame_a_table(town: Any) -> None:
    answer = town(lived=True, public="streets").browser().get("/embed/streets")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_open_data_are_what_the_pages_show_with_what_the_columns_mean(open_town: Site) -> None:
    browser = open_town.browser()
    answer = browser.get("/public/data.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == list(DICTIONARY)
    assert {(row["commitment"], row["by"]) for row in rows} == {
        ("streets", ""), ("streets", "area"), ("water", ""),
    }  # fmt: skip
    document = browser.get("/public/data.json").json()
    assert len(document["rows"]) == len(rows)
    assert document["dictionary"].keys() == DICTIONARY.keys()
    for meaning in document["dictionary"].values():
        assert meaning["zh"] != meaning["en"]
    for row, same in zip(rows, document["rows"], strict=True):
        for name in ("received", "on_time", "not_on_time"):
            assert row[name] == ("" if same[name] is None else str(same[name]))
            assert same[name] is None or same[name] >= 5
            is_of_the_whole = bool(row["row"]) and name == "received"
            assert (same[name] is None) == (name in same["small"] + same["withheld"] or is_of_the_whole)
    page = browser.get("/public/data").text
    assert all(name in page for name in DICTIONARY)


def test_rates_tell_no_more_than_the_counts_beside_them(open_town: Site) -> None:
    for row in open_town.browser().get("/public/data.json").json()["rows"]:
        done, missed, rate = row["on_time"], row["not_on_time"], row["on_time_rate"]
        match row["bound"]:
            case "exactly":
                assert rate == round(done / (done + missed), 6)
            case "at_least":
                assert rate == round(done / (done + 4), 6)
                assert missed is None
            case "at_most":
                assert rate == round(4 / (missed + 4), 6)
                assert done is None
            case None:
                assert rate is None


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """No month is worked out until it is set."""
    may_go_on, read = Event(), Releases._read

    def slow(releases: Releases, month: str) -> Release:
        # Something that must come at all.
        assert may_go_on.wait(120)
        return read(releases, month)

    monkeypatch.setattr(Releases, "_read", slow)
    yield may_go_on
    may_go_on.set()


def test_who_comes_first_has_a_page_at_once_while_months_are_worked_out(town: Any, held: Event) -> None:
    site: Site = town(lived=True)
    browser = site.browser()
    for path in ("/public", "/public/commitments/streets", "/embed/streets"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "February 2026 is still being worked out" in answer.text
        assert answer.headers["refresh"]
        assert answer.headers["cache-control"] == "no-store"
    assert "2026年2月" in site.browser(language="zh").get("/public").text
    assert browser.get("/public/commitments/no-such").status_code == 404
    assert "are still being worked out" in browser.get("/public/data").text
    for format_ in ("csv", "json"):
        answer = browser.get(f"/public/data.{format_}")
        assert answer.headers[MISSING] == "2026-02, 2026-01"
        assert answer.headers["cache-control"] == "no-store"
    assert browser.get("/public/data.json").json()["being_worked_out"] == ["2026-02", "2026-01"]
    held.set()
    worked_out(site)
    for path in ("/public", "/public/commitments/streets", "/embed/streets"):
        answer = browser.get(path)
        assert "being worked out" not in answer.text
        assert "refresh" not in answer.headers
    document = browser.get("/public/data.json").json()
    assert document["being_worked_out"] == []
    assert {row["month"] for row in document["rows"]} == {"2026-02", "2026-01"}


def test_who_has_not_signed_in_is_led_to_what_is_public_where_anything_is(town: Any, open_town: Site) -> None:
    assert open_town.browser().get("/").url.path == "/public"
    assert 'href="/sign-in"' in open_town.browser().get("/public").text
    assert open_town.browser("lin").get("/").url.path != "/public"
    silent = town()
    silent.add_account("lin", Role.VIEWER)
    assert silent.browser().get("/").url.path == "/sign-in"


def test_a_receipt_is_looked_up_from_the_public_page(open_town: Site) -> None:
    page = open_town.browser().get("/public").text
    assert 'action="/r"' in page
    assert 'name="number"' in page
