"""`forget`, `looks`, `issue --personal` and `master-key`: from the command line, on a data folder."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backends.sealing.master_keys import new_master_key, parse_master_keys
from backends.vaults.sqlite_vault import SqliteVault
from livelihood.safekeeping import PERSONS


@pytest.fixture
def said(run: Any, data: Path, event: Callable[..., str], lines: Any) -> Path:
    """A data folder with two issues of one person, one of another, and one in which nobody says anything."""
    ann = {"name": "Ann", "phone": "617 555 0100", "text": "It [b]stinks[/b]."}
    events = [
        event(subject=f"H-{number}", data={"service": "pothole"} | ({"personal": clear} if clear else {}))
        for number, clear in enumerate(
            (ann, {"phone": "+1 617 555 0100"}, {"email": "bob@example.org"}, None)
        )
    ]
    events.append(event("commented", subject="H-0", data={"personal": {"text": "She called again."}}))
    published = run("publish", lines(events), "--data", data)
    assert published.status == 0, published.err
    return data


def personal(run: Any, data: Path, issue: str) -> list[Any]:
    shown = run("issue", issue, "--personal", "--format", "json", "--data", data)
    assert shown.status == 0, shown.err
    return [one["personal"] for one in shown.json]


def test_what_was_said_is_shown_and_each_look_recorded(run: Any, said: Path) -> None:
    assert personal(run, said, "H-0") == [
        {"name": "Ann", "phone": "617 555 0100", "text": "It [b]stinks[/b]."},
        {"text": "She called again."},
    ]
    shown = run("issue", "H-0", "--personal", "--data", said)
    assert "It [b]stinks[/b]." in shown.out
    assert "commented, by phone" in shown.out
    assert "Nobody said anything" in run("issue", "H-3", "--personal", "--data", said).out
    looks = run("looks", "--format", "json", "--data", said).json
    assert [one["issue"] for one in looks] == ["H-0", "H-0", "H-3"]
    assert all(one["who"].startswith("command line, ") for one in looks)
    assert run("looks", "--issue", "H-3", "--data", said).out.count("H-3") == 1
    assert run("looks", "--issue", "H-2", "--data", said).out == "Nobody has looked.\n"
    assert run("issue", "H-9", "--personal", "--data", said).status == 1
    plain = run("issue", "H-0", "--format", "json", "--data", said)
    assert "sealed" not in plain.out
    assert "Ann" not in plain.out


@pytest.mark.parametrize(
    ("arguments", "given"),
    [(("forget",), "617-555-0100\n"), (("forget", "--person", "6175550100"), ""), (("forget", "H-1"), "")],
)
def test_a_person_is_forgotten_by_what_they_gave_or_by_an_issue(
    run: Any, said: Path, arguments: tuple[str, ...], given: str
) -> None:
    before = run("table", "--format", "json", "--data", said).json
    done = run(*arguments, "--data", said, given=given)
    assert done.status == 0, done.err
    assert "1 key was deleted: what was sealed in 2 issues cannot be read any more" in done.out
    assert personal(run, said, "H-0") == [None, None]
    assert personal(run, said, "H-2") == [{"email": "bob@example.org"}]
    assert "forgotten, or sealed" in run("issue", "H-0", "--personal", "--data", said).out
    assert "had been forgotten before" in run(*arguments, "--data", said, given=given).out
    assert run("verify", "--data", said).status == 0
    after = run("table", "--format", "json", "--data", said).json
    assert [row["received"] for row in after] == [row["received"] for row in before]


def test_who_is_nobody_is_not_forgotten_and_not_quoted(run: Any, said: Path) -> None:
    none = run("forget", "--data", said, given="")
    assert (none.status, "Nobody was named" in none.err) == (2, True)
    wrong = run("forget", "--data", said, given="138****0000\n")
    assert (wrong.status, "Nobody was forgotten" in wrong.err) == (2, True)
    assert "138" not in wrong.out + wrong.err
    assert run("forget", "H-1", "--person", "x", "--data", said).status == 2
    for issue in ("H-111", ""):
        mistyped = run("forget", issue, "--data", said)
        assert (mistyped.status, mistyped.out) == (1, "")
        assert f"Nobody was forgotten: there is no issue {issue!r}" in mistyped.err
    assert personal(run, said, "H-1") == [{"phone": "+1 617 555 0100"}]


def test_a_vault_restored_from_a_backup_hears_who_was_forgotten(run: Any, said: Path) -> None:
    shutil.copytree(said / "keys", said.parent / "backup")
    run("forget", "H-2", "--data", said)
    shutil.rmtree(said / "keys")
    shutil.copytree(said.parent / "backup", said / "keys")
    shown = run("issue", "H-2", "--personal", "--format", "json", "--data", said)
    assert "did not know of 1 times" in shown.err
    assert [one["personal"] for one in shown.json] == [None]
    assert personal(run, said, "H-1") == [{"phone": "+1 617 555 0100"}]


def test_the_first_master_key_is_made_and_told_of_once(run: Any, data: Path, event: Any, lines: Any) -> None:
    events = [event(subject=f"H-{number}", data={"service": "pothole"}) for number in range(2)]
    assert "master key" not in run("publish", lines(events), "--data", data).err
    assert not (data / "keys").exists()
    told = [
        "master key was made" in run("publish", lines([line]), "--data", data).err
        for line in (
            event(subject="H-5", data={"service": "pothole", "personal": {"phone": "6175550100"}}),
            event(subject="H-6", data={"service": "pothole", "personal": {"phone": "6175550101"}}),
        )
    ]
    assert told == [True, False]
    for path, rights in (("keys", 0o700), ("keys/master.key", 0o600), ("keys/keys.sqlite", 0o600)):
        assert (data / path).stat().st_mode & 0o777 == rights


def test_the_master_key_is_rotated_and_the_old_one_retired(run: Any, said: Path) -> None:
    file = said / "keys" / "master.key"
    old = file.read_text().strip()
    rotated = run("master-key", "rotate", "--data", said)
    assert rotated.status == 0, rotated.err
    new, kept = file.read_text().split()
    assert (kept, len({new, kept})) == (old, 2)
    assert file.stat().st_mode & 0o777 == 0o600
    status = run("master-key", "status", "--format", "json", "--data", said).json
    # Two people, and what people are recognised by.
    assert [(one["wraps"], one["used"]) for one in status] == [(3, "for new keys"), (0, "until retired")]
    assert run("master-key", "retire", "--data", said).status == 0
    assert file.read_text().split() == [new]
    assert personal(run, said, "H-1") == [{"phone": "+1 617 555 0100"}]
    assert "1 key was deleted" in run("forget", "--data", said, given="6175550100\n").out


def test_a_master_key_in_a_variable_is_rotated_with_both_in_it(run: Any, data: Path, event: Any) -> None:
    old, new = new_master_key(), new_master_key()
    line = event(data={"service": "pothole", "personal": {"phone": "6175550100"}})
    run("publish", "-", "--data", data, given=line, env={"LIVELIHOOD_MASTER_KEY": old})
    alone = run("master-key", "rotate", "--data", data, env={"LIVELIHOOD_MASTER_KEY": old})
    assert (alone.status, "put a new one" in alone.err) == (2, True)
    both = run("master-key", "rotate", "--data", data, env={"LIVELIHOOD_MASTER_KEY": f"{new} {old}"})
    assert both.status == 0, both.err
    shown = run(
        *("issue", "H-1", "--personal", "--format", "json", "--data", data),
        env={"LIVELIHOOD_MASTER_KEY": new},
    )
    assert shown.json[0]["personal"] == {"phone": "6175550100"}
    config = run("config", "--data", data, env={"LIVELIHOOD_MASTER_KEY": new})
    assert new not in config.out


def test_without_the_master_key_nothing_is_read_and_it_is_said_what_is_missing(run: Any, said: Path) -> None:
    file = said / "keys" / "master.key"
    file.write_text(f"{new_master_key()}\n")
    shown = run("issue", "H-1", "--personal", "--data", said)
    assert shown.status == 3
    assert "were wrapped by the master key" in shown.err
    doctor = run("doctor", "--data", said)
    assert doctor.status == 3
    assert "wrapped by a master key that is not here" in " ".join(doctor.out.split())
    refused = run("master-key", "rotate", "--data", said)
    assert (refused.status, "Nothing was changed" in refused.err) == (3, True)
    # Statistics need no key.
    assert run("verify", "--data", said).status == 0
    # Whoever was forgotten can be told by an issue, even so.
    assert run("forget", "H-1", "--data", said).status == 0
    with SqliteVault(said / "keys") as vault:
        assert len(list(vault.items(PERSONS))) == 1


def test_a_vault_that_others_may_read_is_refused(run: Any, said: Path) -> None:
    (said / "keys").chmod(0o755)
    refused = run("forget", "H-1", "--data", said)
    assert refused.status == 3
    assert "chmod 700" in refused.err


def test_a_new_master_key_is_printed_and_another_each_time(run: Any) -> None:
    first, second = (parse_master_keys(run("master-key", "new").out) for _ in range(2))
    assert len(first) == 1
    assert first != second
