"""The interface is what its OpenAPI document says: schemathesis sends what it allows and what it forbids."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from livelihood.envelope import EVENT_MODELS
from livelihood.events import Kind
from livelihood.instants import SECOND, iso
from producers.gateway.examples import DATA, example
from producers.gateway.modes import BATCH
from tests.described import PHASES, interface_of

#: Some fifty years around 1970.
MOST_SECONDS = 1_700_000_000
#: That no time is ahead of the clock is no matter of its form.
schemathesis.openapi.format(
    "date-time",
    st.integers(-MOST_SECONDS, MOST_SECONDS).map(lambda seconds: iso(seconds * SECOND)),
)

#: Examples of an operation; more by HYPOTHESIS_PROFILE=thorough.
EXAMPLES = 100


@pytest.fixture(scope="module")
def interface(kept: Any) -> Any:
    return interface_of(kept.client).include(path_regex="^/v1/events$")


def merges_into_itself(body: Any) -> bool:
    data = body.get("data") if isinstance(body, dict) else None
    return isinstance(data, dict) and "into" in data and data["into"] == body.get("subject")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_as_described(interface: Any, kept: Any, mode: GenerationMode) -> None:
    for found in interface.get_all_operations():

        @given(case=found.ok().as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=PHASES)
        def holds(case: Any) -> None:
            # It is open, so that what comes after the keys is reached. A batch is answered event by event.
            excluded = [ignored_auth, *([negative_data_rejection] if case.media_type == BATCH else [])]
            if merges_into_itself(case.body):
                # Which no schema can say.
                excluded.append(positive_data_acceptance)
            case.call_and_validate(excluded_checks=excluded)

        holds()


def test_there_is_an_example_of_every_kind_and_it_is_accepted(kept: Any) -> None:
    assert set(DATA) == set(EVENT_MODELS) - {Kind.ABSORBED}
    for kind in DATA:
        answer = kept.post(example(kind))
        assert answer.status_code == 202, (kind, answer.text)
