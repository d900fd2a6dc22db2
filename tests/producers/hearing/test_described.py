"""What OpenAPI says of hearing back: schemathesis sends what it allows and what it forbids."""

from contextlib import nullcontext, suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as of_hypothesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

#: Examples of an operation.
EXAMPLES = 15
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@pytest.mark.parametrize("settings", ["embedded"], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_is_a_fault_and_each_is_as_described(gateway: Any, mode: GenerationMode) -> None:
    document = gateway.client.get("/openapi.json").json()
    loaded = schemathesis.openapi.from_dict(document)
    loaded.config.generation.update(with_security_parameters=False)
    loaded.config.update(base_url=str(gateway.client.base_url))
    paths = set()
    for found in loaded.include(path_regex="^/v1/(issues|changes|webhooks|receipts)").get_all_operations():
        operation = found.ok()
        paths.add(operation.path)

        @given(case=operation.as_strategy(generation_mode=mode))
        @of_hypothesis(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=PHASES)
        def holds(case: Any) -> None:
            case.headers["Accept"] = "application/json"
            if case.query:
                case.query.pop("wait", None)
            # It is open; that a channel has no such issue is no matter of form; and a code is of letters of
            # any language, which the patterns of JSON Schema take for none.
            excluded = [ignored_auth, positive_data_acceptance, negative_data_rejection]
            case.call_and_validate(excluded_checks=excluded)

        # Of a path alone everything is allowed.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            holds()
    assert len(paths) == 14
