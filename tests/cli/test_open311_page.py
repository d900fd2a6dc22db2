"""docs/open311.md: its commands, one after the other in one shell, do what it says they do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from producers.open311.texts import PUBLISHABLE
from producers.open311.updates import STATUSES
from tests.ports import free_port

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "open311.md").read_text("utf-8")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    port = free_port()
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    script = "\n".join(re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in blocks)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")}
    done = subprocess.run(
        ["bash", "-c", script.replace(":8080/", f":{port}/")],
        cwd=tmp_path_factory.mktemp("open311"),
        env=environment
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
            "LIVELIHOOD_ADDRESS": f"127.0.0.1:{port}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )
    return done.stdout


def test_a_stranger_reports_a_pothole_and_follows_it_until_it_is_fixed(printed: str) -> None:
    said = [
        "<service_code>pothole</service_code>",
        '"description": "有多深？"',
        "A crew fills it. Promised by ",
        "<status>open</status>",
        "<expected_datetime>20",
        "<lat>30.25</lat>",
        "<update_id>",
        '"status": "closed", "status_notes": "Fixed."',
        '"status": "FIXED"',
    ]
    places = [printed.find(one) for one in said]
    assert -1 not in places, printed
    assert places == sorted(places), printed
    assert "goat" not in printed
    assert "13800000000" not in printed
    assert "errors" not in printed


def test_all_that_may_be_published_and_every_status_is_explained() -> None:
    assert set(re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE)) == set(PUBLISHABLE)
    section = PAGE.partition("## Statuses")[2].partition("##")[0]
    assert set(re.findall(r"`([A-Z_]+)`", section)) - {"POST"} == set(STATUSES)
