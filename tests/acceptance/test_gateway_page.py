"""What docs/gateway.md tells a stranger to do is done here, with what it says is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("gateway.md", "keys.md")
MARK = "=-=-= "
#: What differs from one time to the next: receipts and tokens.
_VARIES = re.compile(r"(?<=H-1-)[0-9A-Z]{5}-[0-9A-Z]{5}")


def blocks(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    return list(re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def told(page: str) -> list[tuple[str, str]]:
    """Each command, and what the page says it prints."""
    found = []
    for block in blocks(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            # A document on standard input is part of its command.
            end = lines.index("END") + 1 if "<<'END'" in lines[0] else 1
            found.append(("\n".join(lines[:end]), "\n".join(lines[end:])))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_who_follows_the_page_sees_what_it_says(page: str, tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    steps = told(page)
    assert steps
    lines = ["set -m", *(f"{command}\nprintf '\\n{MARK}%s\\n' $?" for command, _ in steps)]
    environment = {name: one for name, one in os.environ.items() if not name.startswith("LIVELIHOOD_")}
    bin_ = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines).replace("127.0.0.1:8080", address)],
        cwd=tmp_path,
        env=environment
        | {"PATH": f"{bin_}:{environment['PATH']}", "LIVELIHOOD_ADDRESS": address, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=120,
        check=False,
    )
    parts = re.split(rf"^{MARK}(\d+)$", done.stdout, flags=re.MULTILINE)
    printed, statuses = [part.strip() for part in parts[:-1:2]], parts[1::2]
    assert statuses == ["0"] * len(steps), list(zip(steps, statuses, printed, strict=False))
    for (command, expected), got in zip(steps, printed, strict=True):
        if expected:
            assert _VARIES.sub("", got) == _VARIES.sub("", expected), command
