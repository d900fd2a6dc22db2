import io
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from livelihood.catalogue import CatalogueVersion
from livelihood.envelope import MAX_EVENT_BYTES
from producers.jsonlines import BadLine, Published, publish_lines

Log = Any  # conftest's MemoryLog


def line(id_: str = "1:submitted", **changed: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "type": "livelihood.request.submitted", "source": "/channels/web", "id": id_,
        "subject": "1", "time": "2012-05-01T08:00:00-04:00", "channel": "web", "data": {"service": "pothole"},
    } | changed  # fmt: skip


def encode(*lines: dict[str, Any] | bytes) -> bytes:
    return b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in lines)


def seal(personal: dict[str, str], issue: str) -> str | None:
    if "shoe_size" in personal:
        raise ValueError("'shoe_size' is no personal field")
    return None if personal["phone"] == "forgotten" else f"sealed.{issue}.{len(personal)}"


@pytest.fixture
def publish(log: Log, now: int) -> Callable[..., tuple[Published, list[BadLine]]]:
    def run(*lines: dict[str, Any] | bytes) -> tuple[Published, list[BadLine]]:
        bad: list[BadLine] = []
        stream = io.BytesIO(encode(*lines))
        return publish_lines(
            stream, log=log, facts=log.facts, clock=lambda: now, seal=seal, on_bad=bad.append
        ), bad

    return run


Publish = Callable[..., tuple[Published, list[BadLine]]]


def test_events_are_published_in_the_order_of_their_lines(log: Log, publish: Publish) -> None:
    result, bad = publish(line("a"), b"\n", line("b", subject="2~roads"), line("c"))
    assert (result.accepted, result.refused, bad) == (3, 0, [])
    assert log.ids() == ["a", "b", "c"]
    assert [record.key for record in log.records] == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        (b"{not json\n", "", "JSON"),
        (line(time="2012-05-01T08:00:00"), "time", "offset"),
        (line(time="2012-06-01T12:06:00Z"), "time", "in the future"),
        (line(type="livelihood.request.paid"), "type", "unknown"),
        (line(data={}), "data.service", "is missing"),
        (line(data={"service": "pothole", "name": "Ann"}), "data.name", "there is no such field"),
        (line(subject=""), "subject", "at least 1"),
        (line(data={"service": "pothole", "number": "x" * MAX_EVENT_BYTES}), "", "larger than 256 KiB"),
        (b"\xff\xfe\n", "", ""),
        (b"x" * (3 * MAX_EVENT_BYTES) + b"\n", "", "larger than 256 KiB"),
    ],
)
def test_a_bad_line_is_reported_with_its_number_and_the_rest_goes_on(
    log: Log, publish: Publish, wrong: Any, field: str, message: str
) -> None:
    result, bad = publish(line("a"), wrong, line("b"))
    assert log.ids() == ["a", "b"]
    assert (result.accepted, result.refused) == (2, 1)
    assert (bad[0].line, bad[0].field) == (2, field)
    assert message in bad[0].message


def test_an_event_published_again_is_left_out(log: Log, publish: Publish) -> None:
    publish(line("a"))
    result, _ = publish(line("a"), line("a"), line("b"))
    assert (result.accepted, result.repeated) == (1, 2)
    assert log.ids() == ["a", "b"]


def test_the_same_id_with_other_content_is_refused(log: Log, publish: Publish) -> None:
    publish(line("a"))
    result, bad = publish(
        line("a", data={"service": "graffiti"}), line("b"), line("b", subject="1", channel="app")
    )
    assert (result.accepted, result.refused) == (1, 2)
    assert [one.line for one in bad] == [1, 3]
    assert "has other content in the log" in bad[0].message


def test_the_same_id_for_another_issue_is_another_event_and_never_lost(log: Log, publish: Publish) -> None:
    for accepted, repeated in ((2, 0), (0, 2)):
        result, bad = publish(line("a"), line("a", subject="2"))
        assert (result.accepted, result.repeated, bad) == (accepted, repeated, [])
    assert [record.key for record in log.records] == ["1", "2"]


def test_the_same_id_from_another_source_is_another_event(log: Log, publish: Publish) -> None:
    result, _ = publish(line("a"), line("a", source="/channels/app", channel="app"))
    assert result.accepted == 2


def test_a_quiet_pipe_holds_nothing_back(log: Log, now: int) -> None:
    reading, writing = os.pipe()
    seen: list[int] = []
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb") as pipe:

        def more(done: int) -> None:
            # Each line is published before the next one is written: nobody waits for a full batch.
            seen.append(len(log.records))
            if done < 3:
                pipe.write(encode(line(f"e{done}")))
                pipe.flush()
            else:
                pipe.close()

        pipe.write(encode(line("first")))
        pipe.flush()
        publish_lines(
            stream, log=log, facts=log.facts, clock=lambda: now, seal=seal, on_bad=print, progress=more
        )
    assert seen == [1, 2, 3]


def test_a_stream_that_fails_says_so_after_publishing_what_came(log: Log, now: int) -> None:
    class Broken(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            text = super().readline(size)
            if not text:
                raise OSError("the line dropped")
            return text

    with pytest.raises(OSError, match="the line dropped"):
        publish_lines(
            Broken(encode(line("a"))), log=log, facts=log.facts, clock=lambda: now, seal=seal, on_bad=print
        )
    assert log.ids() == ["a"]


def test_codes_the_catalogue_does_not_have_are_counted(log: Any, now: int) -> None:
    listed = {"channels": {"web": {"origin": "person"}}, "areas": {"north": {}}}
    catalogue = CatalogueVersion.model_validate({"version": "1", "time_zone": "UTC", **listed})
    stream = io.BytesIO(encode(line("a", data={"service": "pothole", "area": "atlantis"})))
    published = publish_lines(
        stream, log=log, facts=log.facts, clock=lambda: now, seal=seal, on_bad=print, catalogue=catalogue
    )
    assert published.accepted == 1
    assert published.unknown == {("service", "pothole"): 1, ("area", "atlantis"): 1}


def test_what_an_event_says_of_a_person_is_sealed_and_nothing_of_it_goes_on(
    log: Any, publish: Publish
) -> None:
    clear = {"phone": "13800001111", "name": "Ann"}
    result, bad = publish(
        line("a", data={"service": "pothole", "personal": clear}),
        line("b", data={"service": "pothole", "personal": {"phone": "forgotten"}}),
        line("c", data={"service": "pothole", "personal": "sealed.x.y"}),
    )
    assert (result.accepted, bad) == (3, [])
    values = [json.loads(record.value)["data"].get("personal") for record in log.records]
    assert values == ["sealed.1.2", None, "sealed.x.y"]


def test_a_personal_field_that_is_none_and_clear_text_are_refused_without_quoting_it(
    log: Any, publish: Publish
) -> None:
    _, bad = publish(
        line("a", data={"service": "pothole", "personal": {"shoe_size": "13800001111"}}),
        line("b", data={"service": "pothole", "personal": "Ann, 13800001111"}),
        line("c", data={"service": "pothole", "personal": {"phone": "1"}}, type="livelihood.request.paid"),
    )
    assert log.ids() == []
    assert [one.field for one in bad] == ["data.personal", "data.personal", "type"]
    assert "no personal field" in bad[0].message
    assert "object to be sealed" in bad[1].message
    assert "13800001111" not in "".join(one.message for one in bad)
