"""docker-compose.yml and Dockerfile, as far as they can be held without an engine to run them."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = Path(sys.executable).parent / "docker-compose"
#: An image with all of a version, never one that is another tomorrow.
PINNED = re.compile(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*$")


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


@pytest.mark.parametrize("profiles", [(), ("gateway",)])
def test_compose_itself_takes_the_file_and_scales_workers_by_one_number(profiles: tuple[str, ...]) -> None:
    known = {**os.environ, "WORKERS": "7", "MASTER_KEY": "x", "COMPOSE_PROFILES": ",".join(profiles)}
    command = [COMPOSE, "--file", ROOT / "docker-compose.yml", "config"]
    done = subprocess.run(command, capture_output=True, text=True, env=known, check=False)
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert services["worker"]["deploy"]["replicas"] == 7
    assert ("gateway" in services) == bool(profiles)


def test_every_image_that_is_fetched_is_pinned(stack: dict[str, Any]) -> None:
    images = [service["image"] for service in stack["services"].values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(images) == 5
    assert not [image for image in images if not PINNED.match(image)]


def test_nothing_runs_as_root_or_writes_where_it_need_not(stack: dict[str, Any]) -> None:
    for name, service in stack["services"].items():
        assert int(str(service["user"]).split(":")[0]) > 0, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
    assert re.search(r"^USER [1-9]\d*$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_only_this_machine_reaches_the_published_ports(stack: dict[str, Any]) -> None:
    ports = [port for service in stack["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_must_last_is_in_volumes_and_is_written_through(stack: dict[str, Any]) -> None:
    services = stack["services"]
    assert set(stack["volumes"]) == {"kafka", "valkey", "vault"}
    data = services["kafka"]["environment"]["KAFKA_LOG_DIRS"]
    assert services["kafka"]["volumes"] == [f"kafka:{data}"]
    for name in ("valkey", "vault"):
        assert services[name]["volumes"] == [f"{name}:/data"]
        assert {"--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction"} <= set(
            services[name]["command"]
        )


def test_workers_wait_for_topics_and_topics_for_servers_that_are_well(stack: dict[str, Any]) -> None:
    services = stack["services"]
    assert all("healthcheck" in services[name] for name in ("kafka", "valkey", "worker"))
    assert services["worker"]["depends_on"] == {"init": {"condition": "service_completed_successfully"}}
    assert {one["condition"] for one in services["init"]["depends_on"].values()} == {"service_healthy"}


def test_the_gateway_is_there_for_who_asks_for_it_and_waits_for_topics(stack: dict[str, Any]) -> None:
    gateway, worker = stack["services"]["gateway"], stack["services"]["worker"]
    assert gateway["profiles"] == ["gateway"]
    assert gateway["depends_on"] == worker["depends_on"]
    assert gateway["environment"].items() > worker["environment"].items()
    assert "/readyz" in gateway["healthcheck"]["test"][-1]


def test_the_image_is_given_everything_the_wheel_is_built_from() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    given = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    needed = {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "README.md", "LICENSE"}
    assert needed | {"requirements.lock"} == given
