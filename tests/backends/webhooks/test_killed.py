"""A deliverer killed again and again loses nothing, by whatever way its messages go."""

import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backends.vaults.sqlite_vault import SqliteVault
from backends.webhooks import endpoint
from backends.webhooks.ledger import Ledger
from backends.webhooks.registry import Registry
from livelihood.endpoints import New
from tests.backends.webhooks.conftest import Receiver
from tests.backends.webhooks.mailbox import TAKEN, Mailbox
from tests.backends.webhooks.said import body
from tests.backends.webhooks.test_deliverer import Numbers, now

#: Must come at all.
PATIENCE_SECONDS = 240
KEYS = 9
SCRIPT = """
import sys
import anyio
from pathlib import Path
from backends.vaults.sqlite_vault import SqliteVault
from backends.webhooks import deliverer, endpoint, mailing, sending
from backends.webhooks.mailing import MailServer
from backends.webhooks.registry import Registry
from tests.backends.webhooks.conftest import LOCAL
from tests.backends.webhooks.test_deliverer import now
from tests.backends.webhooks.test_killed import people
store, count, port = SqliteVault(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
endpoint.RETRY_SECONDS = (0.05,) * 200
deliverer.LOOK_SECONDS = 0.1
# So long that no answer comes too late, however busy the machine is: that would be a repeat of its own.
sending.ATTEMPT_SECONDS = mailing.ANSWER_SECONDS = 10.0
mail = MailServer(host="127.0.0.1", port=port, is_encrypted=False, sender="a@town.example")
one = deliverer.Deliverer(
    store, Registry(store), {"test": people(count)}, LOCAL, now, is_shared=False, mail=mail
)
anyio.run(one.run)
"""


def people(count: int) -> Numbers:
    """So many messages for people; those of an issue follow each other."""
    feed = Numbers(0, 1)
    feed.messages = [
        New(f"m{number}", f"k{number % KEYS}", body(f"m{number}", f"k{number % KEYS}"))
        for number in range(count)
    ]
    return feed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteVault]:
    with SqliteVault(tmp_path / "store") as store:
        yield store


def kill_until(
    is_done: Callable[[], bool],
    seen: Callable[[], int],
    folder: Path,
    count: int,
    mailbox: Mailbox,
    chance: random.Random,
    next_generation: Callable[[], None],
) -> int:
    """Start a deliverer and kill it, until all is done; how often. `seen` counts the attempts that came."""
    limit, kills = time.monotonic() + PATIENCE_SECONDS, 0

    def wait(seconds: float, until: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not is_done() and not until():
            time.sleep(0.02)

    while not is_done():
        assert time.monotonic() < limit, "it does not come"
        next_generation()
        before = seen()
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), str(count), str(mailbox.port)],
            cwd=Path(__file__).parents[3],
        )
        if chance.random() < 0.2:
            # Before it does anything, or just then.
            wait(chance.uniform(0.0, 2.0), lambda: False)
        else:
            wait(PATIENCE_SECONDS, lambda before=before: seen() > before)
            wait(chance.uniform(0.0, 1.5), lambda: False)
        process.kill()
        process.wait()
        kills += 1
    return kills


def check(delivered: dict[str, list[int]], count: int, kills: int) -> None:
    """Every message came; a repeat only where one was killed before it had noted the answer."""
    assert sorted(delivered) == sorted(f"m{number}" for number in range(count))
    for identity, generations in delivered.items():
        # An answer that came is noted before anything else is sent: only who was killed sends it again.
        assert len(set(generations)) == len(generations), identity
    repeats = sum(len(generations) - 1 for generations in delivered.values())
    assert repeats <= endpoint.AT_ONCE * kills


def test_webhooks_all_arrive_though_the_deliverer_is_killed_and_endpoints_do_as_they_like(
    store: SqliteVault, receiver: Receiver, mailbox: Mailbox, tmp_path: Path, chance: random.Random
) -> None:
    count = 400
    answers: list[int | str] = [200] * 24 + [500, 503, 500, 302, "close", "hang"]
    receiver.behave = lambda _: chance.choice(answers)
    Registry(store).add("test:x", receiver.url, "", now())
    ledger = Ledger(store)

    def is_done() -> bool:
        return len({got.id for got in receiver.got if got.answer == 200}) == count and not ledger.messages()

    def next_generation() -> None:
        receiver.generation += 1

    folder = tmp_path / "store"
    kills = kill_until(is_done, lambda: len(receiver.got), folder, count, mailbox, chance, next_generation)
    delivered: dict[str, list[int]] = defaultdict(list)
    for got in receiver.got:
        if got.answer == 200:
            delivered[got.id].append(got.generation)
    check(delivered, count, kills)


def test_letters_all_arrive_though_the_deliverer_is_killed_and_the_mail_server_dies(
    store: SqliteVault, mailbox: Mailbox, tmp_path: Path, chance: random.Random
) -> None:
    count = 120
    answers = [TAKEN] * 24 + ["451 later", "554 no", "close", "hang"]
    mailbox.behave = lambda _: chance.choice(answers)
    Registry(store).add("test:x", "mailto:head@town.example", "", now())
    ledger = Ledger(store)

    def is_done() -> bool:
        return len({letter.id for letter in mailbox.taken()}) == count and not ledger.messages()

    def next_generation() -> None:
        mailbox.generation += 1
        if chance.random() < 0.5:
            # It is gone for a while; what was under way there has no answer.
            mailbox.stop()
            time.sleep(chance.uniform(0, 0.3))
            mailbox.start()

    folder = tmp_path / "store"
    kills = kill_until(is_done, lambda: len(mailbox.letters), folder, count, mailbox, chance, next_generation)
    # A letter says in its own id which message it is, and in its subject of which issue.
    by_id: dict[str, list[int]] = defaultdict(list)
    for letter in mailbox.taken():
        by_id[letter.id].append(letter.generation)
    assert len(by_id) == count
    check({f"m{number}": generations for number, generations in enumerate(by_id.values())}, count, kills)
