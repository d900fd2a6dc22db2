"""What OpenAPI says of the API for who reads: schemathesis asks what it allows and what it forbids."""

from contextlib import nullcontext, suppress
from typing import Any

import httpx
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

from tests.consumers.api.conftest import Requests

#: Examples of an operation.
EXAMPLES = 15
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
PATHS = {
    "/v1/commitments", "/v1/tables/{commitment}", "/v1/tables/{commitment}/series",
    "/v1/tables/{commitment}/issues", "/v1/health",
}  # fmt: skip


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_is_a_fault_and_each_is_as_described(
    requests: Requests, client: httpx.Client, mode: GenerationMode
) -> None:
    requests.some(5)
    loaded = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    loaded.config.generation.update(with_security_parameters=False)
    loaded.config.update(base_url=str(client.base_url))
    paths = set()
    # A stream has no end.
    kept = loaded.include(path_regex="^/v1/(tables|commitments|health)").exclude(path_regex="/stream$")
    for found in kept.get_all_operations():
        operation = found.ok()
        paths.add(operation.path)

        @given(case=operation.as_strategy(generation_mode=mode))
        @of_hypothesis(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=PHASES)
        def holds(case: Any) -> None:
            case.headers["Accept"] = "application/json"
            if "{commitment}" in case.path and mode is GenerationMode.POSITIVE:
                case.path_parameters["commitment"] = "streets"
            # It is open; and that there is no such commitment, or moment, is no matter of form.
            excluded = [ignored_auth, positive_data_acceptance, negative_data_rejection]
            case.call_and_validate(excluded_checks=excluded)

        # Of a path alone everything is allowed.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            holds()
    assert paths == PATHS
