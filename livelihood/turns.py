"""Turns: what one process does at a time, of however many servers there are.

Whoever holds a turn renews it; who has not for a while has ended, or sleeps, and another takes it.
"""

import json
from collections.abc import Callable

from livelihood.instants import SECOND, Instant
from livelihood.safekeeping import Drawer, Vault

TURNS: Drawer = "turn"
#: Whoever has not renewed it for so long has ended, or sleeps.
TURN_LENGTH: Instant = 15 * SECOND
#: It is renewed three times before it ends.
RENEW_SECONDS = TURN_LENGTH / SECOND / 3


class Turn:
    """Of one process, at one thing."""

    def __init__(self, store: Vault, name: str, who: str, clock: Callable[[], Instant]) -> None:
        """`who` is another for each process."""
        self._store = store
        self._name = name
        self._clock = clock
        self._who = who

    def take(self) -> bool:
        """Take or renew it; whether it is ours for TURN_LENGTH from now. Unavailable; blocks."""
        now = self._clock()
        ours = json.dumps({"who": self._who, "until": now + TURN_LENGTH}).encode()
        held = self._store.add(TURNS, self._name, ours)
        if held == ours:
            return True
        known = json.loads(held)
        if known["who"] != self._who and known["until"] > now:
            return False
        return self._store.replace(TURNS, self._name, held, ours)

    def give_back(self) -> None:
        """Let another take it at once. Unavailable; blocks."""
        held = self._store.get(TURNS, self._name)
        if held is not None and json.loads(held)["who"] == self._who:
            self._store.replace(TURNS, self._name, held, json.dumps({"who": "", "until": 0}).encode())
