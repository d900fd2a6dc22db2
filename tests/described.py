"""Whether answers are what OpenAPI says: schemathesis asks what it allows and what it forbids."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

#: Examples of an operation.
EXAMPLES = 15
#: What was sent is small enough to be read; making it smaller sends it hundreds of times more.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


def interface_of(client: httpx.Client) -> Any:
    """The interface that a server describes."""
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    loaded = schemathesis.openapi.from_dict(document)
    loaded.config.generation.update(with_security_parameters=False)
    loaded.config.update(base_url=str(client.base_url))
    return loaded


def asked(interface: Any, mode: GenerationMode, prepare: Callable[[Any], None]) -> set[str]:
    """Ask each operation, every case prepared; no answer is a fault and each is as described. Their paths."""
    paths = set()
    for found in interface.get_all_operations():
        operation = found.ok()
        paths.add(operation.path)

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=PHASES)
        def holds(case: Any) -> None:
            case.headers["Accept"] = "application/json"
            prepare(case)
            # It is open; that there is nothing of such a name is no matter of form; and a code is of letters
            # of any language, which the patterns of JSON Schema take for none.
            excluded = [ignored_auth, positive_data_acceptance, negative_data_rejection]
            case.call_and_validate(excluded_checks=excluded)

        # Of a path alone everything is allowed.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            holds()
    return paths
