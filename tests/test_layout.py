"""The shape of the project, held by reading its files: who imports whom, and what every file must keep to."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

#: Package -> the other packages of the project it may import (DESIGN: imports point one way).
MAY_IMPORT: dict[str, set[str]] = {
    "livelihood": set(),
    "backends": {"livelihood"},
    "streams": {"livelihood"},
    "web": {"livelihood"},
    "producers": {"livelihood", "web"},
    "consumers": {"livelihood", "web"},
    "cli": {"livelihood", "backends", "streams", "producers", "consumers", "web"},
}
#: The one module that may reach up: Faust's own command line enters there and asks cli for its parts.
EXCEPTIONS = {("streams/app.py", "cli")}
#: Never part of the product, so never imported by it.
NOT_SHIPPED = {"tests", "bench", "examples", "scripts"}

#: What the domain may use from outside the standard library.
DOMAIN_LIBRARIES = {"pydantic", "pydantic_core", "annotated_types", "msgspec", "typing_extensions"}
#: Standard modules that read a clock, touch the outside or give another answer each time. zoneinfo and
#: importlib.resources are not among them: what they read was installed, like the code itself.
DOMAIN_FORBIDS = {
    *("_thread", "asyncio", "concurrent", "multiprocessing", "threading", "sched", "signal", "select"),
    *("os", "sys", "platform", "locale", "getpass", "ctypes", "subprocess", "logging"),
    *("io", "pathlib", "glob", "fileinput", "shutil", "tempfile", "mmap", "pickle", "shelve", "sqlite3"),
    *("socket", "socketserver", "selectors", "ssl", "http", "ftplib", "smtplib", "urllib.request"),
    *("time", "random", "secrets"),
}
CLOCK_READS = {"now", "utcnow", "today", "uuid1", "uuid4", "time_ns", "monotonic", "perf_counter"}
IO_BUILTINS = {"open", "print", "input", "breakpoint", "exec", "eval"}

#: Names that, as a module of ours, have hidden the standard or third-party module of the same name.
SHADOWS = {"calendar", "queue", "types", "redis"}
#: A backend may bear the name of its technology: nothing imports it without `backends.` before it.
TECHNOLOGIES = {"backends/redis", "tests/backends/redis"}
LONGEST_MODULE_LINES = 300


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import, wherever it stands, written as a statement or as a call."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names):
                yield node.lineno, f"{'.' * node.level}{module or ''}"
                # `from urllib import request` names a module as surely as `import urllib.request`.
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in names if module)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def project_files() -> list[Path]:
    """Files that are, or will be at the next commit, in the repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and a checkout")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def declared_dependencies() -> set[str]:
    project = PYPROJECT["project"]
    groups = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PYPROJECT["dependency-groups"].values(),
        PYPROJECT["build-system"]["requires"],
    ]
    return {re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for group in groups for requirement in group}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_between_packages_point_one_way(package: str) -> None:
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[package] - {package} | NOT_SHIPPED
    wrong = [
        f"{relative(path)}:{line} imports {name}"
        for path in modules(package)
        for line, name in imports(ast.parse(path.read_text()))
        if (top := name.split(".")[0]) in forbidden and (relative(path), top) not in EXCEPTIONS
    ]
    assert not wrong


def test_the_domain_imports_only_the_standard_library_pydantic_and_msgspec() -> None:
    allowed = sys.stdlib_module_names | DOMAIN_LIBRARIES | {"livelihood"}
    wrong = [
        f"{relative(path)}:{line} imports {name}"
        for path in modules("livelihood")
        for line, name in imports(ast.parse(path.read_text()))
        if name.split(".")[0] not in allowed
    ]
    assert not wrong


def test_the_domain_reads_no_clock_and_does_no_input_or_output() -> None:
    wrong = []
    for path in modules("livelihood"):
        tree = ast.parse(path.read_text())
        for line, name in imports(tree):
            if {name, name.split(".")[0]} & DOMAIN_FORBIDS:
                wrong.append(f"{relative(path)}:{line} imports {name}")
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(attr=name) if name in CLOCK_READS:
                    wrong.append(f"{relative(path)}:{node.lineno} uses .{name}")
                case ast.Call(func=ast.Name(id=name)) if name in IO_BUILTINS | CLOCK_READS:
                    wrong.append(f"{relative(path)}:{node.lineno} calls {name}")
    assert not wrong


