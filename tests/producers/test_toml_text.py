import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.toml_text import toml_key, toml_value

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.dates(date(1000, 1, 1)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)


@given(TEXT, VALUES)
def test_what_is_written_is_read_back(key: str, value: object) -> None:
    assert tomllib.loads(f"{toml_key(key)} = {toml_value(value)}") == {key: value}


def test_what_has_no_form_says_so() -> None:
    with pytest.raises(TypeError, match="object has no TOML form"):
        toml_value(object())
