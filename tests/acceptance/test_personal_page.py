"""The rehearsal of docs/personal-data.md, line by line, with what it says is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "personal-data.md").read_text("utf-8")
MARK = "=-=-= "
#: The one that must fail.
LOST = "The keys in the vault were wrapped by the master key"


def test_the_rehearsal_goes_as_the_page_says(tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            said.append((command, printed.strip()))
    assert len(said) > 12
    shell = 'livelihood() { "$PYTHON" -c "from cli.main import main; main()" "$@"; }\n'
    lines = [f"{command}\nprintf '\\n{MARK}%s\\n' $?" for command, _ in said]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVELIHOOD_")}
    done = subprocess.run(
        ["bash", "-c", shell + "\n".join(lines)],
        cwd=tmp_path,
        env=environment | {"PYTHON": sys.executable, "NO_COLOR": "1", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
        check=False,
    )
    parts = re.split(rf"^{MARK}(\d+)$", done.stdout, flags=re.MULTILINE)
    ran = list(zip(said, parts[::2], parts[1::2], strict=False))
    assert len(ran) == len(said), done.stdout
    for (command, printed), output, status in ran:
        assert (status != "0") == (printed == LOST), (command, output)
        assert printed in output, (command, output)


def test_the_page_names_every_field_with_its_length() -> None:
    from livelihood.safekeeping import PERSONAL_FIELDS

    listed = re.findall(r"^\| `(\w+)`[^|]*\| ([\d,]+) \|", PAGE, re.MULTILINE)
    assert {name: int(length.replace(",", "")) for name, length in listed} == PERSONAL_FIELDS
