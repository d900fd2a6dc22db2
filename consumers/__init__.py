"""Everything that reads: tables and their queries, and the alerts.

    operations  how far the work has come, and what wants a hand
    audit       who read what people said of themselves

A consumer never changes an issue, a row or a timer; it sums partitions, rolls up and shows.

May import: livelihood, web.
Must not import: backends, streams, producers, cli. What it reads from is handed to it as a port.
"""