def test_no_module_hides_another_of_the_same_name() -> None:
    # A folder with Python in it is as importable as a module, with or without an __init__.py.
    top_level = {path.stem for path in ROOT.glob("*.py")}
    top_level |= {path.parent.name for path in ROOT.glob("*/*.py") if not path.parent.name.startswith(".")}
    assert not top_level & (sys.stdlib_module_names | SHADOWS)
    inside = modules(*MAY_IMPORT, "tests", "bench")
    hidden = {relative(path) for path in inside if path.stem in SHADOWS}
    hidden |= {relative(path.parent) for path in inside if path.parent.name in SHADOWS}
    assert not hidden - TECHNOLOGIES


def test_every_folder_of_a_package_says_in_its_docstring_what_lives_there() -> None:
    folders = {path.parent for path in modules(*MAY_IMPORT)}
    silent = [
        relative(folder)
        for folder in folders
        if not (init := folder / "__init__.py").exists() or not ast.get_docstring(ast.parse(init.read_text()))
    ]
    assert not silent


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_every_package_says_what_it_may_import(package: str) -> None:
    assert "May import:" in (ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text())) or "")


def test_every_module_can_be_read_in_one_sitting() -> None:
    code = modules(*MAY_IMPORT, "bench", "scripts")
    lengths = {relative(path): len(path.read_text().splitlines()) for path in code}
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE_LINES}


def test_a_folder_that_lists_its_modules_lists_all_of_them() -> None:
    wrong = {}
    for init in modules(*MAY_IMPORT, "bench"):
        doc = ast.get_docstring(ast.parse(init.read_text())) or ""
        listed = set(re.findall(r"^    (\w+\.py) ", doc, re.MULTILINE))
        there = {path.name for path in init.parent.glob("*.py")} - {"__init__.py"}
        if init.name == "__init__.py" and listed and listed != there:
            wrong[relative(init)] = listed ^ there
    assert not wrong


def test_a_package_that_lists_its_folders_lists_all_of_them() -> None:
    wrong = {}
    for package in MAY_IMPORT:
        doc = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text())) or ""
        listed = set(re.findall(r"^    (\w+) {2,}", doc, re.MULTILINE))
        there = {init.parent.name for init in (ROOT / package).glob("*/__init__.py")}
        if listed and listed != there:
            wrong[package] = listed ^ there
    assert not wrong


def test_modules_that_the_architecture_names_are_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`(\w+/[\w/]+\.py)`", page)
    assert named
    assert not [name for name in named if not (ROOT / name).is_file()]


def test_tests_are_no_packages() -> None:
    assert not [relative(path) for path in modules("tests") if path.name == "__init__.py"]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    # Which registry or mirror serves the packages is the user's setting, not ours. Written in pieces, so
    # that this file does not hold what it looks for.
    hosts = [
        "pypi" + ".org",
        "pypi" + ".python",
        "python" + "hosted",
        "npm" + "js.",
        "npm" + "mirror",
        "yarn" + "pkg.com",
        "un" + "pkg.com",
        "js" + "delivr",
        "maven" + ".org",
        "maven" + ".apache.org",
        "maven" + ".google",
        "sona" + "type.org",
        "crates" + ".io",
        "proxy" + ".golang",
        "ruby" + "gems.org",
        "ana" + "conda.org",
    ]
    pattern = re.compile("|".join(re.escape(host) for host in hosts).encode(), re.IGNORECASE)
    found = {relative(path): m[0] for path in project_files() if (m := pattern.search(path.read_bytes()))}
    assert not found


def test_the_lock_pins_every_dependency_by_hash_and_names_no_place_to_get_it_from() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    # One may have another version for an older Python.
    pinned = re.findall(r"^([\w.-]+)==.*\\\n\s+--hash=sha256:", lock, re.MULTILINE)
    assert declared_dependencies() <= set(pinned)
    assert len(pinned) == len(re.findall(r"^[A-Za-z]", lock, re.MULTILINE))
    assert not re.findall(r"--(?:extra-)?index-url|--find-links|--trusted-host|://", lock)


def test_the_page_of_dependencies_gives_the_reason_for_each_and_for_no_other() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    explained = re.findall(r"^\| `([\w.-]+)` \| \S.{15,} \|$", page, re.MULTILINE)
    assert sorted(explained) == sorted(declared_dependencies())


def test_packages_are_named_the_same_wherever_they_are_listed() -> None:
    tools = PYPROJECT["tool"]
    makefile = re.search(r"^PACKAGES := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert makefile
    for listed in (
        tools["hatch"]["build"]["targets"]["wheel"]["packages"],
        tools["mypy"]["packages"],
        makefile[1].split(),
    ):
        assert sorted(listed) == sorted(MAY_IMPORT)
