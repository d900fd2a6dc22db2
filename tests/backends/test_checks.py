import pytest

from backends.checks import InvalidCommit, check_commit, check_outgoing, check_records
from livelihood.ports import Commit, NewRecord, Outgoing, Refused


def test_a_record_of_the_largest_size_is_held_and_one_byte_more_is_refused() -> None:
    check_records([NewRecord("a", bytes(1_000_000))])
    with pytest.raises(Refused, match="1,000,001 bytes"):
        check_records([NewRecord("a", bytes(1_000_001))])


def test_what_leaves_needs_a_topic_that_is_known() -> None:
    check_outgoing([Outgoing(topic, "id", "a", b"{}") for topic in ("alert", "dead_letter", "event")])
    with pytest.raises(ValueError, match="alert, dead_letter, event"):
        check_outgoing([Outgoing("alarm", "id", "a", b"{}")])


def test_a_commit_tells_what_is_wrong_with_it() -> None:
    for parts, why in (
        ({"states": {"a": "text"}}, "not bytes"),
        ({"movements": bytes(25)}, "25 bytes of movements"),
        ({"outbox": [Outgoing("alarm", "id", "a", b"{}")]}, "alarm"),
    ):
        with pytest.raises(InvalidCommit, match=why):
            check_commit(Commit(epoch=1, sequence=1, next_offset=0, ledger=b"", **parts))  # type: ignore[arg-type]
