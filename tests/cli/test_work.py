"""Who works on a data folder, and what happens when that cannot go on for a while."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest

from backends.sqlite.lease import Holder
from cli import work
from cli.embedded import EmbeddedEngine, holder_text
from cli.failures import Failure
from cli.serving import serve
from cli.settings import Settings
from cli.terminal import notes
from cli.work import note_idle, work_until, working
from livelihood.ports import NewRecord, Unavailable
from streams.worker import Stepped, Worker


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("/usr/bin/livelihood serve --data /srv", "livelihood serve (process 7)"),
        ("livelihood serve", "livelihood serve (process 7)"),
        ("livelihood import table.csv -m boston", "livelihood import table.csv (process 7)"),
        ("/opt/venv/bin/livelihood", "livelihood (process 7)"),
        ("a process that is starting", "a process that is starting (process 7)"),
    ],
)
def test_whoever_works_is_named_shortly(command: str, text: str) -> None:
    assert holder_text(Holder(7, command, 0)) == text


def test_a_command_does_the_work_where_nobody_else_does(data: Path) -> None:
    with EmbeddedEngine(data) as engine, working(engine, notes()) as ours:
        engine.log.append([NewRecord("X-1", b"{}")])
        told: list[tuple[int, int]] = []
        ours.catch_up(lambda done, end: told.append((done, end)))
        assert told[-1] == (1, 1)
        assert engine.reader.position(0).next_offset == 1


def test_a_command_takes_over_what_a_worker_that_went_away_left(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with EmbeddedEngine(data) as first, EmbeddedEngine(data) as second:
        assert first.lease.try_take()
        with working(second, notes()) as ours:
            assert ours.worker is None
            second.log.append([NewRecord("X-1", b"{}")])

            def sleep(_: float) -> None:
                # The one that worked ends meanwhile, without having done anything.
                first.lease.release()

            monkeypatch.setattr(work.time, "sleep", sleep)
            ours.catch_up()
        assert second.reader.position(0).next_offset == 1
    assert "; waiting for it to catch up" in capsys.readouterr().err


def test_whoever_follows_is_told_where_nobody_works(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with EmbeddedEngine(data) as engine:
        note_idle(engine, notes())
        assert "nothing changes before  livelihood serve  is started" in capsys.readouterr().err
        with working(engine, notes()):
            note_idle(engine, notes())
        assert capsys.readouterr().err == ""


def test_a_second_server_is_refused_and_told_who_works(data: Path) -> None:
    with EmbeddedEngine(data) as first, EmbeddedEngine(data) as second, first.worker() as worker:
        assert worker is not None
        with pytest.raises(Failure, match=r"\(process \d+\) works on .* already, since") as failure:
            serve(second, Settings(data=data, address="127.0.0.1:0"), Event(), notes())
        assert failure.value.status == 3


def test_a_server_that_cannot_write_says_so_and_tries_again(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = Event()
    answers: list[Any] = [Unavailable("the disk is full: free some space"), Stepped(3, idle=False), None]

    def step(_: Worker) -> Stepped:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            stop.set()
            return Stepped(0, idle=True)
        return Stepped(3, idle=False)

    monkeypatch.setattr(Worker, "step", step)
    monkeypatch.setattr(work, "FIRST_PAUSE_SECONDS", 0.01)
    with EmbeddedEngine(data) as engine, engine.alone() as (worker,):
        work_until(stop, engine, worker, 0.01, notes())
    assert "The disk is full: free some space. Trying again in 0.01 s." in capsys.readouterr().err
