"""`serve`: where it listens, whom it lets in, and how it ends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from cli.engine import open_engine
from cli.failures import MISSING, USAGE, Failure
from cli.listening import Listening
from cli.serving import serve
from cli.settings import Settings, load
from tests.patience import PATIENCE_SECONDS


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """A server in another thread; what it says first."""
    stop, said = threading.Event(), StringIO()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with open_engine(settings) as engine:
                serve(engine, settings, stop, Console(file=said, width=300))
        except BaseException as error:  # noqa: BLE001  # told to the test
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while thread.is_alive() and "Listening on" not in said.getvalue():
            thread.join(0.05)
        if not failures:
            yield said.getvalue()
    finally:
        stop.set()
        thread.join()
    if failures:
        raise failures[0]


def url_in(said: str) -> str:
    return said.partition("Listening on ")[2].split()[0].rstrip(".")


def test_without_a_key_it_listens_on_this_machine_and_says_that_it_is_open(data: Path, run: Any) -> None:
    settings = Settings(data=data, address="127.0.0.1:0")
    with served(settings) as said:
        assert "Open to whoever uses this machine: no key and no account exists yet." in said
        assert httpx.get(f"{url_in(said)}/healthz", timeout=PATIENCE_SECONDS).json() == {"status": "serving"}
    assert run("keys", "add", "phone", "--may", "all", "--data", data).status == 0
    with served(settings) as said:
        assert "Open" not in said


def test_another_address_needs_a_key_first(data: Path, run: Any) -> None:
    elsewhere = {"address": "0.0.0.0:0", "public_url": "https://311.example/", "master_key": "A" * 43}
    settings = Settings(data=data, **elsewhere)
    with (
        pytest.raises(Failure, match=r"from other machines.*livelihood keys add") as failure,
        served(settings),
    ):
        pass
    assert failure.value.status == USAGE
    assert run("keys", "add", "phone", "--may", "all", "--data", data).status == 0
    with served(settings) as said:
        assert "(https://311.example)" in said


def test_whoever_names_a_provider_has_closed_the_server_before_the_first_account(data: Path) -> None:
    provider = {"oidc_issuer": "https://id.town.example", "oidc_client": "livelihood"}
    elsewhere = {"address": "0.0.0.0:0", "public_url": "https://311.example/", "master_key": "A" * 43}
    with served(Settings(data=data, address="127.0.0.1:0", **provider)) as said:
        assert "Open" not in said
        page = httpx.get(f"{url_in(said)}/sign-in", timeout=PATIENCE_SECONDS).text
        assert "Nobody has to sign in" not in page
        assert 'href="/sign-in/provider?next=' in page
    with served(Settings(data=data, **elsewhere, **provider)) as said:
        assert "Open" not in said


def test_an_account_is_enough_to_listen_elsewhere_and_closes_the_pages(data: Path, run: Any) -> None:
    assert run("accounts", "add", "chen", "--role", "admin", "--generate", "--data", data).status == 0
    elsewhere = {"public_url": "https://311.example/", "master_key": "A" * 43}
    with served(Settings(data=data, address="0.0.0.0:0", **elsewhere)) as said:
        answer = httpx.get(
            f"{url_in(said)}/window", headers={"accept": "text/html"}, timeout=PATIENCE_SECONDS
        )
        assert answer.headers["location"].startswith("/sign-in")


def test_an_address_that_is_taken_is_said_so(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = Settings(data=data, address=address)
        with pytest.raises(Failure, match=f"{address} cannot be listened on") as failure, served(settings):
            pass
    assert failure.value.status == MISSING


@pytest.mark.parametrize(
    "address", ["8080", "localhost", "host:port", "a b:80", "[::1]", "127.0.0.1:65536", "127.0.0.1:80\n"]
)
def test_an_address_that_is_none_is_refused(data: Path, address: str) -> None:
    with pytest.raises(Failure, match=r"--address: expected host:port, as 127\.0\.0\.1:8080"):
        load(data=data, address=address)


def test_a_server_that_ends_by_itself_is_a_failure(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    def run(server: uvicorn.Server, sockets: object = None) -> None:
        server.started = True

    monkeypatch.setattr(uvicorn.Server, "run", run)
    settings = Settings(data=data, address="127.0.0.1:0")
    with pytest.raises(Failure, match="ended by itself"), served(settings):
        pass


def test_an_address_of_the_newer_kind(data: Path) -> None:
    try:
        listening = Listening("[::1]:0")
    except Failure:
        pytest.skip("this machine has no such addresses")
    with listening:
        assert listening.url.startswith("http://[::1]:")
        assert listening.is_local
