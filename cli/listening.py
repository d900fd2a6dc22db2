"""HTTP on one address, from a thread of its own, beside whatever else the process does."""

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from cli.failures import MISSING, Failure
from web.guards import is_loopback_name

#: How long requests under way may take once it is to stop.
DRAIN_SECONDS = 10
#: Connections waiting to be taken up.
BACKLOG = 2_048


class _Server(uvicorn.Server):
    """Leaves nobody connected when it has ended."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As it does; then whoever has not taken what was sent to the end is cut off."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # They are closed in the loop's next turn, which would not come any more.
        await asyncio.sleep(0)


class Listening:
    """A server on an address, taken at once; it answers from entering until leaving."""

    def __init__(self, address: str) -> None:
        """Take the address, "host:port"; port 0: any that is free. Failure where it cannot be had."""
        host, _, port = address.rpartition(":")
        self.host = host.strip("[]")
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Said by name: else asyncio does not see that it is TCP, and every answer waits 40 ms for the one who
        # asked to acknowledge its head.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((self.host, int(port)))
        except OSError as error:
            self._socket.close()
            raise Failure(
                f"{address} cannot be listened on: {error.strerror or error}. Choose another by the setting"
                " `address` (port 0: any that is free).",
                MISSING,
            ) from None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False
        #: Whether it has ended without being told to.
        self.failed = False

    @property
    def url(self) -> str:
        """Where it is, as a link."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self._socket.getsockname()[1]}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback_name(self.host)

    def start(self, app: ASGIApp, on_end: Callable[[], None]) -> None:
        """Begin to answer; `on_end` is called when that has ended, by itself too."""
        config = uvicorn.Config(
            app,
            backlog=BACKLOG,
            # Paths and addresses are people's own business.
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        server = self._server = _Server(config)

        def run() -> None:
            try:
                server.run(sockets=[self._socket])
            finally:
                self.failed = not self._stopped
                on_end()

        self._thread = threading.Thread(target=run, name="http", daemon=True)
        self._thread.start()
        while not server.started and self._thread.is_alive():
            time.sleep(0.01)

    def stop(self) -> None:
        """Take nothing new, answer what is under way, and end."""
        self._stopped = True
        if self._server is not None and self._thread is not None:
            # As by a signal, which is what streams of events listen to.
            self._server.handle_exit(signal.SIGTERM, None)
            self._thread.join(DRAIN_SECONDS + 5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._socket.close()
