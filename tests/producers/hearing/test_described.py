"""What OpenAPI says of hearing back, held against its answers."""

from typing import Any

import pytest
from schemathesis import GenerationMode

from tests.described import asked, interface_of


@pytest.mark.parametrize("settings", ["embedded"], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_is_a_fault_and_each_is_as_described(gateway: Any, mode: GenerationMode) -> None:
    def without_waiting(case: Any) -> None:
        if case.query:
            case.query.pop("wait", None)

    interface = interface_of(gateway.client)
    kept = interface.include(path_regex="^/v1/(issues|changes|webhooks|receipts)")
    assert len(asked(kept, mode, without_waiting)) == 14
