"""The embedded engine: log, states, rows, timers, outbox and offsets in two SQLite files of one folder.

Any process may append and read; one, which holds the lease, works. The folder must be on a local
disk: SQLite's write-ahead log and the lease need its locks. An object belongs to the process that made
it (never across a fork) and serves one thread at a time.

    files.py    the folder, connections, transactions, what to do when something is wrong
    schema.py   the tables of both files
    log.py      the event log and the topics of alerts and dead letters
    store.py    what the worker keeps, committed whole or not at all
    recent.py   what commits changed lately by issue, not in the table of states yet
    folding.py  how that gets into the table
    states.py   finding states and timers in both
    tables.py   names, rows and archives
    outbox.py   what each commit sends out
    pages.py    movements, appended in pages
    reader.py   what everybody else reads
    lease.py    who works

May import: livelihood, backends.checks. Must not import: other backends.
"""
