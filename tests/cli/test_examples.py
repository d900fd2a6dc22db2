"""Finding the shipped examples."""

from pathlib import Path

import pytest

from cli import examples
from cli.examples import example_path


def test_an_example_of_the_checkout_is_found() -> None:
    assert example_path("README.md").read_text().startswith("# Examples")


def test_the_copy_inside_the_package_is_preferred(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    roots = [tmp_path / "bundled", tmp_path / "checkout"]
    monkeypatch.setattr(examples, "example_roots", lambda: roots)
    for root in roots:
        root.mkdir()
        (root / "a.toml").touch()
    (roots[1] / "b.toml").touch()
    assert example_path("a.toml") == roots[0] / "a.toml"
    assert example_path("b.toml") == roots[1] / "b.toml"


def test_a_missing_example_is_an_error_that_names_the_places_searched() -> None:
    with pytest.raises(FileNotFoundError, match=r"no example 'atlantis' in .*bundled_examples or .*examples"):
        example_path("atlantis")


@pytest.mark.parametrize("name", ["/etc/passwd", "../pyproject.toml", "boston/../../README.md"])
def test_a_name_that_leaves_the_examples_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="relative to the examples folder"):
        example_path(name)
