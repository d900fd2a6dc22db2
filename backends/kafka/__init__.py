"""Apache Kafka behind the ports: the log, the outlet, what was published, and states nothing is due for.

    connection.py    who and where: clients with the same options, and what their errors mean
    topics.py        the topics: names, how each is kept, making and checking them
    ends.py          how far a partition can be read, and how far it is written
    reading.py       one partition read in order, the next records fetched ahead
    writing.py       records appended durably, and transactions
    records.py       a record of the log as a message and back
    latest.py        a compacted topic as a dictionary
    progress.py      how far imports and outlets have come
    log.py           the port EventLog
    outlet.py        the port Outlet
    published.py     the port Published
    forgotten.py     the port ForgottenList
    group.py         how Kafka shares partitions out among workers
    members.py       who takes part in that, asked from outside
    closed.py        states kept outside Redis
    rekeying.py      the log copied to another number of partitions

docs/kafka.md explains what is promised and why. May import: livelihood. Must not import: other backends.
"""
