"""What OpenAPI says of the API for who reads, held against its answers."""

from typing import Any

import httpx
import pytest
from schemathesis import GenerationMode

from tests.consumers.api.conftest import Requests
from tests.described import asked, interface_of

PATHS = {
    "/v1/commitments", "/v1/tables/{commitment}", "/v1/tables/{commitment}/series",
    "/v1/tables/{commitment}/issues", "/v1/health",
}  # fmt: skip


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_is_a_fault_and_each_is_as_described(
    requests: Requests, client: httpx.Client, mode: GenerationMode
) -> None:
    requests.some(5)

    def of_a_commitment(case: Any) -> None:
        if "{commitment}" in case.path and mode is GenerationMode.POSITIVE:
            case.path_parameters["commitment"] = "streets"

    # A stream has no end.
    interface = interface_of(client).include(path_regex="^/v1/(tables|commitments|health)")
    assert asked(interface.exclude(path_regex="/stream$"), mode, of_a_commitment) == PATHS
