from pathlib import Path
from typing import get_args

from producers.cells import Doubt, Reason
from producers.mapping import Mapping
from producers.tables import Fault

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mapping.md").read_text("utf-8")


def test_the_page_names_every_reason_and_every_doubt() -> None:
    reasons = {part for one in (Reason, Fault, Doubt) for part in get_args(one)}
    assert not {reason for reason in reasons if f"`{reason}`" not in PAGE}


def test_the_page_names_every_key_of_a_mapping() -> None:
    assert not {key for key in Mapping.model_fields if f"`{key}`" not in PAGE and f"`[{key}]`" not in PAGE}
