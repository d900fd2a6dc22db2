from backends.sqlite.recent import Changes, Recent


def test_timers_are_due_in_order_and_until_they_move_or_stop() -> None:
    recent = Recent()
    recent.committed(1, Changes({}, {"a": ("", 10), "b": ("", 20), "c": ("r", 5), "d": None}), 1)
    assert recent.due("", 9, 10) == []
    assert recent.due("", 20, 1) == [(10, "a")]
    assert recent.due("", 20, 10) == [(10, "a"), (20, "b")]
    # Asking changes nothing: the worker may fail before it has dealt with them.
    assert recent.due("", 20, 10) == [(10, "a"), (20, "b")]
    recent.committed(2, Changes({}, {"a": None, "b": ("", 30), "d": ("", 25)}), 1)
    assert recent.due("", 99, 10) == [(25, "d"), (30, "b")]
    assert recent.due("r", 5, 10) == [(5, "c")]
    assert recent.due("unknown", 5, 10) == []


def test_a_timer_that_moves_away_and_back_is_due_once() -> None:
    recent = Recent()
    for sequence, wake in enumerate((10, 20, 10, 20, 10), 1):
        recent.committed(sequence, Changes({}, {"a": ("", wake), "b": ("", 15)}), 1)
    assert recent.due("", 99, 10) == [(10, "a"), (15, "b")]
    assert recent.due("", 99, 10) == [(10, "a"), (15, "b")]


def test_a_timer_of_an_earlier_instant_comes_before_those_already_asked_for() -> None:
    recent = Recent()
    recent.committed(1, Changes({}, {"a": ("", 10), "b": ("", 20)}), 1)
    assert recent.due("", 99, 10) == [(10, "a"), (20, "b")]
    recent.committed(2, Changes({}, {"c": ("", 5), "a": ("", 40)}), 1)
    assert recent.due("", 99, 2) == [(5, "c"), (20, "b")]
    assert recent.due("", 99, 10) == [(5, "c"), (20, "b"), (40, "a")]


def test_changes_are_written_over_by_newer_ones_each_kind_by_itself() -> None:
    changes = Changes({"a": b"1"}, {"a": ("", 1)}, {"a": 5}, {"a": 7})
    before = changes.copy()
    changes.update(Changes({"a": b"2"}, {}, {"a": 6}, {"a": None}))
    assert changes == Changes({"a": b"2"}, {"a": ("", 1)}, {"a": 6}, {"a": None})
    assert before == Changes({"a": b"1"}, {"a": ("", 1)}, {"a": 5}, {"a": 7})
    assert changes.of_issues(["b"]) == Changes()
    assert not Changes()
    assert changes.issues() == {"a"}
