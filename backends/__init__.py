"""The technologies behind the domain's ports, one package for each: sqlite, kafka, redis, vaults, sealing.

A backend keeps what it is given, whole or not at all, and gives it back; it decides nothing about
issues or deadlines. The same conformance suite runs on each of them.

May import: livelihood, and the client library of its own technology.
Must not import: streams, producers, consumers, web, cli.
"""
