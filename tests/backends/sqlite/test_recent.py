from backends.sqlite.recent import Changes, Recent


def test_no_timer_is_looked_for_before_the_earliest() -> None:
    recent = Recent()
    recent.committed(1, Changes({}, {"a": ("", 10), "b": ("", 20), "c": ("r", 5), "d": None}), 1)
    assert recent.due("", 9) == []
    assert recent.due("", 20) == [(10, "a"), (20, "b")]
    recent.committed(2, Changes({}, {"a": None, "b": None}), 1)
    assert recent.due("", 99) == []
    recent.committed(3, Changes({}, {"a": ("", 3)}), 1)
    assert recent.due("", 3) == [(3, "a")]
    assert recent.due("r", 5) == [(5, "c")]
    assert recent.due("unknown", 5) == []


def test_changes_are_written_over_by_newer_ones_each_kind_by_itself() -> None:
    changes = Changes({"a": b"1"}, {"a": ("", 1)}, {"a": 5}, {"a": 7})
    before = changes.copy()
    changes.update(Changes({"a": b"2"}, {}, {"a": 6}, {"a": None}))
    assert changes == Changes({"a": b"2"}, {"a": ("", 1)}, {"a": 6}, {"a": None})
    assert before == Changes({"a": b"1"}, {"a": ("", 1)}, {"a": 5}, {"a": 7})
    assert changes.of_issues(["b"]) == Changes()
    assert not Changes()
    assert changes.issues() == {"a"}
