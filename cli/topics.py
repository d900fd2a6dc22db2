"""`livelihood stack init` and `rekey`: the topics on whatever Kafka is set."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from backends.kafka.connection import Connection
from backends.kafka.rekeying import rekey
from backends.kafka.topics import REQUESTS, init
from cli.distributed import check_idle, connection_of
from cli.failures import USAGE, Failure, going_on, sentence
from cli.settings import Origin, Settings, load
from cli.terminal import add_bar, notes, progress_bars
from livelihood.ports import Refused, Unavailable


def run_init(
    *,
    partitions: int | None,
    replication: int | None,
    min_insync: int | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Make and check the topics on the Kafka of the settings; print what was done."""
    loaded = load(config, data=data, partitions=partitions, replication=replication, min_insync=min_insync)
    _need_kafka(loaded.settings)
    done = make_topics(loaded.settings, loaded.origins)
    console = notes()
    for line in done or ["All topics are there, as they must be."]:
        console.print(Text(f"{line[:1].upper()}{line[1:]}"), soft_wrap=True)


def run_rekey(
    to: str,
    *,
    partitions: int,
    replication: int | None,
    min_insync: int | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Copy the log to topics with another prefix and so many partitions, and say how to go on."""
    loaded = load(config, data=data, replication=replication, min_insync=min_insync)
    settings = loaded.settings
    _need_kafka(settings)
    target = load(config, data=data, topics=to).settings
    if to == settings.topics:
        raise Failure(f"The log has the prefix {to!r} now; --to names another one for its copy.", USAGE)
    check_idle(settings)
    console = notes()
    stopped = f"Stopped. The log is as it was; delete the topics of {to!r}, or name another prefix."
    with going_on(stopped), progress_bars(console) as bars, _telling():
        bar = add_bar(bars, "copying", "records")
        rekey(
            connection_of(settings),
            connection_of(target),
            partitions=partitions,
            replication=settings.replication,
            min_insync=settings.min_insync,
            copied=lambda done, of: bars.update(bar, completed=done, total=of),
        )
    text = (
        f"All that the log of {settings.topics!r} holds is in that of {to!r} too, in {partitions} partitions."
        f'\nSet  topics = "{to}"  for every worker and command; then  livelihood rebuild  makes the tables.'
    )
    console.print(Text(text), soft_wrap=True)


def _need_kafka(settings: Settings) -> None:
    if not settings.distributed:
        raise Failure(
            "There is no Kafka to make topics on: set `kafka` and `redis`, or let  livelihood stack up  start"
            " both on this machine.",
            USAGE,
        )


def make_topics(settings: Settings, origins: Mapping[str, Origin]) -> list[str]:
    """Make what is missing; what was done. Failure where a log with records has other partitions."""
    connection = connection_of(settings)
    partitions = settings.partitions
    if origins["partitions"] == "default":
        # Nobody asked for another number than there is.
        partitions = _there(connection) or partitions
    with _telling():
        return init(
            connection,
            partitions=partitions,
            replication=settings.replication,
            min_insync=settings.min_insync,
        )


@contextmanager
def _telling() -> Iterator[None]:
    """What the topics as they are do not allow is told to the person."""
    try:
        yield
    except Refused as error:
        raise Failure(sentence(str(error))) from None


def _there(connection: Connection) -> int:
    """How many partitions the log has; 0 where there is none yet."""
    try:
        return connection.partitions(REQUESTS)
    except Unavailable:
        # Where no broker answers, what comes next says so.
        return 0
