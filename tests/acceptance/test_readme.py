"""What the README says can be done is done here: every command of its console blocks, with what it prints."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
#: Printed between two commands, so that it is known what each printed, and how it ended.
MARK = "=-=-= "


@dataclass(frozen=True)
class Said:
    """A command of the README, and what it says is printed; None where it says nothing."""

    command: str
    printed: str | None


def commands() -> list[Said]:
    said: list[Said] = []
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            said.append(Said(command, printed or None))
    return said


def bare(text: str) -> str:
    """A text without the spaces at the ends of its lines and the empty lines around it."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip("\n")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str]]:
    """The commands, one after the other in one shell beside the checkout's examples: statuses and outputs."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / ".venv").symlink_to(sys.prefix)
    lines = [f"{one.command}\nprintf '\\n{MARK}%s\\n' $?" for one in commands()]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")}
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=folder,
        env=environment
        | {"COLUMNS": "80", "NO_COLOR": "1", "HOME": str(folder), "LIVELIHOOD_ADDRESS": "127.0.0.1:0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )
    parts = re.split(rf"^{MARK}(\d+)$", done.stdout, flags=re.MULTILINE)
    return [(int(status), printed) for printed, status in zip(parts[::2], parts[1::2], strict=False)]


@pytest.mark.parametrize("number", range(len(commands())), ids=[one.command[:40] for one in commands()])
def test_every_command_works_and_prints_what_is_said(session: list[tuple[int, str]], number: int) -> None:
    assert len(session) == len(commands()), session[-1]
    status, printed = session[number]
    said = commands()[number]
    # `kill` ends the server, and the shell's own remark on that is not what is said.
    assert status in (0, 143), printed
    if said.printed is not None:
        assert bare(printed) == bare(said.printed)


def test_what_is_made_with_make_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_page_and_picture_it_names_is_there() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / name).exists(), name
    assert "http" not in (ROOT / "docs" / "boston.svg").read_text("utf-8").replace(
        "http://www.w3.org", ""
    ).replace("https://www.textualize.io", "")


def test_every_page_of_the_docs_is_in_their_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")} - {
        "README.md"
    }
    assert {page for page in pages if not page.startswith("decisions/")} <= set(
        re.findall(r"\]\(([^)#]+)\)", index)
    )


def test_decisions_are_numbered_one_after_the_other() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").iterdir())]
    assert numbers == list(range(1, len(numbers) + 1))
