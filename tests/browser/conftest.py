"""A real browser, and a server of its own process for it to look at.

Chromium is taken from PATH, or installed as a package where that is possible. Where there is none the tests
are skipped, and say so; in CI that is a failure.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright
from typer.testing import CliRunner

from cli.main import app
from tests.sites import MINGCHUAN

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).parent / "livelihood"
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PASSWORD = "four words do well"
ACCOUNTS = {
    "lin": ("window", "streets", "water", "sanitation"),
    "wang": ("supervisor", "streets", "water"),
    "mayor": ("viewer",),
    "bo": ("operator",),
    "chen": ("admin",),
}


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install_chromium() -> str:
    """Install Debian's package; what stood in the way, or nothing."""
    if os.environ.get("LIVELIHOOD_INSTALL_BROWSER", "1") == "0":
        return "LIVELIHOOD_INSTALL_BROWSER=0 forbids to install one"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return "it can be installed here only by hand (on Debian: apt-get install chromium)"
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"]
    for command in (["apt-get", "update"], install):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{' '.join(command)} failed: {done.stderr[-300:]}"
    return ""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    why = "" if find_chromium() else install_chromium()
    found = find_chromium()
    if found is None:
        text = f"There is no Chromium, so no page was looked at in a browser: {why}"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return found


@dataclass
class Server:
    """`livelihood serve`, with two weeks of Mingchuan in it."""

    url: str
    data: Path

    def run(self, *arguments: str, given: str = "") -> str:
        """Run a command on its data."""
        return run_command(self.data, *arguments, given=given)


def run_command(data: Path, *arguments: str, given: str = "") -> str:
    """In this process, which is another one than the server's."""
    done = CliRunner().invoke(app, [*arguments, "--data", str(data)], input=given)
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("browser")
    data, catalogue = folder / "data", folder / "catalogue.toml"
    catalogue.write_text(MINGCHUAN, "utf-8")
    events = folder / "events.jsonl"
    until = datetime.now().astimezone().isoformat()
    simulated = [sys.executable, "-m", "examples.simulate_mingchuan", "--until", until]
    events.write_bytes(subprocess.run(simulated, cwd=ROOT, capture_output=True, check=True).stdout)
    run_command(data, "catalogue", "publish", str(catalogue))
    run_command(data, "publish", str(events))
    for name, (role, *departments) in ACCOUNTS.items():
        limited = [word for code in departments for word in ("--department", code)]
        run_command(data, "accounts", "add", name, "--role", role, *limited, given=f"{PASSWORD}\n")
    process = subprocess.Popen(
        [COMMAND, "serve", "--address", "127.0.0.1:0", "--data", data],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if listening := re.search(r"Listening on (http://[\d.:]+\d)", said.replace("\n", " ")):
            yield Server(listening[1], data)
            break
    process.terminate()
    said += process.stderr.read()
    assert process.wait(60) == 0, said
    process.stderr.close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser for a module: its loop would be in the way of others' tests."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield made
        made.close()


@dataclass
class Visitor:
    """A person at a browser, and what the browser complained of meanwhile."""

    page: Page
    context: BrowserContext
    server: Server
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.server.url + path)
        return self.page

    def sign_in(self, name: str) -> None:
        """By the keyboard: the first field has the focus."""
        self.go("/sign-in")
        # A page can be loaded a moment before the focus is where it is said to be.
        self.page.wait_for_selector("#name:focus")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        self.page.wait_for_load_state()

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it is now."""
        self.page.evaluate(f"() => {{ {AXE} }}")
        # What it found in order is most of what it has to say, and would take longer than looking for it.
        found = self.page.evaluate(
            "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
            " 'best-practice'], resultTypes: ['violations']}).then((found) => found.violations)"
        )
        return [
            f"{one['id']}: {one['help']}: {node['html'][:160]}: {node.get('failureSummary', '')[:200]}"
            for one in found
            for node in one["nodes"]
        ]


Visiting = Callable[..., Visitor]


@pytest.fixture(scope="session")
def signed_in() -> dict[tuple[str, str], StorageState]:
    """Server and account -> what a browser keeps of having signed in: a hash takes long, as it should."""
    return {}


@pytest.fixture
def visit(
    browser: Browser, server: Server, signed_in: dict[tuple[str, str], StorageState]
) -> Iterator[Visiting]:
    """Make a visitor; nothing may come from elsewhere, and the console stays silent."""
    made: list[Visitor] = []

    def visiting(
        name: str = "", *, language: str = "en", theme: str = "light", width: int = 1280, scripts: bool = True
    ) -> Visitor:
        context = browser.new_context(
            locale={"zh": "zh-CN", "en": "en-GB"}[language],
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            storage_state=signed_in.get((server.url, name)),
        )
        # Something that must come at all: a shared machine pauses.
        context.set_default_timeout(120_000)
        visitor = Visitor(context.new_page(), context, server)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitor.page.on(
            "console", lambda said: visitor.complaints.append(said.text) if said.type == "error" else None
        )
        visitor.page.on(
            "request",
            lambda asked: None if asked.url.startswith(server.url) else visitor.complaints.append(asked.url),
        )
        made.append(visitor)
        if (server.url, name) in signed_in:
            visitor.go("/")
        elif name:
            visitor.sign_in(name)
            signed_in[server.url, name] = context.storage_state()
        return visitor

    yield visiting
    for visitor in made:
        visitor.context.close()
    assert [complaint for visitor in made for complaint in visitor.complaints] == []
