"""The tables of the two files. A change here needs a new version and a way up from the old one.

Two files, because a file has one writer at a time: any process may append while the worker commits.
Page sizes and the order of rows were chosen by measuring a replay of Boston's half year: states lie in
the order they came, so that the issues of a season share pages whatever their ids look like (random
ids cost half as much again, and twice as much again where rows were ordered by id).
"""

from dataclasses import dataclass, field

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Schema:
    """One file: its tables and how it is opened."""

    file: str
    #: Kept in PRAGMA user_version.
    version: int
    page_bytes: int
    #: Pages in memory, for a process that writes.
    cache_bytes: int
    #: The write-ahead log is copied into the file when it is this long. Long: a page changed by many
    #: commits is copied once.
    wal_bytes: int
    ddl: str
    #: What to do when the file is damaged.
    rescue: str
    #: Version -> what makes of a file of that version one of the next.
    upgrades: dict[int, str] = field(default_factory=dict)


LOG = Schema(
    file="log.sqlite",
    version=1,
    page_bytes=16 * 1024,
    cache_bytes=8 * MEBIBYTE,
    wal_bytes=8 * MEBIBYTE,
    rescue="restore it from a backup",
    ddl="""
    -- Records in the groups they were appended in, packed: three times as fast to read as a row each.
    CREATE TABLE records (last INTEGER PRIMARY KEY, packed BLOB NOT NULL);
    -- One row: the offset the next record gets, and the latest live append time.
    CREATE TABLE head (next_offset INTEGER NOT NULL, live INTEGER NOT NULL);
    INSERT INTO head VALUES (0, 0);
    -- How many records of each import there are.
    CREATE TABLE runs (run TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE catalogues ("offset" INTEGER PRIMARY KEY, value BLOB NOT NULL);
    -- Ids are looked for beside their key, which groups them: alone they are as good as random, and
    -- each would touch a page of its own.
    CREATE TABLE alerts (
        place INTEGER PRIMARY KEY, "key" TEXT NOT NULL, id TEXT NOT NULL, value BLOB NOT NULL,
        UNIQUE ("key", id));
    CREATE TABLE dead_letters (
        place INTEGER PRIMARY KEY, "key" TEXT NOT NULL, id TEXT NOT NULL, value BLOB NOT NULL,
        UNIQUE ("key", id));
    -- Events the processor sent back into the log.
    CREATE TABLE returned (
        "key" TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY ("key", id)) WITHOUT ROWID;
    """,
)

_NUMBERS = """
    -- By which numbers a channel finds its issues.
    CREATE TABLE numbers (
        channel TEXT NOT NULL, number TEXT NOT NULL, issue TEXT NOT NULL,
        PRIMARY KEY (channel, number, issue)) WITHOUT ROWID;
    """

STATE = Schema(
    file="state.sqlite",
    version=2,
    page_bytes=8 * 1024,
    cache_bytes=64 * MEBIBYTE,
    wal_bytes=64 * MEBIBYTE,
    rescue="remove it while nothing runs: it is made again from the log",
    ddl="""
    -- One row. committed_epoch is the epoch of the last commit; numbers up to sent have left the outbox
    -- and are not given again; born tells this file from one made anew.
    CREATE TABLE position (
        epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, committed_epoch INTEGER NOT NULL,
        next_offset INTEGER NOT NULL, generation INTEGER NOT NULL, movement_bytes INTEGER NOT NULL,
        sent INTEGER NOT NULL, ledger BLOB NOT NULL, born TEXT NOT NULL);
    INSERT INTO position VALUES (0, 0, 0, 0, 0, 0, 0, x'', lower(hex(randomblob(8))));
    -- What commits changed by issue and is not in the table of states yet (recent.py); generation
    -- counts how often these were replaced.
    CREATE TABLE recent (sequence INTEGER PRIMARY KEY, changes BLOB NOT NULL);
    CREATE TABLE clocks (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE states (
        issue TEXT NOT NULL UNIQUE,
        -- The timer: which clock's, and when it is due.
        clock INTEGER, wake INTEGER,
        -- The latest time an event was recorded that claims an earlier one; since when it is an orphan.
        late INTEGER, orphan INTEGER,
        state BLOB NOT NULL);
    CREATE INDEX timers ON states (clock, wake, issue) WHERE wake IS NOT NULL;
    CREATE INDEX lates ON states (late) WHERE late IS NOT NULL;
    CREATE INDEX orphans ON states (orphan) WHERE orphan IS NOT NULL;
    CREATE TABLE archive (
        issue TEXT NOT NULL, segment INTEGER NOT NULL, events BLOB NOT NULL,
        PRIMARY KEY (issue, segment)) WITHOUT ROWID;
    CREATE TABLE dimensions (id INTEGER PRIMARY KEY, packed BLOB NOT NULL);
    CREATE TABLE shapes (id INTEGER PRIMARY KEY, packed BLOB NOT NULL);
    CREATE TABLE rows (
        dimensions INTEGER NOT NULL, month TEXT NOT NULL, measures BLOB NOT NULL,
        PRIMARY KEY (dimensions, month)) WITHOUT ROWID;
    -- Pages of one size, the last padded; position.movement_bytes says where they end.
    CREATE TABLE movements (page INTEGER PRIMARY KEY, entries BLOB NOT NULL);
    -- What each commit sends, packed, under the number of the last of it.
    CREATE TABLE outbox (last INTEGER PRIMARY KEY, packed BLOB NOT NULL);
    """
    + _NUMBERS,
    # The new version of the fold has every issue worked on again, which fills the table.
    upgrades={1: _NUMBERS},
)
