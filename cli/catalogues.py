"""`livelihood catalogue check` and `catalogue publish`."""

from pathlib import Path

from cli.engine import open_engine
from cli.failures import REFUSED, USAGE, Failure
from cli.moments import moment_text
from cli.settings import load
from cli.terminal import answers, notes
from cli.work import working
from livelihood.catalogue import CatalogueError, CatalogueVersion
from livelihood.catalogue_reading import parse_catalogue
from livelihood.instants import from_datetime


def read_catalogue(file: Path) -> CatalogueVersion:
    """The version in a file; Failure lists everything wrong with it."""
    try:
        return parse_catalogue(file.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise Failure(f"{file} is not UTF-8: {error}.", USAGE) from None
    except CatalogueError as error:
        listed = "\n".join(f"  {problem}" for problem in error.problems)
        many = len(error.problems)
        raise Failure(f"{file}: {many} problem{'s' if many > 1 else ''}\n{listed}", REFUSED) from None


def summary(version: CatalogueVersion) -> str:
    """What is in a version, in a line or two."""
    parts = [
        f"{len(part):,} {name if len(part) != 1 else name.removesuffix('s')}"
        for name, part in (
            ("services", version.services),
            ("standards", version.standards),
            ("commitments", version.commitments),
            ("projects", version.projects),
            ("departments", version.departments),
        )
        if part or name in ("services", "commitments")
    ]
    without = sum(service.standard is None for service in version.services.values())
    unstandardised = f"; {without:,} of the services without a standard" if without else ""
    return ", ".join(parts) + unstandardised


def run_check(file: Path) -> None:
    """Check a file and say that it is sound."""
    version = read_catalogue(file)
    answers().print(f"{file} is sound: version {version.version}, {summary(version)}.", soft_wrap=True)


def run_publish(file: Path, *, data: Path | None, config: Path | None) -> None:
    """Publish a version and let it take effect."""
    version = read_catalogue(file)
    settings = load(config, data=data).settings
    with open_engine(settings) as engine:
        try:
            engine.publish(version)
        except CatalogueError as error:
            listed = "\n".join(f"  {problem}" for problem in error.problems)
            raise Failure(f"{file} cannot be published now:\n{listed}", REFUSED) from None
        with working(engine, notes()) as work:
            work.catch_up()
        since = "" if version.effective is None else (
            f", in force from {moment_text(from_datetime(version.effective), engine.zone)}"
        )  # fmt: skip
        answers().print(f"Published version {version.version}: {summary(version)}{since}.", soft_wrap=True)
