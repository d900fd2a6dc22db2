"""Where the example catalogues and data sets are: inside the installed wheel, or in the checkout."""

from importlib.resources import files
from pathlib import Path


def example_path(name: str) -> Path:
    """Return the path of an example file or folder, for instance ``boston/requests.csv.gz``.

    A wheel carries the project's ``examples/`` folder as package data (``cli/bundled_examples``, see
    pyproject.toml); a checkout has it beside the packages. The installed copy wins, so that the files
    always belong to the code that reads them.

    Raises:
        FileNotFoundError: no such example in either place; the message lists the places.
        ValueError: the name is absolute or leaves the examples folder.
    """
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"an example is named relative to the examples folder, not {name!r}")
    roots = example_roots()
    for root in roots:
        path = root / relative
        if path.exists():
            return path
    places = " or ".join(str(root) for root in roots)
    raise FileNotFoundError(f"no example {name!r} in {places}")


def example_roots() -> list[Path]:
    """Return the folders searched for examples, the first one preferred."""
    package = Path(str(files("cli")))
    return [package / "bundled_examples", package.parent / "examples"]
