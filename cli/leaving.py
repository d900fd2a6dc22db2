"""`livelihood accounts link`, `pass` and `leave`: ways in without a password, and who acts for whom."""

from pathlib import Path

from cli.accounts import found_account
from cli.engine import open_engine
from cli.failures import REFUSED, USAGE, Failure
from cli.moments import moment_text, parse_moment
from cli.settings import PREFIX, load
from cli.terminal import notes, plain
from livelihood.instants import DAY
from web.accounts import Accounts, Right
from web.leave import Leave, Leaves
from web.passes import Passes, link


def run_link(name: str, days: int, *, data: Path | None, config: Path | None) -> None:
    """Print a link to an account's cases; Failure where it could do nothing there."""
    settings = load(config, data=data).settings
    if not settings.public_url:
        raise Failure(
            f"A link begins with the address of the pages: set `public_url` ({PREFIX}PUBLIC_URL).",
            USAGE,
        )
    with open_engine(settings) as engine:
        accounts = Accounts(engine.vault)
        account = found_account(accounts, name)
        if Right.ACT not in account.rights:
            raise Failure(
                f"A {account.role.value} has no cases: there is nothing a link could open.", REFUSED
            )
        token = Passes(engine.vault, accounts).make(account, engine.clock(), days * DAY)
    plain(link(settings.public_url.rstrip("/"), token))


def run_pass(name: str, days: int, *, data: Path | None, config: Path | None) -> None:
    """Print an account's pass, for a program."""
    with open_engine(load(config, data=data).settings) as engine:
        accounts = Accounts(engine.vault)
        account = found_account(accounts, name)
        plain(Passes(engine.vault, accounts).make(account, engine.clock(), days * DAY, is_program=True))


def run_leave(
    name: str, deputy: str | None, since: str | None, until: str | None, *,
    end: bool, data: Path | None, config: Path | None,
) -> None:  # fmt: skip
    """Hand over, or take back; Failure where that cannot be."""
    if end is not (deputy is None and until is None):
        raise Failure("Give --deputy and --until, or --end alone.", USAGE)
    with open_engine(load(config, data=data).settings) as engine:
        accounts = Accounts(engine.vault)
        account, leaves = found_account(accounts, name), Leaves(engine.vault, accounts)
        if end:
            was = leaves.end(account.name)
            notes().print(f"{account.name} acts again." if was else f"{account.name} is not on leave.")
            return
        if deputy is None or until is None:
            raise Failure("Give both --deputy and --until.", USAGE)
        other = found_account(accounts, deputy)
        if other.name not in leaves.deputies(account.name):
            raise Failure(f"--deputy: {other.name} may not act itself, or is the same account.", USAGE)
        now, zone = engine.clock(), engine.zone
        begins = now if since is None else parse_moment(since, zone, "--since")
        ends = parse_moment(until, zone, "--until")
        if ends <= max(begins, now):
            raise Failure("--until: must be after --since, and still to come.", USAGE)
        leaves.put(Leave(account=account.name, deputy=other.name, since=begins, until=ends))
        notes().print(f"{other.name} acts for {account.name} until {moment_text(ends, zone)}.")
