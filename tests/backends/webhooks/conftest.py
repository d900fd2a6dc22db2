"""An endpoint that answers as a test says, and keeps a record of what it was sent."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from backends.webhooks.addresses import Addresses

# Fixtures are found by their names here.
from tests.backends.webhooks.chats import chats
from tests.backends.webhooks.mailbox import mailbox

__all__ = ["chats", "mailbox"]

#: What an endpoint does with a request: an answer's status, "hang" or "close".
Behaviour = Callable[[str], int | str]
LOCAL = Addresses(["127.0.0.0/8"], http=True)


@dataclass
class Got:
    """A request that came."""

    id: str
    headers: dict[str, str]
    body: str
    #: What was answered, as said.
    answer: int | str = 0
    #: Which process sent it, as the test counts them.
    generation: int = 0


@dataclass
class Receiver:
    """Listens on this machine."""

    behave: Behaviour = lambda _: 200
    generation: int = 0
    got: list[Got] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                got = Got(headers.get("webhook-id", ""), headers, body, 0, receiver.generation)
                got.answer = receiver.behave(got.id)
                receiver.got.append(got)
                self.close_connection = True
                if got.answer == "hang":
                    receiver.ended.wait(30)
                    return
                if got.answer == "close":
                    return
                self.send_response(int(got.answer))
                if 300 <= int(got.answer) < 400:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                # Whoever was killed leaves half a request.
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def ids(self) -> list[str]:
        return [got.id for got in self.got]

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()
