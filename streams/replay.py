"""Dead letters put right: each is checked like any event and appended to the log once more."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from livelihood.envelope import InvalidEvent, parse_event
from livelihood.instants import Instant
from livelihood.partitions import partition_of
from livelihood.ports import EventLog, NewRecord, Refused, Unavailable

#: What cannot be appended now is tried again after so long, twice as long each time.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0

_encode = msgspec.json.Encoder().encode

#: Writes a dead letter durably: partition, key, JSON. Unavailable where that cannot be now.
SendLetter = Callable[[int, bytes, bytes], Awaitable[None]]


class Replay:
    """Takes what is sent to the topic of replays."""

    def __init__(
        self,
        log: EventLog,
        clock: Callable[[], Instant],
        send_letter: SendLetter,
        say: Callable[[str], None],
    ) -> None:
        """What is refused goes back to the dead letters; `say` is told what a person should know."""
        self._log = log
        self._clock = clock
        self._send_letter = send_letter
        self._say = say

    async def take(self, place: str, key: str, value: bytes) -> bool:
        """Append one event, or say in a dead letter why not; whether it was appended.

        Returns only once one of both is durable, for what was returned from is not read again. `place`
        says where it stood, `key` the root issue as its sender gave it.
        """
        pause, said = FIRST_PAUSE_SECONDS, ""
        while True:
            try:
                refused = await self._append(value)
                if refused:
                    letter = _encode({"key": key, "reason": f"{place}: {refused}"})
                    await self._send_letter(partition_of(key, self._log.partitions), key.encode(), letter)
            except Unavailable as error:
                if said != str(error):
                    self._say(f"{place} waits: {error}")
                said = str(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                return not refused

    async def _append(self, value: bytes) -> str:
        """Append an event; why it is refused, empty where it is not."""
        try:
            event = parse_event(value, self._clock())
            await asyncio.to_thread(self._log.append, [NewRecord(event.key, event.to_json())])
        except (InvalidEvent, Refused) as error:
            return str(error)
        return ""
