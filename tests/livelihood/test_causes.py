"""Which cause a text says is found again, with what it names."""

import pytest

from livelihood.causes import ALL, ANSWERED, MAILBOX, REDIRECT, SAID_NO, found_in

VALUES = {
    "host": "town.example",
    "why": "550 no: such user",
    "seconds": "15",
    "status": "302",
    "scheme": "dbus",
}


@pytest.mark.parametrize("cause", ALL)
def test_what_is_said_by_a_cause_is_found_as_that_cause(cause: str) -> None:
    found = found_in(cause.format(**VALUES))
    assert found is not None
    assert found.cause == cause
    assert found.values == {name: value for name, value in VALUES.items() if f"{{{name}}}" in cause}


def test_what_is_none_of_them_is_not() -> None:
    for text in ("", "answered", "answered soon", "a fault of this software", MAILBOX[:20]):
        assert found_in(text) is None
    for cause, text in (
        (ANSWERED, "answered 500"),
        (SAID_NO, "answered 200: 93000 invalid"),
        (REDIRECT, REDIRECT.format(status=301)),
    ):
        found = found_in(text)
        assert found is not None
        assert found.cause == cause
