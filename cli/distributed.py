"""The distributed engine, put together from its parts: Kafka, Redis, and workers elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from backends.kafka.closed import KafkaColdStates
from backends.kafka.connection import Connection
from backends.kafka.forgotten import KafkaForgotten
from backends.kafka.group import KafkaGroup
from backends.kafka.log import KafkaLog
from backends.kafka.members import members
from backends.kafka.outlet import KafkaOutlet
from backends.kafka.published import KafkaPublished
from backends.kafka.topics import REQUESTS, check
from backends.redis.discarding import discard
from backends.redis.reader import RedisReader
from backends.redis.server import Server
from backends.redis.store import RedisStore
from cli.engine import Clock, Engine, Present, Reading, published_in, system_clock
from cli.failures import MISSING, Failure
from cli.settings import Settings, shown
from streams.service import Parts
from streams.worker import Worker


def connection_of(settings: Settings) -> Connection:
    """How to reach Kafka; nothing connects yet."""
    return Connection(settings.kafka, settings.topics, settings.kafka_options)


def group_of(connection: Connection) -> str:
    """The group that shares the partitions out among workers."""
    return connection.topic("workers")


class DistributedReading(Reading):
    """Kafka and Redis, for commands that only read."""

    starts_work = "livelihood worker"

    def __init__(self, settings: Settings) -> None:
        """Connect to both; Unavailable says what to do where that cannot be."""
        super().__init__(settings, self._forgotten)
        self.place = settings.place
        self._settings = settings
        self._connection = connection = connection_of(settings)
        try:
            self.topics = self._held.enter_context(KafkaPublished(connection))
            self._cold = self._held.enter_context(closing(KafkaColdStates(connection)))
            self.reader = self._held.enter_context(self.open_reader())
        except BaseException:
            self.close()
            raise

    def _forgotten(self) -> KafkaForgotten:
        return self._held.enter_context(closing(KafkaForgotten(self._connection)))

    def open_reader(self) -> RedisReader:
        """Another reader of Redis."""
        settings = self._settings
        return RedisReader(
            settings.redis,
            prefix=settings.topics,
            partitions=self.topics.partitions,
            cold=self._cold,
            checks=settings.redis_checks,
        )

    def open_topics(self) -> KafkaPublished:
        """What was published, by other connections."""
        return KafkaPublished(self._connection)

    def present(self) -> list[Present]:
        """The members of the group of workers."""
        return [
            Present(_member_text(member.host, member.partitions), None)
            for member in members(self._connection, group_of(self._connection))
        ]


class DistributedEngine(DistributedReading, Engine):
    """Kafka and Redis, for commands that append. The work is others': processes of their own."""

    is_shared = True

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        """Connect to both; Unavailable says what to do where that cannot be."""
        super().__init__(settings)
        self.clock = clock
        self.folder = settings.data
        try:
            self.log = self._held.enter_context(KafkaLog(self._connection))
            self.outlet = self._held.enter_context(closing(KafkaOutlet(self._connection)))
        except BaseException:
            self.close()
            raise

    @contextmanager
    def worker(self) -> Iterator[Worker | None]:
        """None: workers are processes of their own."""
        yield None

    @contextmanager
    def alone(self) -> Iterator[Sequence[Worker]]:
        """Workers of all partitions; Failure where the group has members."""
        check_idle(self._settings)
        with _store(self._settings, self._cold) as store:
            yield [
                Worker(self.log, store, self.outlet, self.clock, lambda: self.published, partition)
                for partition in range(self.log.partitions)
            ]


def check_idle(settings: Settings) -> None:
    """Failure where workers are members of the group."""
    connection = connection_of(settings)
    there = members(connection, group_of(connection))
    if there:
        who = _member_text(there[0].host, there[0].partitions)
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise Failure(
            f"Workers are at work on {settings.place}: {who}{more}. Stop them first; one that was killed is"
            " forgotten after some seconds.",
            MISSING,
        )


def look_at_servers(settings: Settings) -> Iterator[str]:
    """What is well with both servers, in sentences; Unavailable where something is not."""
    partitions = check(connection_of(settings))
    yield f"Kafka at {settings.kafka} answers; the topics of {settings.topics!r} have {partitions} partitions"
    with Server(settings.redis, checks=settings.redis_checks):
        kept = "keeps what it is given" if settings.redis_checks else "is used as it is, unchecked"
        yield f"Redis at {shown('redis', settings.redis)} answers and {kept}"


def discard_state(settings: Settings) -> None:
    """Remove all that Redis holds, which is made again from the log; Failure where somebody works on it."""
    check_idle(settings)
    partitions = connection_of(settings).partitions(REQUESTS)
    discard(settings.redis, prefix=settings.topics, partitions=partitions, checks=settings.redis_checks)


@contextmanager
def worker_parts(settings: Settings) -> Iterator[Parts]:
    """What a process of workers works with, for as long as this lasts."""
    connection = connection_of(settings)
    with ExitStack() as held:
        topics = held.enter_context(KafkaPublished(connection))
        cold = held.enter_context(closing(KafkaColdStates(connection)))
        yield Parts(
            log=held.enter_context(KafkaLog(connection)),
            store=held.enter_context(_store(settings, cold)),
            outlet=held.enter_context(closing(KafkaOutlet(connection))),
            group=KafkaGroup(connection, group_of(connection)),
            clock=system_clock,
            published=lambda: published_in(topics),
        )


def _store(settings: Settings, cold: KafkaColdStates) -> RedisStore:
    return RedisStore(settings.redis, prefix=settings.topics, cold=cold, checks=settings.redis_checks)


def _member_text(host: str, partitions: Sequence[int]) -> str:
    listed = ", ".join(map(str, partitions)) or "none yet"
    return f"a worker at {host} (partitions {listed})"
