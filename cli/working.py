"""`livelihood worker`: Faust's worker with our settings, and an end that says why."""

from pathlib import Path

from cli.failures import USAGE, Failure, debugging, failure_of, libraries
from cli.settings import PREFIX, load


def run_worker(web_port: int | None, *, data: Path | None, config: Path | None) -> None:
    """Work until told to stop by SIGTERM or Ctrl-C; raises what ended the work otherwise."""
    settings = load(config, data=data, web_port=web_port).settings
    if not settings.distributed:
        raise Failure(
            f"A worker needs Kafka and Redis: set `kafka` and `redis` ({PREFIX}KAFKA, {PREFIX}REDIS), or have"
            " both on this machine by  livelihood stack up.  Without them  livelihood serve  does the work.",
            USAGE,
        )
    with libraries():
        from streams.app import make_app
    app = make_app(settings, quiet=not debugging())
    app.finalize()
    try:
        app.Worker(loglevel="INFO", quiet=True).execute_from_commandline()
    except SystemExit as ended:
        # Faust's own way to end, whatever has ended it.
        if isinstance(ended.__context__, Exception):
            raise failure_of(ended.__context__) from ended.__context__
        raise
