"""What is withheld of a refused record is nowhere to be seen, and is put back as it was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.operations.withholding import WITHHELD, restored, shown
from livelihood.envelope import InvalidEvent

SECRET = "13800001234"
#: Anything that may hold it.
holding = st.recursive(
    st.just(SECRET), lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.text(), inner, min_size=1)
)
NAMES = st.text(min_size=1).filter(
    lambda name: name not in {"specversion", "type", "source", "id", "subject", "time", "recorded", "channel",
                              "actor", "datacontenttype", "data"}
)  # fmt: skip


def nothing(sealed: str, issue: str) -> None:
    raise AssertionError(f"nobody asked to open {sealed} of {issue}")


def event(**changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/phone", "id": "1",
        "subject": "A-1", "time": "2026-03-04T09:00:00+08:00", "channel": "phone",
        "data": {"service": "lamp", "latitude": 30.5, "parts": ["A-1~a"]},
    } | changes  # fmt: skip


@given(unknown=NAMES, value=holding, of_data=st.sampled_from(["personal", "phone", "name", "remark"]))
def test_what_may_be_personal_is_not_shown_and_comes_back_whole(
    unknown: str, value: Any, of_data: str
) -> None:
    record = event(**{unknown: value})
    record["data"][of_data] = value
    # Where a plain value belongs, an object may hold anything.
    record["data"]["area"] = {"told": value}
    encoded = json.dumps(record).encode()
    text = shown(encoded)
    assert SECRET not in text
    assert json.loads(restored(text, encoded, nothing)) == record


def test_what_our_events_have_is_shown() -> None:
    found = json.loads(shown(json.dumps(event(actor="lin")).encode()))
    assert found == event(actor="lin")


def test_of_an_unknown_kind_nothing_of_its_data_is_shown() -> None:
    found = json.loads(shown(json.dumps(event(type="livelihood.request.sumbitted")).encode()))
    assert set(found["data"].values()) == {WITHHELD}
    assert found["type"] == "livelihood.request.sumbitted"


@pytest.mark.parametrize("record", [b"no json " + SECRET.encode(), b'["13800001234"]', b"", b"\xff\xfe"])
def test_what_is_no_object_is_not_shown_at_all(record: bytes) -> None:
    assert shown(record) == ""


def test_a_correction_changes_only_what_it_changes() -> None:
    record = event()
    record["data"] |= {"personal": "sealed.key.text", "service": "lmap"}
    encoded = json.dumps(record).encode()
    text = shown(encoded).replace("lmap", "lamp")
    record["data"]["service"] = "lamp"
    assert json.loads(restored(text, encoded, nothing)) == record


def test_what_was_sealed_for_another_issue_is_opened_to_be_sealed_anew() -> None:
    record = event()
    record["data"]["personal"] = "sealed.key.text"
    encoded = json.dumps(record).encode()
    text = shown(encoded).replace("A-1", "A-2")

    def opened(sealed: str, issue: str) -> dict[str, str]:
        assert (sealed, issue) == ("sealed.key.text", "A-1")
        return {"phone": SECRET}

    assert json.loads(restored(text, encoded, opened))["data"]["personal"] == {"phone": SECRET}
    with pytest.raises(InvalidEvent, match=r"data\.personal: was sealed for another issue"):
        restored(text, encoded, lambda sealed, issue: None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "this is no JSON in line 1"),
        ("[]", "expected a JSON object"),
        (json.dumps(event(actor=WITHHELD)), "actor: .* stands for nothing here"),
        (json.dumps(event(data={"remark": WITHHELD})), r"data\.remark: .* stands for nothing here"),
    ],
)
def test_a_text_that_is_no_event_is_told_what_is_wrong_with_it(text: str, said: str) -> None:
    with pytest.raises(InvalidEvent, match=said):
        restored(text, json.dumps(event()).encode(), nothing)
