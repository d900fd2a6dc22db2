"""Waiting a little for what somebody else is about to have done."""

import time
from collections.abc import Callable


def comes(is_there: Callable[[], bool], seconds: float, look_seconds: float) -> bool:
    """Whether something is so, looked at again and again for about so long.

    Looks are counted, not seconds: where the machine itself paused, nobody worked on it meanwhile either.
    """
    for _ in range(round(seconds / look_seconds)):
        if is_there():
            return True
        time.sleep(look_seconds)
    return is_there()
