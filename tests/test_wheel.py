"""The wheel: complete, and at work in an environment of its own, far from the checkout."""

import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[1]
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel, and lends the dependencies from ours."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    # A path in a .pth file is added without reading the .pth files found there. So the dependencies are
    # seen without any network, and the checkout, installed in place in our environment, is not.
    (site,) = (home / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    if uv := shutil.which("uv"):
        installer = [uv, "pip", "install", "--offline", "--python", python]
    else:
        installer = [sys.executable, "-m", "pip", "--python", python, "install"]
    subprocess.run([*installer, "--no-deps", "--no-index", wheel], check=True, capture_output=True)
    return home / "bin"


def run(folder: Path, *command: str | Path) -> str:
    result = subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_wheel_holds_every_file_of_the_packages_and_the_examples(wheel: Path) -> None:
    places = {name: name for name in WHEEL["packages"]} | WHEEL["force-include"]
    expected = {
        f"{there}/{path.relative_to(ROOT / here).as_posix()}"
        for here, there in places.items()
        for path in (ROOT / here).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        assert expected <= set(archive.namelist())


def test_the_wheel_holds_nothing_but_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(WHEEL["packages"])


def test_the_installed_command_answers_from_another_folder(installed: Path, tmp_path: Path) -> None:
    assert "livelihood" in run(tmp_path, installed / "livelihood", "--help")


def test_the_installed_packages_are_the_wheels_own_and_bring_the_examples(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "import livelihood, cli.examples as e; print(livelihood.__file__); print(e.example_path('README.md'))"
    )
    for line in run(tmp_path, installed / "python", "-c", code).splitlines():
        assert Path(line).is_relative_to(installed.parent)
