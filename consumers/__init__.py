"""Everything that reads: tables and their queries, and the alerts.

A consumer never changes an issue, a row or a timer; it sums partitions, rolls up and shows.

May import: livelihood, web.
Must not import: backends, streams, producers, cli. What it reads from is handed to it as a port.
"""
