"""Several processes at one engine, and processes that die."""

import random
import subprocess
import time
from contextlib import suppress

import pytest

from livelihood.ports import Moved, NewRecord, Outgoing
from tests.patience import PATIENCE_SECONDS

APPENDING = """
name, count = sys.argv[2], int(sys.argv[3])
log = open_log()
print("ready", flush=True)
for number in range(count):
    log.append([NewRecord(name, b"%d" % number), NewRecord(name, b"%d" % number)])
"""

#: Each commit writes its own number everywhere, so that a mixture of two shows.
COMMITTING = """
position = store.take(0)
sequence, pause = position.sequence, float(sys.argv[2])
print("ready", flush=True)
while True:
    time.sleep(pause)
    sequence += 1
    number = b"%d" % sequence
    store.commit(0, Commit(
        epoch=position.epoch, sequence=sequence, next_offset=sequence, ledger=number,
        states={f"issue{n}": number + bytes(400) for n in range(200)},
        timers={f"issue{n}": ("", sequence) for n in range(200)},
        rows={(n, "2011-07"): number for n in range(50)},
        movements=sequence.to_bytes(8, "little") * 3 * 100,
        outbox=[Outgoing("alert", f"id{sequence}", "issue1", number)],
    ))
"""

PUBLISHING = """
position = store.take(0)
sequence = position.sequence
outlet = open_outlet()
while True:
    sequence += 1
    outbox = [Outgoing("alert", f"id{sequence}", f"issue{sequence % 9}", b"%d" % sequence)]
    store.commit(0, Commit(
        epoch=position.epoch, sequence=sequence, next_offset=sequence, ledger=b"", outbox=outbox))
    waiting = store.outbox(0, 100)
    outlet.publish(0, position.born, waiting)
    store.sent(0, waiting[-1][0])
    if sequence == position.sequence + 1:
        print("ready", flush=True)
"""

IMPORTING = """
log = open_log()
position = log.run_position("r")
print("ready", flush=True)
while True:
    records = [NewRecord(f"k{n}", b"%d" % n, n, run="r") for n in range(position, position + 7)]
    position = log.append_run("r", position, records)
"""


def assert_of_one_commit(reader) -> int:
    while True:
        with suppress(Moved):
            return assert_snapshot_of_one_commit(reader)


def assert_snapshot_of_one_commit(reader) -> int:
    with reader.snapshot():
        sequence = reader.position(0).sequence
        number = b"%d" % sequence
        if sequence:
            states = reader.states(f"issue{n}" for n in range(200))
            assert {state.rstrip(b"\0") for state in states.values()} == {number}
            assert len(states) == 200
            assert {row for _, row in reader.rows(0)} == {number}
            movements = b"".join(reader.movements(0))
            assert movements == b"".join(n.to_bytes(8, "little") * 300 for n in range(1, sequence + 1))
    return sequence


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout
    assert process.stdout.readline() == "ready\n"


def test_processes_that_append_at_once_lose_nothing_and_keep_time_in_order(engine) -> None:
    engine.log()
    processes = [engine.process(APPENDING, name, "100") for name in "abc"]
    assert [process.wait(PATIENCE_SECONDS) for process in processes] == [0, 0, 0]
    records = engine.log().read(0, 0, 1_000)
    assert len(records) == 600
    assert [record.offset for record in records] == list(range(600))
    received = [record.received for record in records]
    assert received == sorted(received)
    for name in "abc":
        own = [int(record.value) for record in records if record.key == name]
        assert own == [number for number in range(100) for _ in range(2)]


def test_a_reader_sees_all_or_nothing_of_a_commit_while_it_is_written(engine) -> None:
    engine.store()
    reader = engine.reader()
    # A reader that cannot hold a moment needs one between two commits.
    wait_until_ready(engine.process(COMMITTING, "0" if engine.holds_moments else "0.05"))
    seen = set()
    until = time.monotonic() + 1.5
    # On a busy machine for longer: what is looked for needs looks.
    while time.monotonic() < until or len(seen) <= 5:
        seen.add(assert_of_one_commit(reader))
    assert len(seen) > 5


@pytest.mark.parametrize("seed", range(4))
def test_a_worker_killed_at_any_moment_leaves_whole_commits(engine, seed: int) -> None:
    pause = random.Random(seed)
    last = 0
    for _ in range(3):
        process = engine.process(COMMITTING, "0")
        wait_until_ready(process)
        time.sleep(pause.uniform(0.0, 0.15))
        process.kill()
        process.wait()
        sequence = assert_of_one_commit(engine.reader())
        assert sequence >= last
        last = sequence
    store = engine.store()
    assert store.take(0).sequence == last
    assert [one.value for _, one in store.outbox(0, 10_000)] == [b"%d" % n for n in range(1, last + 1)]
    assert {issue for issue, _ in store.due(0, "", last, 1_000)} == {f"issue{n}" for n in range(200)}


def test_a_worker_killed_while_it_publishes_tells_everything_and_nothing_twice(engine) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    pause = random.Random(seed)
    outlet, turns = engine.outlet(), 0
    # On a busy machine more often: each tells something only where it comes to it.
    while turns < 5 or engine.reader().position(0).sequence <= 5:
        turns += 1
        process = engine.process(PUBLISHING)
        wait_until_ready(process)
        time.sleep(pause.uniform(0.0, 0.15))
        process.kill()
        process.wait()
    store = engine.store()
    position = store.take(0)
    last = position.sequence
    assert last > 5
    waiting: list[tuple[int, Outgoing]] = store.outbox(0, 10_000)
    outlet.publish(0, position.born, waiting)
    told = [int(value) for _, _, value in engine.published().outgoing("alert", 0, 0, 100_000)]
    assert told == list(range(1, last + 1))


def test_an_appender_killed_at_any_moment_leaves_a_beginning_of_what_it_appended(engine) -> None:
    engine.log()
    for name in "abc":
        process = engine.process(APPENDING, name, "100000")
        wait_until_ready(process)
        time.sleep(0.1)
        process.kill()
        process.wait()
    records = engine.log().read(0, 0, 10**6)
    assert [record.offset for record in records] == list(range(len(records)))
    for name in "abc":
        own = [int(record.value) for record in records if record.key == name]
        assert own == [number // 2 for number in range(len(own))]
        assert len(own) % 2 == 0 or not engine.appends_whole_groups


def test_an_import_killed_at_any_moment_has_whole_groups_and_goes_on_exactly(engine) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    pause = random.Random(seed)
    engine.log()
    for _ in range(6):
        process = engine.process(IMPORTING)
        wait_until_ready(process)
        time.sleep(pause.uniform(0.0, 0.2))
        process.kill()
        process.wait()
    log = engine.log()
    position = log.run_position("r")
    assert position % 7 == 0
    # Taking it over ends whatever was begun.
    last = NewRecord("a", b"%d" % position, position, run="r")
    assert log.append_run("r", position, [last]) == position + 1
    assert [int(record.value) for record in log.read(0, 0, 10**6)] == list(range(position + 1))
