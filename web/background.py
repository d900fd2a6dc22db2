"""What goes on beside the answering of requests, for as long as a server does."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
from sse_starlette.sse import AppStatus

#: After a fault of this software in one of them.
PAUSE_SECONDS = 5.0

_LOGGER = logging.getLogger("livelihood.web")


@asynccontextmanager
async def running(*tasks: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run tasks for as long as this lasts; one that fails is begun again after a while."""
    # A server before this one in the same process may have left it set.
    AppStatus.should_exit = False
    async with anyio.create_task_group() as group:
        for task in tasks:
            group.start_soon(_again_and_again, task)
        yield
        group.cancel_scope.cancel()


async def _again_and_again(task: Callable[[], Awaitable[None]]) -> None:
    while not AppStatus.should_exit:
        try:
            await task()
        except Exception as error:  # noqa: BLE001  # whatever it is, requests are answered meanwhile
            # An error's own text may hold what a person wrote.
            _LOGGER.error("a fault of this software beside requests: %s", type(error).__name__)
            await anyio.sleep(PAUSE_SECONDS)
        else:
            return
