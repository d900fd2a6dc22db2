"""The technologies behind the domain's ports, one package for each.

    sqlite     the embedded engine
    kafka      the log, the alerts and what was published, of the distributed engine
    redis      states, rows and timers, of the distributed engine
    vaults     where keys and accounts are kept, apart from the data
    sealing    personal data sealed, opened and forgotten
    webhooks   messages delivered: by webhook, mail and chat
    servers    Kafka and Valkey started from packages
    checks.py  what every engine checks before it writes

A backend keeps what it is given, whole or not at all, and gives it back; it decides nothing about
issues or deadlines. The same conformance suite runs on both engines, and one on all vaults.

May import: livelihood, and the client library of its own technology.
Must not import: streams, producers, consumers, web, cli.
"""
