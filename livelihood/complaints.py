"""What pydantic finds wrong with a document, in the words of whoever wrote it."""

from pydantic import ValidationError

#: Pydantic's kind of error -> what to say instead of what it says.
_SAID = {
    "extra_forbidden": "there is no such field",
    "missing": "is missing",
}


def complaints(error: ValidationError) -> list[str]:
    """Everything that is wrong, one line each: where, and what was expected there."""
    return [
        f"{'.'.join(map(str, detail['loc'])) or 'as a whole'}: {complaint(detail['type'], detail['msg'])}"
        for detail in error.errors(include_url=False)
    ]


def complaint(kind: str, message: str) -> str:
    """One error, by its kind and pydantic's own message."""
    return _SAID.get(kind) or message.removeprefix("Value error, ")
