"""The domain: events, issues, services, standards, commitments, deadlines, rows and alerts.

What lives here are values and pure functions over them, and the ports (event log, state store,
table reader, key store) that the outside world must offer. There is no I/O, no clock reading and
no framework: time is always an argument, and the same arguments always give the same answer.

May import: the standard library (without its clocks, files and sockets), pydantic, msgspec.
Imported by: every other package.
"""
