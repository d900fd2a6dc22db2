"""Apache Kafka and Valkey as servers of this machine, started from packages, for where there is no Docker.

    packages.py  the programs: a Java, the jars of Kafka, a Valkey; what is already there is used if it fits
    process.py   a program in the background, known by files in its folder
    kafka.py     one Kafka broker in KRaft mode
    valkey.py    one Valkey with an append-only file
    security.py  what a broker needs to ask who one is

They listen on the loopback interface only. A server's data, log and ports stay in its folder, so that it can
be started again by whoever knows the folder.

May import: livelihood. Must not import: other backends.
"""
