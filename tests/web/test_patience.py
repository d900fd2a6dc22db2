"""How long is waited for what somebody else does."""

import pytest

from web import patience
from web.patience import comes


def test_what_comes_meanwhile_is_there_and_what_never_comes_is_given_up() -> None:
    looks = iter([False, False, True])
    assert comes(lambda: next(looks), 60, 0.001)
    seen: list[bool] = []
    assert not comes(lambda: bool(seen.append(True)), 0.005, 0.001)
    assert len(seen) == 6
    assert comes(lambda: True, 0, 0.001)


def test_a_pause_of_the_machine_takes_nobodys_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds + 20))
    assert comes(lambda: now[0] > 40, 3, 0.05)
