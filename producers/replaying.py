"""Events put right by hand: each is checked like any other and goes by the one way in."""

import json

from livelihood.envelope import InvalidEvent, parse_event
from producers.answers import Asked, Refusal
from producers.channel_keys import OPEN
from producers.intake import Intake, Prepared
from producers.personal import sealed, split
from web.context import Context


class Replay:
    """Takes them in. Threads may share it."""

    def __init__(self, context: Context, intake: Intake) -> None:
        self._context = context
        self._intake = intake

    def __call__(self, document: bytes) -> None:
        """Append one event, durably once this returns; one that is there already changes nothing.

        What it says of a person may come sealed for its issue, or in clear to be sealed. It counts as
        recorded when it says it was. InvalidEvent names the field at fault; Unavailable: it was not appended.
        """
        clear, personal = split(json.loads(document))
        event = parse_event(json.dumps(clear), self._context.clock())
        event = sealed(event, personal, self._context.sealer.seal)
        objection = OPEN.objection(event)
        if objection is not None:
            raise InvalidEvent(*objection)
        (answer,) = self._intake.wait(Prepared([Asked.of(event)], OPEN))
        if isinstance(answer, Refusal):
            raise InvalidEvent(answer.field, answer.message)
