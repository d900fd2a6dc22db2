"""What sealing and forgetting cost: `python -m bench.sealing` on a vault in a folder and in a Valkey."""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backends.sealing.forgetting import Forgetting
from backends.sealing.master_keys import MasterKeys, new_master_key
from backends.sealing.people import People
from backends.sealing.sealer import PersonSealer
from backends.servers.valkey import Valkey
from backends.vaults.forgotten_file import ForgottenFile
from backends.vaults.redis_vault import RedisVault
from backends.vaults.sqlite_vault import SqliteVault
from livelihood.safekeeping import Vault

#: People whose first request is sealed one after the other, people there are when one is forgotten, and
#: how many are sealed at a time until then.
NEW, THERE, TOGETHER = 1_000, 50_000, 32


def measure(name: str, vault: Vault, folder: Path, size: Callable[[], int]) -> None:
    """Print one line for each thing that is done."""
    text = new_master_key()
    people = People(vault, MasterKeys(lambda: text))
    sealer, forgetting = PersonSealer(people), Forgetting(people, ForgottenFile(folder))

    def seal(number: int) -> str:
        clear = {"name": "Ann", "phone": f"138{number:08}", "text": "The lamp before the house is out. " * 5}
        return sealer.seal(clear, f"2026-{number}") or ""

    begun = time.perf_counter()
    sealed = [seal(number) for number in range(NEW)]
    print(f"{name}: {NEW / (time.perf_counter() - begun):,.0f} first requests sealed a second")
    begun = time.perf_counter()
    for number in range(NEW):
        seal(number)
    print(f"{name}: {NEW / (time.perf_counter() - begun):,.0f} further events sealed a second")
    begun = time.perf_counter()
    for number, one in enumerate(sealed):
        sealer.open(one, f"2026-{number}")
    print(f"{name}: {NEW / (time.perf_counter() - begun):,.0f} events opened a second")
    begun = time.perf_counter()
    with ThreadPoolExecutor(TOGETHER) as threads:
        list(threads.map(seal, range(NEW, THERE)))
    rate = (THERE - NEW) / (time.perf_counter() - begun)
    print(f"{name}: {rate:,.0f} first requests sealed a second, {TOGETHER} at a time")
    vault.scrub()
    print(f"{name}: {size() / THERE:,.0f} bytes a person with one issue, {THERE:,} of them")
    begun = time.perf_counter()
    forgetting.forget_person("13800000007")
    print(f"{name}: {time.perf_counter() - begun:.1f} s to forget one of {THERE:,}")


def main() -> None:
    """Measure both kinds of vault."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with SqliteVault(folder / "keys") as in_folder:
            measure("folder", in_folder, folder, lambda: in_folder.path.stat().st_size)
        (folder / "other").mkdir()
        server = Valkey(folder / "valkey")
        server.start()
        try:
            with RedisVault(server.url) as in_valkey:
                files = server.process.folder / "data"
                measure(
                    "Valkey",
                    in_valkey,
                    folder / "other",
                    lambda: sum(path.stat().st_size for path in files.rglob("*") if path.is_file()),
                )
        finally:
            server.process.kill()


if __name__ == "__main__":
    main()
