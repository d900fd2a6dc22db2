"""States in Redis or Valkey, one server or a cluster: what workers keep of their partitions.

All keys of a partition share a hash tag, so they are on one node, and a Commit is one script, applied
whole or not at all. States of issues that wait for nothing are kept elsewhere (`ColdStates`),
and only where they are stays here. docs/redis.md has the keys and what is lost when.

    server.py       connections, scripts, what to do when something is wrong
    checks.py       whether a server keeps what it is given
    keys.py         names of keys, and what is said in them
    cold.py         the port for states kept elsewhere
    reads.py        everything that is read, by workers and by everybody else
    plan.py         a Commit as the script wants it
    store.py        what a worker keeps, committed whole or not at all
    reader.py       what everybody else reads
    discarding.py   what is kept of partitions removed, so that it is made again
    scripts/        the scripts, in Lua

May import: livelihood, backends.checks, redis. Must not import: other backends.
"""
