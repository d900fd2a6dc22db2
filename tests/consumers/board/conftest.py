"""Towns to look at."""

from collections.abc import Callable

import pytest

from tests.streams.conftest import Town


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Town]:
    """Founds towns, for tests that need many."""
    numbers = iter(range(1_000_000))
    base = tmp_path_factory.mktemp("towns")
    return lambda: Town(base / str(next(numbers)))
