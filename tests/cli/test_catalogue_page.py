"""docs/catalogue.md: its example is sound, and has every part a catalogue can have."""

import re
import tomllib
from pathlib import Path

from livelihood.catalogue import CatalogueVersion, Channel, Commitment, Department, Project, Service, Standard
from livelihood.catalogue_reading import parse_catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text("utf-8")
_BLOCK = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
EXAMPLE = _BLOCK[1] if _BLOCK else ""


def test_the_example_is_sound() -> None:
    version = parse_catalogue(EXAMPLE)
    assert version.services["question"].standard is None


def test_the_example_shows_every_field() -> None:
    document = tomllib.loads(EXAMPLE)
    assert set(document) == set(CatalogueVersion.model_fields) - {"correction", "recorded"}
    for part, model in {
        "channels": Channel, "departments": Department, "services": Service, "standards": Standard,
        "commitments": Commitment, "projects": Project,
    }.items():  # fmt: skip
        shown = {name for entry in document[part].values() for name in entry}
        assert shown >= set(model.model_fields) - {"title"}, part
