"""A publisher of this installation, whichever its engine: for programs that run beside it.

A grassroots station has everything in one data folder, and needs neither a server nor a key.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from cli.engine import open_engine
from cli.settings import load
from producers.publisher import LogTransport, Publisher


@contextmanager
def station(
    data: Path | str | None = None, config: Path | None = None, **options: Any
) -> Iterator[Publisher]:
    """A publisher straight to the log that the settings name; personal data are sealed on the way.

    `options` are Publisher's. At the end everything is in the log, or reported as not delivered. Failure or
    Unavailable says what to do where the log or the vault cannot be had.
    """
    settings = load(config, data=None if data is None else Path(data)).settings
    with open_engine(settings) as engine:
        transport = LogTransport(lambda: nullcontext(engine.log))
        with Publisher(transport, sealer=engine.sealer, clock=engine.clock, **options) as publisher:
            yield publisher
