"""Everything that publishes request events: the importers, the HTTP gateway, the publisher client.

A producer checks what comes in, refuses what is wrong with a clear reason, and says "accepted" only
when the log holds the event durably.

May import: livelihood, web.
Must not import: backends, streams, consumers, cli. The log it writes to is handed to it as a port.
"""
