"""Words are shown only where the installation publishes them, and none of a person who is forgotten."""

from types import SimpleNamespace

import pytest

from producers.open311.texts import BY_DEFAULT, PUBLISHABLE, WRITTEN, Texts

REPORT, UPDATE = ("A", "/channels/app", "1"), ("A", "/channels/crew", "2")
SAID = {
    "sealed.report": {"text": "a hole", "address": "5 Main St", "phone": "13800000000", "answers": "deep"},
    "sealed.update": {"text": "filled", "name": "Wang"},
    "sealed.forgotten": None,
}


def texts(*public: str, report: str = "sealed.report") -> Texts:
    held = {REPORT: report, UPDATE: "sealed.update"}
    listing = SimpleNamespace(
        texts=lambda issues: {place: sealed for place, sealed in held.items() if place[0] in issues}
    )
    sealer = SimpleNamespace(open=lambda sealed, issue: SAID[sealed] if issue == "A" else None)
    return Texts(listing, sealer, frozenset(public))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("public", "shown"),
    [
        (("location", "media", "updates"), {}),
        (("description",), {"A": {"description": "a hole"}}),
        (("address",), {"A": {"address": "5 Main St"}}),
        (("description", "address"), {"A": {"description": "a hole", "address": "5 Main St"}}),
    ],
)
def test_of_a_report_what_is_published_is_shown_and_nothing_else(
    public: tuple[str, ...], shown: dict[str, dict[str, str]]
) -> None:
    assert texts(*public).submitted([REPORT]) == shown


def test_of_an_update_the_words_are_shown_where_updates_are_published() -> None:
    assert texts("updates").updates([UPDATE]) == {UPDATE: "filled"}
    assert texts("description", "address").updates([UPDATE]) == {}


def test_nothing_is_shown_of_who_is_forgotten() -> None:
    assert texts("description", "address", report="sealed.forgotten").submitted([REPORT]) == {}


def test_by_default_nothing_that_a_person_wrote_is_published() -> None:
    assert not BY_DEFAULT & WRITTEN
    assert PUBLISHABLE.keys() >= BY_DEFAULT | WRITTEN
